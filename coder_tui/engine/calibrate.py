"""How fast a model is on this machine, with which number of threads. Runs in the worker process only.

The machine may be busy: candidates take turns, each is judged by the best of its turns, since others can only take time
away, and the first candidate stays unless another is clearly better.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
_MOVED_TOKENS = 16
"""The last of the prompt are moved; how many makes no difference, see `Measured.move_ms`."""
_ENOUGH_S = 1.0
"""No further round begins after this."""
_HOPELESS = 1.3
_DEPTH = 512
"""Cells at which flash attention is compared: it matters the more the more there are."""
_TYPICAL = (24, 16)
"""Tokens of a prompt that are evaluated for a suggestion while somebody types, and tokens that are generated."""


@dataclass(slots=True)
class Measured:
    """The best times so far, in seconds."""

    generate: dict[int, float] = field(default_factory=dict[int, float])
    """One token, by the number of threads."""
    prompt: dict[int, float] = field(default_factory=dict[int, float])
    """A token of a prompt, likewise."""
    draft: float = float("inf")
    """A token with _DRAFT_TOKENS behind it, logits for all, with the best threads."""
    moved: float = float("inf")
    """A token behind cells that were moved, likewise."""
    cells: int = 1
    """Of the KV cache in which that was measured."""
    flash: dict[bool, float] = field(default_factory=dict[bool, float])
    """What is computed for a suggestion, with flash attention and without."""

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

    @property
    def move_ms(self) -> float | None:
        """For each 1,024 cells that the cache has: all of them are turned, whichever are moved."""
        if self.moved == float("inf"):
            return None
        return max(0.0, 1000 * (self.moved - self.generate[self.threads]) * 1024 / self.cells)

    @property
    def flash_attention(self) -> bool | None:
        """Whether it is clearly faster; None when it was not tried."""
        return self.flash[False] > _CLEARLY * self.flash[True] if len(self.flash) > 1 else None


def calibrate(decoder: Decoder, candidates: Sequence[int], measured: Measured) -> Iterator[None]:
    """Fill in `measured`, in steps of some milliseconds; a second or two with two candidates and a 0.5B model. A
    slow model gets fewer rounds, and a candidate that is far from the best is not tried again: somebody may be waiting.

    The first candidate is the one that is kept in doubt. Raises Interrupted as `Decoder.evaluate`.
    """
    started = time.perf_counter()
    try:
        for done in range(_ROUNDS):
            if done and time.perf_counter() - started > _ENOUGH_S:
                break
            for threads in candidates:
                if not _is_hopeless(threads, candidates, measured):
                    yield from _round(decoder, threads, candidates, measured)
        decoder.set_threads(measured.threads, measured.batch_threads)
        _time(decoder, [1] * _PROMPT_TOKENS, 0, 1)
        yield
        for _ in range(_ROUNDS):
            took = _time(decoder, [1] * (1 + _DRAFT_TOKENS), _PROMPT_TOKENS, 1 + _DRAFT_TOKENS)
            measured.draft = min(measured.draft, took)
            decoder.remove(SEQUENCE, _PROMPT_TOKENS, -1)
            yield
        yield from _moves(decoder, measured)
    finally:
        decoder.remove(SEQUENCE, 0, -1)
        decoder.set_threads(*decoder.threads)


def _round(decoder: Decoder, threads: int, candidates: Sequence[int], measured: Measured) -> Iterator[None]:
    """A turn of one number of threads: some tokens of its own, which tell whether it is worth more, then a prompt."""
    decoder.set_threads(threads, threads)
    for count in range(_GENERATED):
        took = _time(decoder, [1], count, 1)
        measured.generate[threads] = min(took, measured.generate.get(threads, took))
        yield
    decoder.remove(SEQUENCE, 0, -1)
    if not _is_hopeless(threads, candidates, measured):
        took = _time(decoder, [1] * _PROMPT_TOKENS, 0, 1) / _PROMPT_TOKENS
        measured.prompt[threads] = min(took, measured.prompt.get(threads, took))
        decoder.remove(SEQUENCE, 0, -1)
        yield


def _is_hopeless(threads: int, candidates: Sequence[int], measured: Measured) -> bool:
    """Whether a candidate is not tried again. Fewer threads that generate more slowly do not read faster either; more
    of them may."""
    first = candidates[0]

    def far(times: Mapping[int, float]) -> bool:
        return threads in times and times[threads] > _HOPELESS * times[first]

    return far(measured.generate) and (threads < first or far(measured.prompt))


def compare_flash(make: Callable[[bool], Decoder], measured: Measured) -> Iterator[None]:
    """Fill in what flash attention is worth; about five seconds with a 0.5B model. `make` gives a context with it or
    without, which is closed at the end. Raises as `calibrate`, and EngineError."""
    decoders: dict[bool, Decoder] = {}
    prompt, generate = dict[bool, float](), dict[bool, float]()
    try:
        for flash in (False, True):
            decoders[flash] = make(flash)
            yield
        step = min(decoder.step for decoder in decoders.values())
        for start in range(0, _DEPTH, step):
            for flash, decoder in decoders.items():
                prompt[flash] = _time(decoder, [1] * step, start, 1) / step  # the last is the one at full depth
                yield
        for _ in range(_ROUNDS):
            for flash, decoder in decoders.items():
                again = _time(decoder, [1] * _PROMPT_TOKENS, _DEPTH, 1) / _PROMPT_TOKENS
                prompt[flash] = min(prompt[flash], again)
                for count in range(_GENERATED):
                    took = _time(decoder, [1], _DEPTH + _PROMPT_TOKENS + count, 1)
                    generate[flash] = min(took, generate.get(flash, took))
                decoder.remove(SEQUENCE, _DEPTH, -1)
                yield
        for flash in decoders:
            measured.flash[flash] = _TYPICAL[0] * prompt[flash] + _TYPICAL[1] * generate[flash]
    finally:
        for decoder in decoders.values():
            decoder.close()


def _moves(decoder: Decoder, measured: Measured) -> Iterator[None]:
    """What it takes to move cells behind the prompt that is there, done with the next evaluation."""
    if not decoder.can_shift:
        return
    measured.cells = decoder.context_tokens
    for number in range(_ROUNDS):
        decoder.shift(SEQUENCE, _MOVED_TOKENS + number, _PROMPT_TOKENS + number, 1)
        # Positions must go on from the last one: the hole in front of them is none of its business.
        measured.moved = min(measured.moved, _time(decoder, [1], _PROMPT_TOKENS + number + 1, 1))
        decoder.remove(SEQUENCE, _PROMPT_TOKENS + number + 1, -1)
        yield


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
