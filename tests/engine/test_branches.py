"""Several answers to one prompt, drawn side by side."""

from __future__ import annotations

from engine.asking import ask, prompt

from coder_tui.core.events import Delta, Finished, StopReason
from coder_tui.core.prompt import Limits, Sampling
from coder_tui.engine.client import LlamaEngine


def drawn(engine: LlamaEngine, choices: int, tokens: int = 12, text: str = "x = ") -> tuple[dict[int, str], Finished]:
    sampling = Sampling(temperature=0.8, seed=7, choices=choices)
    texts: dict[int, str] = {}
    ends: dict[int, StopReason] = {}
    for event in engine.generate(prompt(text), sampling, Limits(tokens)):
        if isinstance(event, Delta):
            texts[event.choice] = texts.get(event.choice, "") + event.text
            if event.end is not None:
                assert event.choice not in ends
                ends[event.choice] = event.end
        elif isinstance(event, Finished):
            assert set(ends) == set(range(choices))
            return texts, event
    raise AssertionError


def test_each_is_as_if_it_had_been_drawn_alone(engine: LlamaEngine) -> None:
    texts, end = drawn(engine, 3)
    assert (end.reason, end.usage.completion_tokens) == (StopReason.END, 36)
    alone = []
    for number in range(3):
        sampling = Sampling(temperature=0.8, seed=7 + number)
        events = engine.generate(prompt("x = "), sampling, Limits(12))
        alone.append("".join(event.text for event in events if isinstance(event, Delta)))
    assert [texts[number] for number in range(3)] == alone
    assert len(set(alone)) > 1


def test_the_prompt_stays_in_the_cache(engine: LlamaEngine) -> None:
    before = ask(engine, "abc " * 50, max_tokens=8).text
    _, end = drawn(engine, 4, text="abc " * 50)
    assert end.usage.evaluated_tokens <= 1
    again = ask(engine, "abc " * 50, max_tokens=8)
    assert again.text == before
    assert again.finished[0].usage.evaluated_tokens <= 1


def test_one_of_them_can_be_ended(engine: LlamaEngine) -> None:
    generation = engine.generate(prompt("x = "), Sampling(temperature=0.8, seed=7, choices=2), Limits(400))
    lengths = {0: 0, 1: 0}
    ends: dict[int, StopReason] = {}
    for event in generation:
        if isinstance(event, Delta):
            lengths[event.choice] += 1
            generation.cancel(0)
            if event.end is not None:
                ends[event.choice] = event.end
    assert ends[0] is StopReason.CANCELLED
    assert lengths[0] < lengths[1]


def test_a_full_window_ends_them(engine: LlamaEngine) -> None:
    sampling = Sampling(temperature=0.8, seed=7, choices=4)
    *_, end = engine.generate(prompt("x = "), sampling, Limits(4000))
    assert isinstance(end, Finished)
    assert end.reason is StopReason.WINDOW
    assert ask(engine, "x = ", max_tokens=3).reason is StopReason.LENGTH


def test_all_of_them_can_be_cancelled(engine: LlamaEngine) -> None:
    generation = engine.generate(prompt("x = "), Sampling(temperature=0.8, seed=7, choices=3), Limits(400))
    reason = None
    for event in generation:
        generation.cancel()
        reason = event.reason if isinstance(event, Finished) else None
    assert reason is StopReason.CANCELLED
