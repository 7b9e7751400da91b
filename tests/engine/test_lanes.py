"""Chats and suggestions side by side: who waits, who goes on, and what the next turn of a chat costs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from engine.asking import LONG, WARM, Answer, ask, collect, options, prompt

from coder_tui.core.events import Delta, Finished, StopReason
from coder_tui.core.prompt import Limits, Prompt, Purpose, Segment
from coder_tui.engine.client import LlamaEngine


def _beside(engine: LlamaEngine, chat: Answer, work: Callable[[], None]) -> None:
    """Do something as soon as a long chat is being answered; the chat is then followed to its end."""
    generation = engine.generate(prompt("x = "), WARM, Limits(600), Purpose.CHAT)
    begun = threading.Event()

    def follow() -> None:
        for event in generation:
            if isinstance(event, Delta):
                chat.deltas.append(event.text)
                begun.set()
            elif isinstance(event, Finished):
                chat.finished.append(event)

    thread = threading.Thread(target=follow)
    thread.start()
    begun.wait()
    work()
    thread.join()


def test_a_chat_goes_on_as_if_there_had_been_no_suggestion(long_engine: LlamaEngine) -> None:
    alone = collect(long_engine.generate(prompt("x = "), WARM, Limits(600), Purpose.CHAT))
    suggestions: list[str] = []
    chat = Answer()

    def suggest() -> None:
        for length in (300, 310, 900):
            answer = ask(long_engine, LONG[:length], max_tokens=20)
            assert answer.reason is StopReason.LENGTH
            suggestions.append(answer.text)

    _beside(long_engine, chat, suggest)
    assert (chat.text, chat.reason) == (alone.text, StopReason.LENGTH)
    assert suggestions == [ask(long_engine, LONG[:length], max_tokens=20).text for length in (300, 310, 900)]


def test_a_suggestion_does_not_wait_for_the_prompt_of_a_chat(long_engine: LlamaEngine) -> None:
    chat = long_engine.generate(prompt(LONG), WARM, Limits(1), Purpose.CHAT)
    events = iter(chat)
    next(events)
    assert ask(long_engine, "y = ", max_tokens=3).reason is StopReason.LENGTH
    chat.cancel()
    assert collect(events).reason is StopReason.CANCELLED, "the chat's prompt was evaluated first"


def test_going_to_another_file_does_not_wait_for_an_answer(long_engine: LlamaEngine, tmp_path: Path) -> None:
    alone = collect(long_engine.generate(prompt("x = "), WARM, Limits(600), Purpose.CHAT))
    read = ask(long_engine, LONG[:900]).usage.prompt_tokens
    chat, kept = Answer(), list[tuple[int, int]]()

    def go_and_come_back() -> None:
        path = tmp_path / "file.kv"
        saved = long_engine.save_state(Purpose.SUGGEST, path, 10**9)
        ask(long_engine, LONG[2000:2500])
        kept.append((saved, long_engine.restore_state(Purpose.SUGGEST, path)))
        assert not chat.finished, "the answer came first"
        assert ask(long_engine, LONG[:900]).usage.evaluated_tokens == 1

    _beside(long_engine, chat, go_and_come_back)
    assert kept[0][0] == kept[0][1] >= read
    assert (chat.text, chat.reason) == (alone.text, StopReason.LENGTH)


def test_a_suggestion_ends_what_is_computed_ahead(long_engine: LlamaEngine) -> None:
    ahead = iter(long_engine.generate(prompt(LONG), WARM, Limits(0), Purpose.AHEAD))
    next(ahead)
    assert ask(long_engine, "y = ", max_tokens=3).reason is StopReason.LENGTH
    assert collect(ahead).reason is StopReason.CANCELLED


def test_reading_a_file_ahead_makes_its_first_suggestion_cheap(long_engine: LlamaEngine) -> None:
    warm = collect(long_engine.generate(prompt(LONG[:900]), WARM, Limits(0), Purpose.AHEAD))
    assert (warm.reason, warm.text) == (StopReason.LENGTH, "")
    assert ask(long_engine, LONG[:900] + "x").usage.evaluated_tokens == 1


def test_a_chat_does_not_push_the_file_out(long_engine: LlamaEngine) -> None:
    ask(long_engine, LONG[:900])
    collect(long_engine.generate(prompt(LONG[50:3000]), WARM, Limits(5), Purpose.CHAT))
    assert ask(long_engine, LONG[:900]).usage.evaluated_tokens == 1


def test_no_result_in_time_is_none(long_engine: LlamaEngine) -> None:
    answer = collect(long_engine.generate(prompt(LONG), WARM, Limits(5, max_wait_ms=1)))
    assert (answer.reason, answer.text) == (StopReason.DEADLINE, "")
    in_time = collect(long_engine.generate(prompt("x"), WARM, Limits(5, max_wait_ms=60_000)))
    assert in_time.reason is StopReason.LENGTH


@pytest.mark.parametrize("separator", [(Segment("any", 3),), ()], ids=["special token", "text"])
@pytest.mark.parametrize("cut_off", ["", "\n \n"])
def test_the_next_turn_of_a_chat_costs_what_is_new_in_it(
    engine: LlamaEngine, separator: tuple[Segment, ...], cut_off: str
) -> None:
    question = Segment("Question: why?\nAnswer:")
    asked = Prompt((question,), "return self print def foo" + cut_off + "return self")
    answer = collect(engine.generate(asked, WARM, Limits(12), Purpose.CHAT))
    new = "\nQuestion: and now?\nAnswer:"
    if separator:
        segments = (Segment(question.text + answer.text.rstrip()), *separator, Segment(new))
    else:
        segments = (Segment(question.text + answer.text.rstrip() + new),)
    usage = collect(engine.generate(Prompt(segments), WARM, Limits(1), Purpose.CHAT)).usage
    white = len(answer.text) - len(answer.text.rstrip())
    assert usage.evaluated_tokens <= len(engine.tokenize(Segment(new))) + len(separator) + 2 + white


def test_an_answer_that_was_edited_is_evaluated_from_there(engine: LlamaEngine) -> None:
    question = Segment("Question: why?\nAnswer:")
    answer = collect(engine.generate(Prompt((question,), "return self print"), WARM, Limits(9), Purpose.CHAT))
    edited = Segment(question.text + answer.text[:3] + "EDITED")
    usage = collect(engine.generate(Prompt((edited,)), WARM, Limits(9), Purpose.CHAT)).usage
    assert usage.prompt_tokens == len(engine.tokenize(edited))
    assert len(engine.tokenize(question)) <= usage.cached_tokens <= len(engine.tokenize(question)) + 3


def test_what_a_chat_wrote_changes_no_other_prompt(engine: LlamaEngine) -> None:
    question, text = Segment("Answer:"), "Answer:return self print"
    before = engine.tokenize(Segment(text))
    collect(engine.generate(Prompt((question,), "return self print"), WARM, Limits(9), Purpose.CHAT))
    assert engine.tokenize(Segment(text)) == before
    assert ask(engine, text, max_tokens=0).usage.prompt_tokens == len(before)


def test_each_purpose_has_its_window(engine: LlamaEngine, tiny_deepseek: Path) -> None:
    engine.load(replace(options(tiny_deepseek, context_tokens=1024), suggest_tokens=512))
    assert engine.window(Purpose.CHAT) == 1024
    assert {engine.window(purpose) for purpose in Purpose if purpose is not Purpose.CHAT} == {512}
    assert ask(engine, "x" * 100, max_tokens=2000).usage.completion_tokens <= 512 - 100 + 1
