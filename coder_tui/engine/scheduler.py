"""Which request goes on next: those that somebody waits for first, and nothing that has been ended.

Requests are added and ended from any thread; one thread, the owner of the llama.cpp contexts, runs them.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Purpose

_ORDER = {Purpose.SUGGEST: 0, Purpose.CHAT: 1, Purpose.AHEAD: 2, Purpose.REFRESH: 3}
_ENDS = {
    Purpose.SUGGEST: (Purpose.AHEAD, Purpose.REFRESH),
    Purpose.AHEAD: (Purpose.REFRESH,),
}
"""Requests that a new one of some purpose ends: they use the same sequence, and are about a place left behind."""

_DONE = object()


@dataclass(slots=True, eq=False)
class Task:
    """A request, or other work of the owner, in steps."""

    steps: Iterator[None]
    purpose: Purpose | None = None
    """None: work that waits for all tasks before it, and for which all behind it wait (loading)."""
    number: int = 0
    ended: StopReason | None = None
    """Set when the request has to end; its next step does that."""
    enough: set[int] = field(default_factory=set[int])
    """Of several answers, those of which no more is wanted."""
    timers: list[threading.Timer] = field(default_factory=list[threading.Timer])
    """Cancelled when the task is done."""


class Scheduler:
    """`interrupt` makes a running step end soon, `go_on` takes that back."""

    def __init__(self, interrupt: Callable[[], None], go_on: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._go_on = go_on
        self._changed = threading.Condition()
        self._tasks: list[Task] = []
        self._running: Task | None = None
        self._numbers = itertools.count()

    def add(self, task: Task) -> None:
        """A new task. What it outranks is interrupted, what it makes useless is ended."""
        with self._changed:
            task.number = next(self._numbers)
            self._tasks.append(task)
            for other in self._tasks:
                if task.purpose is not None and other.purpose in _ENDS.get(task.purpose, ()):
                    other.ended = other.ended or StopReason.CANCELLED
            if self._running is not None and self._next() is not self._running:
                self._interrupt()
            self._changed.notify()

    def end(self, task: Task, reason: StopReason) -> None:
        """Let a task end soon; without effect when it has."""
        with self._changed:
            task.ended = task.ended or reason
            if task is self._running:
                self._interrupt()
            self._changed.notify()

    def run(self) -> None:
        """Run tasks for ever, a step of the first in rank at a time."""
        while True:
            self.step()

    def step(self) -> None:
        """Wait for a task, and run one step of it."""
        with self._changed:
            while (task := self._next()) is None:
                self._changed.wait()
            self._running = task
            self._go_on()
        done = next(task.steps, _DONE) is _DONE
        with self._changed:
            self._running = None
            if done:
                self._tasks.remove(task)
        if done:
            for timer in task.timers:
                timer.cancel()

    def _next(self) -> Task | None:
        """The first in rank of those that no barrier holds back; one that has to end goes first, that takes no time."""
        barrier = min((task.number for task in self._tasks if task.purpose is None), default=None)
        before = [task for task in self._tasks if barrier is None or task.number < barrier]
        if not before:
            before = [task for task in self._tasks if task.number == barrier]
        return min(before, key=_rank, default=None)


def _rank(task: Task) -> tuple[bool, int, int]:
    return (task.ended is None, 0 if task.purpose is None else _ORDER[task.purpose], task.number)
