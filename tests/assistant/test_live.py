"""Suggestions on a thread of their own, with a scripted engine that waits where a test wants it to."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from assistant.healing import Healing
from prompts.infos import QWEN

from coder_tui.assistant import calibration
from coder_tui.assistant import host as host_module
from coder_tui.assistant.host import Broken, Loading, Missing, ModelHost, State
from coder_tui.assistant.live import Ended, Failed, Instead, LiveSuggestions, More, Report
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.suggest import Suggester
from coder_tui.config.schema import Settings
from coder_tui.core.document import Document, Position
from coder_tui.core.errors import EngineError, NoModelError, WeightsError
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling

TIMEOUT_S = 20


class Waiting(Healing):
    """Holds each request until it is let go."""

    def __init__(self, *answers: str) -> None:
        super().__init__(answers)
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose) -> tuple[list[str], Usage]:
        self.begun.release()
        assert self.go.acquire(timeout=TIMEOUT_S)
        return super().begin(prompt, sampling, limits, purpose)


def hole(text: str) -> Hole:
    return Hole(Document(text), Document(text).position(len(text)))


@contextmanager
def live(engine: Healing) -> Iterator[tuple[LiveSuggestions, queue.Queue[Report]]]:
    reports: queue.Queue[Report] = queue.Queue()
    suggestions = LiveSuggestions(Suggester(Ready(engine, QWEN, Settings())), Sampling(), reports.put)
    try:
        yield suggestions, reports
    finally:
        suggestions.close()


def ended(reports: queue.Queue[Report]) -> tuple[str, Report]:
    """The text that came, and how it ended."""
    text = ""
    while True:
        report = reports.get(timeout=TIMEOUT_S)
        if isinstance(report, More):
            text += report.text
        if isinstance(report, Ended | Failed):
            return text, report


def test_a_suggestion_comes_with_its_number() -> None:
    with live(Healing(["add(1, 2)"])) as (suggestions, reports):
        number = suggestions.ask(hole("x = "))
        text, end = ended(reports)
        assert (text, end.number) == ("add(1, 2)", number)


def test_only_the_latest_wish_is_reported() -> None:
    engine = Waiting("first", "second")
    with live(engine) as (suggestions, reports):
        suggestions.ask(hole("x = "))
        assert engine.begun.acquire(timeout=TIMEOUT_S)
        second = suggestions.ask(hole("yy = "))
        for _ in range(10):
            engine.go.release()
        _, end = ended(reports)
        assert end.number == second
        assert reports.empty() or all(report.number == second for report in list(reports.queue))


def test_an_error_is_reported_and_the_next_one_works() -> None:
    with live(Healing([EngineError("broken"), "fine"])) as (suggestions, reports):
        suggestions.ask(hole("x = "))
        _, end = ended(reports)
        assert isinstance(end, Failed)
        assert str(end.error) == "broken"
        suggestions.ask(hole("y = "))
        assert ended(reports)[0] == "fine"


def test_what_fails_behind_a_suggestion_is_no_failure_of_it() -> None:
    with live(Healing(["add(1, 2)"])) as (suggestions, reports):  # the script has nothing for the one after it
        suggestions.ask(hole("x = "))
        assert isinstance(ended(reports)[1], Ended)
        suggestions.close()
        assert reports.empty()


def host(find: object, opened: object = None) -> tuple[ModelHost, queue.Queue[State]]:
    states: queue.Queue[State] = queue.Queue()
    return ModelHost(Settings(), states.put, find=find, log_file=None, open_model=opened), states  # type: ignore[arg-type]


def test_a_host_tells_what_becomes_of_a_model() -> None:
    def missing(_settings: Settings) -> Path:
        raise NoModelError("none")

    def broken(_settings: Settings) -> Path:
        raise WeightsError("damaged")

    for find, kind in ((missing, Missing), (broken, Broken)):
        one, states = host(find)
        one.start()
        assert isinstance(states.get(timeout=TIMEOUT_S), kind)
        one.close()


def test_a_host_exchanges_models_one_after_the_other() -> None:
    held: list[str] = []

    @contextmanager
    def opened(path: Path, settings: Settings, *, loading: object, **_: object) -> Iterator[Ready]:
        assert not held  # the memory of the one before is free
        held.append(str(path))
        loading(QWEN)  # type: ignore[operator]
        yield Ready(Healing(), QWEN, settings)
        held.pop()

    names = iter(["one", "two"])
    one, states = host(lambda _: Path(next(names)), opened)
    one.start()
    assert isinstance(states.get(timeout=TIMEOUT_S), Loading)
    assert isinstance(states.get(timeout=TIMEOUT_S), Ready)
    one.release()
    one.start(Settings())
    assert isinstance(states.get(timeout=TIMEOUT_S), Loading)
    assert isinstance(states.get(timeout=TIMEOUT_S), Ready)
    assert held == ["two"]
    one.close()
    assert not held


def test_positions_are_of_the_document() -> None:
    with live(Healing(["b"])) as (suggestions, reports):
        suggestions.ask(Hole(Document("a = \nc = 1\n"), Position(0, 4)))
        assert ended(reports)[0] == "b"


def test_other_suggestions_are_drawn_in_one_batch_and_are_unlike_each_other() -> None:
    answers = ["one(1)", "", "one(1)", "two(2)\n\n\n", "two(2)", *["one(1)"] * 9]
    engine = Healing(answers)
    with live(engine) as (suggestions, reports):
        suggestions.ask(hole("x = "))
        shown, _ = ended(reports)
        engine._answers = iter(["one(1)", "two(2)", "two(2)", *["one(1)"] * 9])
        number = suggestions.others(hole("x = "), shown, 2)
        text, end = ended(reports)
        assert (text, end.number) == ("two(2)", number)
        asked = [sampling for _, sampling, _limits, purpose in engine.requests if purpose is Purpose.SUGGEST]
        assert (asked[0].temperature, asked[0].choices) == (0, 1)
        assert {(one.temperature > 0, one.choices) for one in asked[1:]} == {(True, 3)}
        suggestions.others(hole("x = "), shown, 2)
        assert ended(reports)[0] == ""  # two batches of the same: there is nothing else
        asked = [sampling for _, sampling, _limits, purpose in engine.requests if purpose is Purpose.SUGGEST]
        assert len({one.seed for one in asked[-6:]}) == 2


def test_a_model_is_measured_when_nobody_needs_it(tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = threading.Event()

    def measure(*_: object, **_also: object) -> object:
        measured.set()
        return found

    found = object()
    monkeypatch.setattr(host_module, "_QUIET_S", 0.01)
    monkeypatch.setattr(calibration, "measure", measure)
    one, states = host(lambda _: tiny_qwen)
    one.start()
    state = states.get(timeout=TIMEOUT_S)
    assert isinstance(state, Loading)
    assert measured.wait(TIMEOUT_S)
    one.close()


def settled(engine: Healing) -> None:
    """Until all that follows a suggestion has been done."""
    end = time.monotonic() + TIMEOUT_S
    while not any(purpose is Purpose.REFRESH for *_, purpose in engine.requests):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_was_typed_along_is_asked_again() -> None:
    engine = Healing(["add(1, 2)", "", "dd(3,\n    4)", ""])
    with live(engine) as (suggestions, reports):
        suggestions.ask(hole("x = "))
        assert ended(reports)[0] == "add(1, 2)"
        settled(engine)
        number = suggestions.again(hole("x = a"), "dd(1, 2)")
        first = reports.get(timeout=TIMEOUT_S)
        assert isinstance(first, Instead)
        assert first.number == number
        text = first.text
        while text != "dd(3,\n    4)":
            more = reports.get(timeout=TIMEOUT_S)
            assert isinstance(more, More)
            text += more.text
        suggestions.ask(hole("x = a"))
        text, end = ended(reports)
        assert text.startswith("dd(3,")
        assert isinstance(end, Ended)
        assert end.known


def test_a_remembered_one_is_asked_again_by_itself() -> None:
    engine = Healing(["add(1, 2)", "", "dd(3)", ""])
    with live(engine) as (suggestions, reports):
        suggestions.ask(hole("x = "))
        ended(reports)
        settled(engine)
        number = suggestions.ask(hole("x = a"))
        assert ended(reports)[0] == "dd(1, 2)"
        instead = reports.get(timeout=TIMEOUT_S)
        assert instead == Instead(number, "dd(3)")
