"""How long to wait after a key before a suggestion is asked for: longer for slow typists and at unlikely places,
shorter on slow machines, whose own time is pause enough. After Tabby's debouncer (PEERS.md 5.3).

Times in milliseconds.
"""

from __future__ import annotations

from collections import deque

_FIRST_MS = 200.0
_BASE_MS = (100.0, 400.0)
_PAUSE_MS = (100.0, 1000.0)
_SAMPLES = 20
"""Intervals between keys that are remembered; with fewer, _FIRST_MS counts."""
_SHORTEST_MS, _LONGEST_MS = 5.0, 1500.0
"""A shorter interval is between two changes that one key makes, a longer one is a rest."""
_RATE = (1.5, 3.0)
_LATENCIES = 10
LEAST_ON_THE_RIGHT = 8
"""With more characters than that on the right of the cursor, brackets and the like aside, none comes by itself."""


class Pause:
    """What is known of a typist and of the machine."""

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=_SAMPLES)
        self._latencies: deque[float] = deque(maxlen=_LATENCIES)
        self._last: float | None = None

    def key(self, now: float) -> None:
        """A character was typed at that time."""
        if self._last is not None and _SHORTEST_MS <= now - self._last <= _LONGEST_MS:
            self._intervals.append(now - self._last)
        self._last = now

    def answered(self, latency: float) -> None:
        """The first text of a suggestion came so long after it was asked for."""
        self._latencies.append(latency)

    def after(self, left: str, right: str, *, at_end: bool = False) -> float:
        """How long to wait here. `left` and `right` are the parts of the cursor's line, `at_end` is the last line."""
        base = _FIRST_MS
        if len(self._intervals) == _SAMPLES:
            base = _clamp(sum(self._intervals) / _SAMPLES, _BASE_MS)
        latency = sum(self._latencies) / len(self._latencies) if self._latencies else 0.0
        likely = _likely(left, right, at_end=at_end)
        rate = _RATE[1] - (_RATE[1] - _RATE[0]) * likely
        return _clamp(rate * base - latency, _PAUSE_MS)


def is_wanted(left: str, right: str) -> bool:
    """Whether a suggestion should come by itself: not in the middle of a word, nor before much text."""
    if left[-1:].isalnum() and (right[:1].isalnum() or right[:1] == "_"):
        return False
    return sum(character.isalnum() or character == "_" for character in right) <= LEAST_ON_THE_RIGHT


def _likely(left: str, right: str, *, at_end: bool) -> float:
    """How good a place it is, 0 to 1."""
    after_word = left[-1:].isalnum() or left[-1:] == "_"
    return 0.5 * (not after_word) + 0.4 * (not right.strip()) + 0.1 * at_end


def _clamp(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])
