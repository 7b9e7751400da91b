"""Several answers to one prompt, drawn side by side: a token of each in every evaluation, which on a CPU takes little
longer than one token, since most of its time is for reading the weights. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from coder_tui.core.events import Delta, Event, StopReason
from coder_tui.engine.decoder import BRANCHES, FIRST_BRANCH
from coder_tui.engine.sampler import Sampler
from coder_tui.engine.spelling import Spelling
from coder_tui.engine.stream import TextStream

if TYPE_CHECKING:
    from coder_tui.engine.bias import Bias
    from coder_tui.engine.blend import Blend
    from coder_tui.engine.job import Job
    from coder_tui.engine.llama import Model
    from coder_tui.engine.loading import Lane

Uninterrupted = Callable[[Callable[[], None]], Generator[None, None, None]]


class _Branch:
    """One of the answers."""

    def __init__(
        self, model: Model, job: Job, number: int, bias: Bias, blend: Blend | None, emit: Callable[[Event], None]
    ) -> None:
        sampling = job.sampling
        self.number = number
        self.sequence = FIRST_BRANCH + number
        self.beside = FIRST_BRANCH + BRANCHES + number
        """Of the second reading."""
        self.sampler = Sampler(sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + number))
        self.spelling = Spelling(job.forced)
        self.bias = bias
        self.blend = blend
        self.last = 0
        """Its last token."""
        self.length = 0
        self.reason: StopReason | None = None
        """Why it has ended."""
        self._model, self._limits, self._emit = model, job.limits, emit
        self._stream = TextStream(job.limits.stop_strings)
        self._feed(job.begun)

    def take(self, token: int) -> None:
        """Its next token."""
        if token in self._limits.stop_tokens or self._model.ends_generation(token):
            self.end(StopReason.END)
            return
        self.last, self.length = token, self.length + 1
        piece = self._model.piece(token)
        self.spelling.accept(piece)
        self.bias.follow(piece)
        if self.blend is not None:
            self.blend.follow(piece)
        self._feed(piece)
        if self.reason is None and self.length >= self._limits.max_tokens:
            self.end(StopReason.LENGTH)

    def _feed(self, piece: bytes) -> None:
        text = self._stream.feed(piece)
        if text:
            self._emit(Delta(text, self.number))
        if self._stream.stopped:
            self.end(StopReason.STOP)

    @property
    def is_blended(self) -> bool:
        """Whether the second reading still has a say in it."""
        return self.blend is not None and self.blend.is_on

    def end(self, reason: StopReason) -> None:
        self.reason = reason
        self._emit(Delta(self._stream.finish(), self.number, reason))


def several(
    model: Model,
    lane: Lane,
    job: Job,
    bias: Bias,
    blend: Blend,
    emit: Callable[[Event], None],
    uninterrupted: Uninterrupted,
    counted: Callable[[], None],
) -> Iterator[None]:
    """Generate `job.sampling.choices` answers behind the prompt, whose logits are there. The prompt's own sequences
    stay as they are. `counted` is called for each token."""
    decoder, cache = lane.decoder, lane.cache
    start, second = len(cache.tokens), cache.beside_tokens
    count = min(job.sampling.choices, BRANCHES)
    blends = [copy(blend) if cache.has_beside else None for _ in range(count)]
    branches = [_Branch(model, job, number, copy(bias), blends[number], emit) for number in range(count)]
    try:
        _draw(model, lane, branches, {branch: -2 if branch.is_blended else -1 for branch in branches}, counted)
        for branch in branches:
            decoder.copy(cache.sequence, branch.sequence, 0, start)
            if branch.is_blended:
                decoder.copy(cache.beside, branch.beside, 0, second)
        while live := [branch for branch in branches if branch.reason is None]:
            rows: list[tuple[int, int, int]] = []
            places: dict[_Branch, int] = {}
            for branch in live:
                places[branch] = len(rows)
                rows.append((branch.sequence, branch.last, start + branch.length - 1))
                if branch.is_blended:
                    rows.append((branch.beside, branch.last, second + branch.length - 1))
            yield from uninterrupted(partial(decoder.evaluate_rows, rows))
            for branch in live:
                if job.has_enough(branch.number):
                    branch.end(StopReason.CANCELLED)
            _draw(model, lane, live, places, counted)
    finally:
        for branch in branches:
            branch.sampler.close()
            decoder.remove(branch.sequence, 0, -1)
            decoder.remove(branch.beside, 0, -1)


def _draw(
    model: Model, lane: Lane, branches: list[_Branch], places: Mapping[_Branch, int], counted: Callable[[], None]
) -> None:
    """The next token of each that has not ended; its logits are at its place, those of the second reading behind."""
    for branch in branches:
        if branch.reason is None:
            place, bonuses = places[branch], branch.bias.bonuses()
            logits = lane.decoder.logits(place)
            if branch.is_blended and branch.blend is not None:
                logits = branch.blend.mixed(logits, lane.decoder.logits(place + 1))
            token = branch.sampler.choose(logits, branch.spelling, model, bonuses)
            branch.take(token)
            counted()
