"""Requests to a worker with a tiny model: what is generated, what ends it, what it says of itself."""

from __future__ import annotations

import string
import threading
from pathlib import Path

import pytest
import tiny
from engine.asking import LONG, WARM, ask, collect, options, prompt

from coder_tui.core.errors import EngineError, PromptTooLongError
from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.client import LlamaEngine

GREEDY = Sampling()
FLAT = Sampling(temperature=50.0, top_k=0, top_p=1.0, min_p=0.0, seed=4)
"""All tokens nearly equally likely, the special ones too."""
ORDINARY = len(tiny.vocabulary(())[0])
"""Ids below are text, those from here on special tokens."""


def test_a_generation_ends_with_one_finished(engine: LlamaEngine) -> None:
    answer = ask(engine, "def f():", max_tokens=20)
    assert answer.text
    assert [finished.reason for finished in answer.finished] == [StopReason.LENGTH]
    assert answer.usage.completion_tokens == 20


def test_max_tokens(engine: LlamaEngine) -> None:
    for count in (0, 1, 2, 33):
        answer = ask(engine, "def f():", max_tokens=count)
        assert (answer.reason, answer.usage.completion_tokens) == (StopReason.LENGTH, count)


def test_times(engine: LlamaEngine) -> None:
    usage = ask(engine, "def f():", max_tokens=30).usage
    assert usage.ttft_ms > 0
    assert usage.tokens_per_second > 0
    nothing = ask(engine, "def f():", max_tokens=0).usage
    assert (nothing.ttft_ms, nothing.tokens_per_second) == (0, 0)


def test_progress_leads_to_the_whole_prompt(engine: LlamaEngine) -> None:
    answer = ask(engine, LONG[:1500])
    done = [done for done, _ in answer.progress]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, answer.usage.prompt_tokens)
    assert {total for _, total in answer.progress} == {answer.usage.prompt_tokens}


def test_text_comes_in_whole_characters(engine: LlamaEngine) -> None:
    answer = ask(engine, prompt("x", forced="🦙漢é" * 4), max_tokens=80)
    assert answer.text.startswith("🦙漢é" * 4)
    for delta in answer.deltas[:12]:
        assert "\ufffd" not in delta


def test_a_seed_gives_the_same_again(engine: LlamaEngine) -> None:
    assert ask(engine, "x = ", max_tokens=40).text == ask(engine, "x = ", max_tokens=40).text


@pytest.mark.parametrize("seed", [0, -1, 2**32 - 1, 2**40, -(2**70)])
def test_every_whole_number_is_a_seed(engine: LlamaEngine, seed: int) -> None:
    sampling = Sampling(temperature=2.0, seed=seed)
    first = ask(engine, "x = ", sampling, max_tokens=40).text
    assert ask(engine, "x = ", sampling, max_tokens=40).text == first


def test_other_seeds_and_no_seed_give_something_else(engine: LlamaEngine) -> None:
    seeds: list[int | None] = [1, 2, None, None]
    texts = {ask(engine, "x = ", Sampling(temperature=2.0, seed=seed), max_tokens=40).text for seed in seeds}
    assert len(texts) == len(seeds)


def test_greedy_takes_no_notice_of_the_rest(engine: LlamaEngine) -> None:
    one = ask(engine, "x = ", GREEDY, max_tokens=40)
    other = ask(engine, "x = ", Sampling(0.0, top_k=3, top_p=0.1, min_p=0.9, seed=99), max_tokens=40)
    assert one.text == other.text
    assert ask(engine, "x = ", Sampling(1.0, top_k=1, seed=5), max_tokens=40).text == one.text


def test_an_end_token_ends_and_is_not_shown(engine: LlamaEngine) -> None:
    answer = ask(engine, "x", FLAT, max_tokens=1900, stop_tokens=frozenset([ORDINARY + tiny.DEEPSEEK.index("<|EOT|>")]))
    assert answer.reason is StopReason.END
    assert 0 < answer.usage.completion_tokens < 1900
    assert not any(special in answer.text for special in tiny.DEEPSEEK)


def test_stop_tokens_end_and_are_not_shown(engine: LlamaEngine) -> None:
    answer = ask(engine, "x", stop_tokens=frozenset(range(ORDINARY + 6)))
    assert (answer.reason, answer.text, answer.usage.completion_tokens) == (StopReason.END, "", 0)
    free = ask(engine, "x", FLAT, max_tokens=60)
    letters = frozenset(token for letter in string.ascii_letters for token in engine.tokenize(Segment(letter)))
    stopped = ask(engine, "x", FLAT, max_tokens=60, stop_tokens=letters)
    assert stopped.reason is StopReason.END
    assert free.text.startswith(stopped.text)
    assert free.text[len(stopped.text)] in string.ascii_letters


def test_a_stop_string_ends_and_is_not_shown(engine: LlamaEngine) -> None:
    free = ask(engine, "x", FLAT, max_tokens=60).text
    for stop in (free[10:13], free[20], free[-2:]):
        answer = ask(engine, "x", FLAT, max_tokens=60, stop_strings=("no such text", stop))
        assert answer.reason is StopReason.STOP
        assert answer.text == free[: free.index(stop)]


