"""Who goes first, and who has to end, without a model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Purpose
from coder_tui.engine.scheduler import Scheduler, Task

SUGGEST, CHAT, AHEAD, REFRESH = Purpose.SUGGEST, Purpose.CHAT, Purpose.AHEAD, Purpose.REFRESH


class Office:
    """A scheduler whose tasks write down what they do."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.flag = False
        self.scheduler = Scheduler(lambda: self._set(True), lambda: self._set(False))

    def add(self, name: str, purpose: Purpose | None, steps: int = 2) -> Task:
        task = Task(iter(()), purpose)
        task.steps = self._work(task, name, steps)
        self.scheduler.add(task)
        return task

    def run(self, steps: int) -> list[str]:
        """What is done in so many steps."""
        self.log.clear()
        for _ in range(steps):
            self.scheduler.step()
        return list(self.log)

    def _set(self, up: bool) -> None:
        self.flag = up

    def _work(self, task: Task, name: str, steps: int) -> Iterator[None]:
        for number in range(1, steps + 1):
            if task.ended is not None:
                self.log.append(f"{name} {task.ended}")
                return
            self.log.append(f"{name}{number}")
            if number < steps:
                yield


@pytest.fixture
def office() -> Office:
    return Office()


def test_one_after_the_other(office: Office) -> None:
    office.add("a", SUGGEST)
    office.add("b", SUGGEST)
    assert office.run(4) == ["a1", "a2", "b1", "b2"]


def test_typing_before_chat_before_idle_work(office: Office) -> None:
    for name, purpose in (("refresh", REFRESH), ("chat", CHAT), ("suggest", SUGGEST)):
        office.add(name, purpose, 1)
    assert office.run(3) == ["refresh cancelled", "suggest1", "chat1"]


def test_chat_pauses_for_a_suggestion_and_goes_on(office: Office) -> None:
    office.add("chat", CHAT, 3)
    assert office.run(1) == ["chat1"]
    office.add("suggest", SUGGEST)
    assert office.run(4) == ["suggest1", "suggest2", "chat2", "chat3"]


def test_a_suggestion_ends_what_was_computed_ahead(office: Office) -> None:
    office.add("ahead", AHEAD, 3)
    office.run(1)
    office.add("suggest", SUGGEST, 1)
    assert office.run(2) == ["ahead cancelled", "suggest1"]


def test_a_chat_does_not_end_what_is_computed_ahead(office: Office) -> None:
    office.add("ahead", AHEAD)
    office.run(1)
    office.add("chat", CHAT, 1)
    assert office.run(2) == ["chat1", "ahead2"]


def test_work_ahead_ends_a_refresh(office: Office) -> None:
    office.add("refresh", REFRESH, 3)
    office.run(1)
    office.add("ahead", AHEAD, 1)
    assert office.run(2) == ["refresh cancelled", "ahead1"]


def test_loading_waits_for_those_before_it_and_holds_those_behind_it(office: Office) -> None:
    office.add("chat", CHAT, 2)
    office.add("load", None, 1)
    office.add("suggest", SUGGEST, 1)
    assert office.run(4) == ["chat1", "chat2", "load1", "suggest1"]


@pytest.mark.parametrize("running", [True, False])
def test_ending(office: Office, running: bool) -> None:
    task = office.add("a", CHAT, 3)
    if running:
        office.run(1)
    office.scheduler.end(task, StopReason.DEADLINE)
    office.scheduler.end(task, StopReason.CANCELLED)
    assert office.run(1) == ["a deadline"]


def test_what_runs_is_interrupted_only_for_what_goes_first(office: Office) -> None:
    seen: list[bool] = []

    def chat() -> Iterator[None]:
        office.add("later", CHAT, 1)
        seen.append(office.flag)
        yield
        seen.append(office.flag)
        office.add("suggest", SUGGEST, 1)
        seen.append(office.flag)
        yield

    office.scheduler.add(Task(chat(), CHAT))
    assert office.run(2) == []
    assert office.run(1) == ["suggest1"]
    assert seen == [False, False, True]


def test_ending_what_runs_interrupts_it(office: Office) -> None:
    task = Task(iter(()), CHAT)
    seen: list[bool] = []

    def steps() -> Iterator[None]:
        office.scheduler.end(task, StopReason.CANCELLED)
        seen.append(office.flag)
        yield

    task.steps = steps()
    office.scheduler.add(task)
    office.run(2)
    assert seen == [True]
