"""One request from tokens to text: prompt, then token after token until something ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.core.events import Delta, Event, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Sampling
from coder_tui.engine.decoder import Decoder, Interrupted, WindowFull
from coder_tui.engine.sampler import Sampler
from coder_tui.engine.spelling import Spelling
from coder_tui.engine.stream import TextStream

if TYPE_CHECKING:
    from coder_tui.engine.llama import Model

Emit = Callable[[Event], None]


@dataclass(slots=True)
class _Count:
    """What has happened so far; times are of `time.perf_counter`."""

    arrived: float
    prompt: int = 0
    cached: int = 0
    evaluated: int = 0
    generated: int = 0
    first: float = 0.0
    last: float = 0.0

    def token(self) -> None:
        self.generated += 1
        self.last = time.perf_counter()
        self.first = self.first or self.last

    def usage(self) -> Usage:
        took = self.last - self.first
        return Usage(
            prompt_tokens=self.prompt,
            cached_tokens=self.cached,
            evaluated_tokens=self.evaluated,
            completion_tokens=self.generated,
            ttft_ms=round(1000 * (self.first - self.arrived), 1) if self.first else 0.0,
            tokens_per_second=round((self.generated - 1) / took, 2) if took > 0 else 0.0,
        )


class Generation:
    """Runs one request on a decoder. Whoever interrupts the decoder says why through `interrupted_as`."""

    def __init__(
        self, model: Model, decoder: Decoder, arrived: float, interrupted_as: Callable[[], StopReason]
    ) -> None:
        self._model = model
        self._decoder = decoder
        self._count = _Count(arrived)
        self._interrupted_as = interrupted_as

    def run(self, tokens: list[int], forced: bytes, sampling: Sampling, limits: Limits, emit: Emit) -> None:
        """Emit PromptProgress and Deltas, and in any case one Finished."""
        sampler = Sampler(sampling)
        stream = TextStream(limits.stop_strings)
        try:
            self._prompt(tokens, emit)
            reason = self._generate(sampler, stream, Spelling(forced), limits, emit)
        except Interrupted:
            reason = self._interrupted_as()
        except WindowFull:
            reason = StopReason.WINDOW
        finally:
            sampler.close()
        rest = stream.finish()
        if rest:
            emit(Delta(rest))
        emit(Finished(reason, self._count.usage()))

    def _prompt(self, tokens: list[int], emit: Emit) -> None:
        count, decoder = self._count, self._decoder
        kept = decoder.keep(tokens)
        count.prompt, count.cached = len(tokens), kept
        emit(PromptProgress(kept, len(tokens)))
        try:
            decoder.extend(tokens[kept:], lambda done: emit(PromptProgress(done, len(tokens))))
        finally:
            count.evaluated = len(decoder.cached) - kept

    def _generate(
        self, sampler: Sampler, stream: TextStream, spelling: Spelling, limits: Limits, emit: Emit
    ) -> StopReason:
        decoder, model = self._decoder, self._model
        token: int | None = None
        while self._count.generated < limits.max_tokens:
            if token is not None:
                decoder.evaluate([token])
            token = sampler.choose(decoder.logits(), spelling, model.vocabulary)
            if token in limits.stop_tokens or model.ends_generation(token):
                return StopReason.END
            self._count.token()
            piece = model.piece(token)
            spelling.accept(piece)
            text = stream.feed(piece)
            if text:
                emit(Delta(text))
            if stream.stopped:
                return StopReason.STOP
            if len(decoder.cached) >= decoder.context_tokens:
                return StopReason.WINDOW
        return StopReason.LENGTH
