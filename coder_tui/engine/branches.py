"""Several answers to one prompt, drawn side by side: a token of each in every evaluation, which on a CPU takes little
longer than one token, since most of its time is for reading the weights. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
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
    from coder_tui.engine.generate import Job
    from coder_tui.engine.llama import Model
    from coder_tui.engine.loading import Lane

Uninterrupted = Callable[[Callable[[], None]], Generator[None, None, None]]


class _Branch:
    """One of the answers."""

    def __init__(self, model: Model, job: Job, number: int, bias: Bias, emit: Callable[[Event], None]) -> None:
        sampling = job.sampling
        self.number = number
        self.sequence = FIRST_BRANCH + number
        self.sampler = Sampler(sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + number))
        self.spelling = Spelling(job.forced)
        self.bias = bias
        self.last = 0
        """Its last token."""
        self.length = 0
        self.reason: StopReason | None = None
        """Why it has ended."""
        self._model, self._limits, self._emit = model, job.limits, emit
        self._stream = TextStream(job.limits.stop_strings)

    def take(self, token: int) -> None:
        """Its next token."""
        if token in self._limits.stop_tokens or self._model.ends_generation(token):
            self.end(StopReason.END)
            return
        self.last, self.length = token, self.length + 1
        piece = self._model.piece(token)
        self.spelling.accept(piece)
        self.bias.follow(piece)
        text = self._stream.feed(piece)
        if text:
            self._emit(Delta(text, self.number))
        if self._stream.stopped:
            self.end(StopReason.STOP)
        elif self.length >= self._limits.max_tokens:
            self.end(StopReason.LENGTH)

    def end(self, reason: StopReason) -> None:
        self.reason = reason
        self._emit(Delta(self._stream.finish(), self.number, reason))


def several(
    model: Model,
    lane: Lane,
    job: Job,
    bias: Bias,
    emit: Callable[[Event], None],
    uninterrupted: Uninterrupted,
    counted: Callable[[], None],
) -> Iterator[None]:
    """Generate `job.sampling.choices` answers behind the prompt, whose logits are there. The prompt's own sequence
    stays as it is. `counted` is called for each token."""
    decoder, start = lane.decoder, len(lane.cache.tokens)
    branches = [_Branch(model, job, number, copy(bias), emit) for number in range(min(job.sampling.choices, BRANCHES))]
    try:
        _draw(model, lane, branches, lambda _: -1, counted)
        for branch in branches:
            decoder.copy(lane.cache.sequence, branch.sequence, 0, start)
        while live := [branch for branch in branches if branch.reason is None]:
            rows = [(branch.sequence, branch.last, start + branch.length - 1) for branch in live]
            yield from uninterrupted(partial(decoder.evaluate_rows, rows))
            for branch in live:
                if job.has_enough(branch.number):
                    branch.end(StopReason.CANCELLED)
            _draw(model, lane, live, live.index, counted)
    finally:
        for branch in branches:
            branch.sampler.close()
            decoder.remove(branch.sequence, 0, -1)


def _draw(
    model: Model, lane: Lane, branches: list[_Branch], row: Callable[[_Branch], int], counted: Callable[[], None]
) -> None:
    """The next token of each that has not ended."""
    for branch in branches:
        if branch.reason is None:
            logits, bonuses = lane.decoder.logits(row(branch)), branch.bias.bonuses()
            token = branch.sampler.choose(logits, branch.spelling, model.vocabulary, bonuses)
            branch.take(token)
            counted()