def test_a_stop_string_that_does_not_come_hides_nothing(engine: LlamaEngine) -> None:
    free = ask(engine, "x", FLAT, max_tokens=60).text
    assert ask(engine, "x", FLAT, max_tokens=60, stop_strings=(free[-3:] + "and more",)).text == free


def test_a_full_window(engine: LlamaEngine, tiny_deepseek: Path) -> None:
    engine.load(options(tiny_deepseek, context_tokens=256))
    window = engine.window(Purpose.SUGGEST)
    answer = ask(engine, "a b " * 50, Sampling(), max_tokens=5000)
    assert answer.reason is StopReason.WINDOW
    assert answer.usage.prompt_tokens + answer.usage.completion_tokens == window + 1
    assert ask(engine, "a b " * 50, max_tokens=5).reason is StopReason.LENGTH


def test_a_prompt_that_does_not_fit(engine: LlamaEngine, tiny_deepseek: Path) -> None:
    engine.load(options(tiny_deepseek, context_tokens=256))
    window = engine.window(Purpose.SUGGEST)
    with pytest.raises(PromptTooLongError, match=f"{window} tokens, the window {window}"):
        ask(engine, "!" * window)
    assert ask(engine, "!" * (window - 1), max_tokens=9).reason is StopReason.WINDOW


def test_an_empty_prompt(engine: LlamaEngine) -> None:
    with pytest.raises(EngineError, match="empty"):
        ask(engine, Prompt(()))
    assert ask(engine, "x").finished


@pytest.mark.parametrize("token", [ORDINARY + 6, 2**31 - 1, -1])
def test_a_token_that_the_vocabulary_lacks(engine: LlamaEngine, token: int) -> None:
    with pytest.raises(EngineError):
        ask(engine, Prompt((Segment("x"), Segment("?", token))))
    assert ask(engine, "x").text


def test_special_tokens_are_given_by_id(engine: LlamaEngine) -> None:
    segments = (Segment("", ORDINARY), Segment("ab"), Segment("", ORDINARY + 2))
    assert engine.tokenize(*segments) == [ORDINARY, *engine.tokenize(Segment("ab")), ORDINARY + 2]
    assert ask(engine, Prompt(segments)).usage.prompt_tokens == 4


def test_a_deadline_inside_the_prompt(long_engine: LlamaEngine) -> None:
    cold = ask(long_engine, "def g():\n    ", max_tokens=20)
    answer = ask(long_engine, LONG, t_max_ms=60)
    assert (answer.reason, answer.text) == (StopReason.DEADLINE, "")
    assert answer.usage.evaluated_tokens < answer.usage.prompt_tokens - answer.usage.cached_tokens
    assert ask(long_engine, "def g():\n    ", max_tokens=20).text == cold.text


def test_a_deadline_inside_the_generation(long_engine: LlamaEngine) -> None:
    answer = ask(long_engine, "def g():\n", GREEDY, max_tokens=60_000, t_max_ms=200)
    assert answer.reason is StopReason.DEADLINE
    assert 0 < answer.usage.completion_tokens < 60_000


def test_a_deadline_that_has_passed_already(engine: LlamaEngine) -> None:
    assert ask(engine, LONG[:1000], t_max_ms=0).reason is StopReason.DEADLINE
    assert ask(engine, LONG[:1000], t_max_ms=60_000).reason is StopReason.LENGTH


def test_tokenizing_while_generating(engine: LlamaEngine) -> None:
    texts = [f"def f{n}(x):\n    return {n}\n" for n in range(50)]
    known = [engine.tokenize(Segment(text)) for text in texts]
    alone = ask(engine, "x = ", max_tokens=1500)
    answers: list[list[int]] = []
    thread = threading.Thread(target=lambda: answers.extend(engine.tokenize(Segment(text)) for text in texts))
    running = collect(
        engine.generate(prompt("x = "), WARM, Limits(1500)),
        lambda answer: thread.start() if len(answer.deltas) == 1 and thread.ident is None else None,
    )
    thread.join()
    assert answers == known
    assert running.text == alone.text


def test_two_threads_take_turns(engine: LlamaEngine) -> None:
    alone = {text: ask(engine, text, max_tokens=100).text for text in ("one = ", "two = ")}
    together: dict[str, list[str]] = {text: [] for text in alone}

    def repeat(text: str) -> None:
        together[text] += [ask(engine, text, max_tokens=100).text for _ in range(5)]

    threads = [threading.Thread(target=repeat, args=(text,)) for text in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {text: [answer] * 5 for text, answer in alone.items()}


def test_stats(engine: LlamaEngine) -> None:
    usage = ask(engine, "x = y", GREEDY, max_tokens=4).usage
    report = engine.stats()
    assert report.pid == engine.pid
    assert report.cached_tokens == usage.prompt_tokens + 3  # the last token is never evaluated
    assert report.rss_bytes > 10 << 20
    assert any("CPU" in device for device in report.devices)


def test_another_vocabulary_after_another_load(engine: LlamaEngine, tiny_qwen: Path) -> None:
    ask(engine, prompt("x", forced="retu"), WARM)
    engine.load(options(tiny_qwen))
    assert ask(engine, prompt("x", forced="retu")).text.startswith("retu")
