"""The scripted engine, and that it behaves like the real one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from engine.asking import Answer, ask, collect, prompt
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core.errors import EngineDiedError, EngineError, PromptTooLongError
from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.base import Engine
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.scripted import ScriptedEngine

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
GREEDY = Sampling()


@pytest.fixture(params=["llama", "scripted"])
def either(request: pytest.FixtureRequest) -> Engine:
    """What is true of both is what an engine is."""
    if request.param == "llama":
        engine: LlamaEngine = request.getfixturevalue("engine")
        return engine
    return ScriptedEngine(["answer " * 400] * 9, context_tokens=2048)


def test_the_last_event_is_finished(either: Engine) -> None:
    answer = ask(either, "def f():", GREEDY, max_tokens=10)
    assert (len(answer.finished), answer.reason) == (1, StopReason.LENGTH)
    assert answer.usage.completion_tokens == 10
    assert answer.progress[-1] == (answer.usage.prompt_tokens,) * 2
    assert answer.usage.prompt_tokens == len(either.tokenize(Segment("def f():")))


def test_a_prompt_is_cached(either: Engine) -> None:
    ask(either, "def f():\n    return 1", GREEDY)
    usage = ask(either, "def f():\n    return 1", GREEDY).usage
    assert (usage.cached_tokens, usage.evaluated_tokens) == (usage.prompt_tokens - 1, 1)


def test_the_window(either: Engine) -> None:
    free = either.window(Purpose.SUGGEST) - len(either.tokenize(Segment("x = y")))
    answer = ask(either, "x = y", GREEDY, max_tokens=free + 100, stop_strings=())
    if answer.reason is StopReason.WINDOW:
        assert answer.usage.completion_tokens == free + 1
    else:
        assert answer.reason is StopReason.END
    with pytest.raises(PromptTooLongError):
        ask(either, "\x01" * 4 * 2048, GREEDY)


def test_cancelling(either: Engine) -> None:
    generation = either.generate(prompt("x"), GREEDY, Limits(1500))
    answer = collect(generation, lambda answer: generation.cancel() if len(answer.deltas) == 3 else None)
    assert (len(answer.finished), answer.reason) == (1, StopReason.CANCELLED)
    early = either.generate(prompt("x"), GREEDY, Limits(1500))
    early.cancel()
    assert collect(early).usage.completion_tokens == 0


def test_special_tokens(either: Engine) -> None:
    assert either.tokenize(Segment("any", 7), Segment("", 3)) == [7, 3]
    assert either.tokenize() == []


@pytest.mark.parametrize("wrong", [Prompt(()), Prompt((Segment(""),))])
def test_an_empty_prompt(either: Engine, wrong: Prompt) -> None:
    with pytest.raises(EngineError):
        ask(either, wrong)


def test_answers_come_in_their_order() -> None:
    with ScriptedEngine(["one", ["t", "w", "o"], "", EngineDiedError("it died"), "after"]) as engine:
        assert ask(engine, "a").text == "one"
        second = ask(engine, "b")
        assert (second.deltas, second.reason, second.usage.completion_tokens) == (["t", "w", "o"], StopReason.END, 3)
        assert ask(engine, "c").deltas == []
        with pytest.raises(EngineDiedError, match="it died"):
            ask(engine, "d")
        assert ask(engine, "e").text == "after"
        with pytest.raises(EngineError, match="no more"):
            ask(engine, "f")
    with pytest.raises(EngineError, match="closed"):
        ask(engine, "g")


def test_requests_are_recorded() -> None:
    engine = ScriptedEngine(["x", "y"])
    wanted, sampling, limits = prompt("p", forced="f"), Sampling(0.5, seed=3), Limits(9, stop_strings=("s",))
    collect(engine.generate(wanted, sampling, limits))
    engine.generate(wanted, sampling, limits)  # never iterated: never asked
    ask(engine, "q")
    assert engine.requests[0] == (wanted, sampling, limits, Purpose.SUGGEST)
    assert [request[0].segments[0].text for request in engine.requests] == ["p", "q"]


@pytest.mark.parametrize(
    ("chunks", "stop", "text"),
    [
        (["ab", "cd", "ef"], "cd", "ab"),
        (["ab", "cd", "ef"], "bc", "a"),
        (["ab", "\n", "\nc"], "\n\n", "ab"),
        (["a"], "b", "a"),
    ],
)
def test_stop_strings(chunks: list[str], stop: str, text: str) -> None:
    answer = ask(ScriptedEngine([chunks]), "x", stop_strings=(stop,))
    assert answer.text == text
    assert answer.reason is (StopReason.STOP if stop in "".join(chunks) else StopReason.END)


def test_leaving_and_asking_again() -> None:
    engine = ScriptedEngine(["a long answer", "short"])
    for _ in engine.generate(prompt("x"), GREEDY, Limits()):
        break
    assert ask(engine, "x").text == "short"


@given(TEXT, TEXT, st.integers(0, 20))
def test_what_is_scripted_is_what_comes(asked: str, said: str, most: int) -> None:
    answer: Answer = ask(ScriptedEngine([said]), f"{asked}.", max_tokens=most)
    assert said.startswith(answer.text)
    assert len(answer.text) == min(len(said), 4 * most)
    assert answer.usage.prompt_tokens == answer.usage.cached_tokens + answer.usage.evaluated_tokens


@given(TEXT, TEXT)
def test_tokens_are_the_same_for_the_same_text(one: str, other: str) -> None:
    engine = ScriptedEngine()
    ids: Callable[[str], list[int]] = lambda text: engine.tokenize(Segment(text))  # noqa: E731
    assert (ids(one) == ids(other)) == (one == other)
    assert ids(one + "\n" + other) == ids(one + "\n") + ids(other)
    assert len(ids(one)) == sum(-(-len(line) // 4) for line in re.findall(r"[^\n]*\n|[^\n]+", one))
