"""How fast a model is on this machine, with which number of threads. Runs in the worker process only.

The machine may be busy: candidates take turns, each is judged by the best of its turns, since others can only take time
away, and the first candidate stays unless another is clearly better.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from coder_tui.engine.cache import SEQUENCES
from coder_tui.engine.decoder import Decoder

SEQUENCE = SEQUENCES
"""Of its own, behind those of the cache."""
_ROUNDS = 3
_GENERATED = 3
_PROMPT_TOKENS = 32
_DRAFT_TOKENS = 8
_CLEARLY = 1.05


@dataclass(slots=True)
class Measured:
    """The best times so far, in seconds."""

    generate: dict[int, float] = field(default_factory=dict[int, float])
    """One token, by the number of threads."""
    prompt: dict[int, float] = field(default_factory=dict[int, float])
    """A token of a prompt, likewise."""
    draft: float = float("inf")
    """A token with _DRAFT_TOKENS behind it, logits for all, with the best threads."""

    @property
    def threads(self) -> int:
        return _best(self.generate)

    @property
    def batch_threads(self) -> int:
        return _best(self.prompt)

    @property
    def draft_cost(self) -> float:
        """See `lookup.DRAFT_COST`."""
        return max(0.0, (self.draft / self.generate[self.threads] - 1) / _DRAFT_TOKENS)


def calibrate(decoder: Decoder, candidates: Sequence[int], measured: Measured) -> Iterator[None]:
    """Fill in `measured`, in steps of some milliseconds; about two seconds with two candidates and a 0.5B model.

    The first candidate is the one that is kept in doubt. Raises Interrupted as `Decoder.evaluate`.
    """
    token = 1
    try:
        for _ in range(_ROUNDS):
            for threads in candidates:
                decoder.set_threads(threads, threads)
                took = _time(decoder, [token] * _PROMPT_TOKENS, 0, 1) / _PROMPT_TOKENS
                measured.prompt[threads] = min(took, measured.prompt.get(threads, took))
                yield
                for count in range(_GENERATED):
                    took = _time(decoder, [token], _PROMPT_TOKENS + count, 1)
                    measured.generate[threads] = min(took, measured.generate.get(threads, took))
                    yield
                decoder.remove(SEQUENCE, 0, -1)
        decoder.set_threads(measured.threads, measured.batch_threads)
        for _ in range(_ROUNDS):
            took = _time(decoder, [token] * (1 + _DRAFT_TOKENS), 0, 1 + _DRAFT_TOKENS)
            measured.draft = min(measured.draft, took)
            decoder.remove(SEQUENCE, 0, -1)
            yield
    finally:
        decoder.remove(SEQUENCE, 0, -1)
        decoder.set_threads(*decoder.threads)


def _time(decoder: Decoder, tokens: Sequence[int], start: int, logits: int) -> float:
    started = time.perf_counter()
    decoder.evaluate(SEQUENCE, tokens, start, logits=logits)
    decoder.logits()  # waits for a GPU
    return time.perf_counter() - started


def _best(times: dict[int, float]) -> int:
    """The first number of threads, unless another one is clearly faster."""
    first = next(iter(times))
    fastest = min(times, key=lambda threads: times[threads])
    return fastest if times[first] > _CLEARLY * times[fastest] else first
