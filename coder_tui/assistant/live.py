"""Suggestions for somebody who types: one thread that always works on the latest wish, and what it reports.

Asking never waits. A new wish ends the one before; while nobody waits, what may come next is computed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from coder_tui.assistant.infill import Infilled, Shown
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.suggest import Suggester
from coder_tui.core.context import Suggestion
from coder_tui.core.document import Span
from coder_tui.core.errors import CoderError
from coder_tui.core.events import PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Purpose, Sampling


@dataclass(frozen=True, slots=True)
class Waiting:
    """The prompt is being read."""

    number: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class More:
    """More text of the suggestion."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Instead:
    """The suggestion is another one, now that the model has seen what was typed along it. More may follow."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The suggestion is whole, or there is none."""

    number: int
    usage: Usage
    reason: StopReason
    known: bool
    """It was computed before."""
    first_ms: float
    """Until its first text was there, or until the end without one."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The model could not say."""

    number: int
    error: CoderError


Report = Waiting | More | Instead | Ended | Failed


class _Kind(Enum):
    SUGGEST = "suggest"
    OTHERS = "others"
    AGAIN = "again"
    WARM = "warm"


@dataclass(slots=True, eq=False)
class _Wish:
    kind: _Kind
    number: int
    hole: Hole
    shown: str = ""
    """The suggestion that shows there, for OTHERS and AGAIN."""
    count: int = 0
    is_over: bool = False


class LiveSuggestions:
    """Reports come on this object's own thread; those of a wish that is over do not come any more.

    `Report.number` is what `ask` gave.
    """

    def __init__(self, suggester: Suggester, sampling: Sampling, report: Callable[[Report], None]) -> None:
        self._suggester = suggester
        self._sampling = sampling
        self._report = report
        self._changed = threading.Condition()
        """Guards what follows."""
        self._next: _Wish | None = None
        self._current: _Wish | None = None
        self._number = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="suggestions", daemon=True)
        self._thread.start()

    def ask(self, hole: Hole) -> int:
        """Wish for a suggestion instead of what was wished for before; its number."""
        return self._wish(_Kind.SUGGEST, hole)

    def others(self, hole: Hole, shown: str, count: int) -> int:
        """Wish for up to `count` suggestions besides the one that shows; the number of their reports. Each comes whole,
        as one More, and at last an Ended."""
        return self._wish(_Kind.OTHERS, hole, shown, count)

    def again(self, hole: Hole, shown: str) -> int:
        """Ask behind what is left of a suggestion that was typed along. If anything, Instead and More are reported."""
        return self._wish(_Kind.AGAIN, hole, shown)

    def warm(self, hole: Hole) -> None:
        """Read a place where somebody may type soon."""
        self._wish(_Kind.WARM, hole)

    def stop(self) -> None:
        """Nothing is wished for any more. What is being read goes on being read: more is typed there, most likely."""
        self._end()
        self._suggester.cancel(Purpose.SUGGEST, Purpose.AHEAD)

    def _end(self) -> None:
        with self._changed:
            self._next = None
            self._end_current()

    def close(self) -> None:
        """End the thread, and keep what was read. The engine may be closed before or after."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._end()
        self._suggester.cancel()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)
            if not self._thread.is_alive():
                self._suggester.close()

    def _wish(self, kind: _Kind, hole: Hole, shown: str = "", count: int = 0) -> int:
        self._end()  # before the new wish is there to be taken for an old one
        self._suggester.cancel()
        with self._changed:
            self._number += 1
            number = self._number
            self._next = _Wish(kind, number, hole, shown, count)
            self._changed.notify_all()
        return number

    def _end_current(self) -> None:
        if self._current is not None:
            self._current.is_over = True

    def _work(self) -> None:
        while (wish := self._await()) is not None:
            end: Infilled | None = None
            if wish.kind in (_Kind.SUGGEST, _Kind.OTHERS):
                try:
                    if wish.kind is _Kind.SUGGEST:
                        end = self._suggest(wish)
                    else:
                        self._others(wish)
                except CoderError as error:
                    if not wish.is_over:
                        self._report(Failed(wish.number, error))
                    continue
            # Nobody waits for what follows: when it fails, the next suggestion will say why.
            with contextlib.suppress(CoderError):
                if wish.kind is _Kind.WARM:
                    self._suggester.warm(wish.hole)
                    continue
                if wish.kind is _Kind.AGAIN or (end is not None and not end.is_fresh):
                    end = self._again(wish, end.suggestion.text if end is not None else wish.shown)
                if end is not None:
                    self._go_ahead(wish, end)

    def _await(self) -> _Wish | None:
        with self._changed:
            self._current = None
            self._changed.wait_for(lambda: self._next is not None or self._is_closed)
            if self._is_closed:
                return None
            self._current, self._next = self._next, None
            return self._current

    def _suggest(self, wish: _Wish) -> Infilled | None:
        """One suggestion, reported as it comes; None when it is no longer wished for."""
        asked, first_ms = time.perf_counter(), 0.0
        end: Infilled | None = None
        for event in self._suggester.suggest(wish.hole, self._sampling):
            # A cancellation that came before the request was one has not been heard.
            if wish.is_over:
                return None  # which closes the generator, and that ends the request
            if isinstance(event, Shown | Infilled) and not first_ms:
                first_ms = 1000 * (time.perf_counter() - asked)
            if isinstance(event, PromptProgress):
                self._report(Waiting(wish.number, event.done, event.total))
            elif isinstance(event, Shown):
                self._report(More(wish.number, event.text))
            elif isinstance(event, Infilled):
                end = event
        if end is None or wish.is_over:
            return None
        self._report(Ended(wish.number, end.usage, end.reason, end.known, first_ms))
        return end

    def _others(self, wish: _Wish) -> None:
        """Suggestions besides the one that shows, each when it is whole."""
        asked, first_ms = time.perf_counter(), 0.0
        for text in self._suggester.others(wish.hole, wish.shown, wish.count):
            if wish.is_over:
                return
            first_ms = first_ms or 1000 * (time.perf_counter() - asked)
            self._report(More(wish.number, text))
        if not wish.is_over:
            self._report(Ended(wish.number, Usage(), StopReason.END, known=False, first_ms=first_ms))

    def _again(self, wish: _Wish, shown: str) -> Infilled | None:
        """What the model says now where the rest of an earlier suggestion shows: reported if it is something else. The
        suggestion that shows then; None when it is no longer wished for."""
        comes = False
        for event in self._suggester.again(wish.hole, shown, self._sampling):
            if wish.is_over:
                return None
            if isinstance(event, Infilled):
                return event
            self._report(More(wish.number, event.text) if comes else Instead(wish.number, event.text))
            comes = True
        if wish.is_over or comes:
            return None
        offset = wish.hole.document.offset(wish.hole.position)
        return Infilled(Suggestion(shown, Span(offset, offset)), Usage(), StopReason.END, known=True)

    def _go_ahead(self, wish: _Wish, end: Infilled) -> None:
        """What comes after a suggestion, for as long as nobody wishes for anything else."""
        for work in (self._refresh, self._ahead) if end.is_short else (self._ahead, self._refresh):
            if not wish.is_over:
                work(wish, end)

    def _ahead(self, wish: _Wish, end: Infilled) -> None:
        self._suggester.ahead(wish.hole, end.suggestion, self._sampling)

    def _refresh(self, wish: _Wish, _end: Infilled) -> None:
        self._suggester.refresh(wish.hole)
