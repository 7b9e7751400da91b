"""One request from tokens to text: prompt, then token after token until something ends it.

It runs in steps, so that whoever runs it can let another request go first between any two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from coder_tui.core.events import Delta, Event, Finished, PromptProgress, StopReason
from coder_tui.core.prompt import Purpose
from coder_tui.engine.bias import Bias
from coder_tui.engine.blend import Blend
from coder_tui.engine.branches import several
from coder_tui.engine.count import Count
from coder_tui.engine.job import Job
from coder_tui.engine.lookup import Lookup
from coder_tui.engine.memory import Interrupted, WindowFull
from coder_tui.engine.sampler import DOUBT, Sampler, margin
from coder_tui.engine.spelling import Spelling
from coder_tui.engine.stream import TextStream

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from coder_tui.engine.llama import Model
    from coder_tui.engine.loading import Lane

T = TypeVar("T")

_FEW = 2
"""So many tokens are evaluated anew as soon as a guess fails: it costs less than a doubt does later, when more stand
behind them."""


class _Ended(Exception):  # noqa: N818 - a signal inside this module
    """No more tokens come."""

    def __init__(self, reason: StopReason) -> None:
        self.reason = reason


class Generation:
    """Runs one request in a lane. `stopped` says whether, and why, it has to end."""

    def __init__(
        self,
        model: Model,
        lane: Lane,
        job: Job,
        stopped: Callable[[], StopReason | None],
        emit: Callable[[Event], None],
    ) -> None:
        self._model = model
        self._lane = lane
        self._cache = lane.cache
        self._job = job
        self._stopped = stopped
        self._emit = emit
        self._count = Count(job.arrived, prompt=len(job.prompt.tokens))
        before = job.prompt.last + job.begun.decode("utf-8", "replace")
        self._bias = Bias(job.likely, before, model.tokens, model.piece)
        self._blend = Blend(job.aside, before)
        self.tokens: list[int] = []
        """Generated so far."""
        self.text = ""
        """What was emitted of their text."""
        self._is_waited_for = job.purpose in (Purpose.SUGGEST, Purpose.CHAT)
        self._plain = 0
        """So many cells of the cache are as they would be without drafts: several tokens that are evaluated at once are
        rounded otherwise than one by one."""

    @property
    def has_begun(self) -> bool:
        """Whether a token has been generated."""
        return self._count.generated > 0

    def steps(self) -> Iterator[None]:
        """Emit PromptProgress and Deltas, and in any case one Finished; pauses where others may go first."""
        sampler, stream = Sampler(self._job.sampling), TextStream(self._job.limits.stop_strings)
        try:
            if self._job.purpose is Purpose.REFRESH:
                yield from self._refresh()
            else:
                yield from self._prompt()
            if self._job.sampling.choices > 1:
                yield from self._several()
            else:
                yield from self._generate(sampler, stream)
        except _Ended as ended:
            reason = ended.reason
        except WindowFull:
            reason = StopReason.WINDOW
        finally:
            sampler.close()
        self._show(stream.finish())
        self._emit(Finished(reason, self._count.usage()))

    def _prompt(self) -> Iterator[None]:
        count, cache, prompt = self._count, self._cache, self._job.prompt
        self._lane.prompts.turn_to(prompt.tokens, prompt.movable, self._lane.policy)
        plan = cache.follow(prompt.tokens, prompt.movable, self._lane.policy, self._left_out())
        count.moved = plan.moved
        yield from self._evaluate(len(cache.tokens) + plan.moved, cache.advance)

    def _left_out(self) -> tuple[int, int] | None:
        """The tokens of the prompt that are left out of its second reading, if there is one."""
        job = self._job
        if job.aside is None or not self._blend.is_on or not job.limits.max_tokens:
            return None
        if not self._lane.decoder.can_shift:
            return None  # nor can it forget a part
        return job.prompt.starts[job.aside.start], job.prompt.starts[job.aside.stop]

    @property
    def _is_blended(self) -> bool:
        return self._blend.is_on and self._cache.has_beside

    def _refresh(self) -> Iterator[None]:
        missing = self._cache.refresh(self._job.prompt.tokens)
        yield from self._evaluate(self._count.prompt - missing, self._cache.advance_refresh)
        raise _Ended(StopReason.LENGTH)

    def _evaluate(self, cached: int, advance: Callable[[int], bool]) -> Iterator[None]:
        """Bring the prompt into the cache, of which `cached` tokens are there."""
        count, cache = self._count, self._cache
        count.cached, before, done = cached, cache.evaluated, False
        self._progress(cached)
        while not done:
            step = self._lane.decoder.step_at(cached + count.evaluated, waited_for=self._is_waited_for)
            done = yield from self._uninterrupted(partial(advance, step))
            count.evaluated = cache.evaluated - before
            self._progress(cached + count.evaluated)

    def _progress(self, done: int) -> None:
        total = self._count.prompt
        self._emit(PromptProgress(min(done, total), total, self._job.is_short))

    def _several(self) -> Iterator[None]:
        self._check_length()
        yield from several(
            self._model, self._lane, self._job, self._bias, self._blend,
            self._emit, self._uninterrupted, self._count.token,
        )  # fmt: skip
        raise _Ended(StopReason.END)

    def _generate(self, sampler: Sampler, stream: TextStream) -> Iterator[None]:
        cache, spelling = self._cache, Spelling(self._job.forced)
        self._check_length()
        self._feed(stream, self._job.begun)
        self._plain = len(cache.tokens)
        lookup: Lookup | None = None
        draft: list[int] = []
        while True:
            first, held = len(self.tokens), len(cache.tokens) - len(draft)
            is_sure = self._choose(sampler, spelling, stream, draft)
            right = len(self.tokens) - first - is_sure
            # Not before somebody has seen the first token: a long prompt takes a while.
            lookup = lookup or self._lookup(sampler)
            if draft:
                cache.cut(held + right)
                lookup.judge(len(draft), right)
            if not is_sure:
                yield from self._again_plainly(lookup)
                self._choose(sampler, spelling, stream, [])
            elif draft and not right and sampler.is_greedy and len(cache.tokens) - self._plain <= _FEW:
                yield from self._again_plainly(lookup)
            if len(cache.tokens) >= self._lane.decoder.context_tokens:
                raise _Ended(StopReason.WINDOW)
            lookup.extend(self.tokens[first:])
            draft = [] if spelling.rest or self._is_blended else self._draft(lookup)
            if not draft and self._plain == len(cache.tokens):
                self._plain += 1
            if self._is_blended:
                yield from self._uninterrupted(partial(cache.append_both, self.tokens[-1]))
            else:
                yield from self._uninterrupted(partial(cache.append, [self.tokens[-1], *draft]))

    def _choose(self, sampler: Sampler, spelling: Spelling, stream: TextStream, draft: list[int]) -> bool:
        """Take the next token, and as long as they are those of the draft, the ones behind it. False before one that is
        in doubt: without any drafts it might be another."""
        is_plain = self._plain == len(self._cache.tokens)
        for index in range(len(draft) + 1):
            logits = self._logits(index - len(draft) - 1)
            bonuses = self._bias.bonuses()
            token = sampler.choose(logits, spelling, self._model, bonuses)
            if not is_plain and sampler.is_greedy and margin(logits, token, bonuses) < DOUBT:
                return False
            self._take(token, spelling, stream)
            if index < len(draft):
                if token != draft[index]:
                    return True
                self._count.accepted += 1
        return True

    def _logits(self, index: int) -> npt.NDArray[np.float32]:
        decoder = self._lane.decoder
        return self._blend.mixed(decoder.logits(-2), decoder.logits(-1)) if self._is_blended else decoder.logits(index)

    def _lookup(self, sampler: Sampler) -> Lookup:
        return Lookup(self._job.prompt.tokens, self._lane.draft_cost, careful=sampler.is_greedy)

    def _again_plainly(self, lookup: Lookup) -> Iterator[None]:
        """Evaluate what came out of drafts token by token, as it would have been without them."""
        cache = self._cache
        tokens = list(cache.tokens[self._plain :])
        lookup.charge(len(tokens))
        self._count.again += len(tokens)
        cache.cut(self._plain)
        for token in tokens:
            yield from self._uninterrupted(partial(cache.append, [token]))
        self._plain = len(cache.tokens)

    def _draft(self, lookup: Lookup) -> list[int]:
        """A guess at the next tokens that the limits and the window have room for."""
        window = self._lane.decoder.context_tokens - len(self._cache.tokens) - 2
        room = min(self._job.limits.max_tokens - self._count.generated - 1, window, self._lane.decoder.step - 1)
        draft = lookup.draft()[: max(0, room)]
        self._count.drafted += len(draft)
        return draft

    def _take(self, token: int, spelling: Spelling, stream: TextStream) -> None:
        """Count a token and emit its text, unless it ends the generation."""
        if token in self._job.limits.stop_tokens or self._model.ends_generation(token):
            raise _Ended(StopReason.END)
        self._count.token()
        piece = self._model.piece(token)
        spelling.accept(piece)
        self._bias.follow(piece)
        self._blend.follow(piece)
        self.tokens.append(token)
        self._feed(stream, piece)
        self._check_length()

    def _feed(self, stream: TextStream, piece: bytes) -> None:
        self._show(stream.feed(piece))
        if stream.stopped:
            raise _Ended(StopReason.STOP)

    def _show(self, text: str) -> None:
        if text:
            self.text += text
            self._emit(Delta(text))

    def _check_length(self) -> None:
        if self._count.generated >= self._job.limits.max_tokens:
            raise _Ended(StopReason.LENGTH)

    def _check(self) -> None:
        reason = self._stopped()
        if reason is not None:
            raise _Ended(reason)

    def _uninterrupted(self, work: Callable[[], T]) -> Generator[None, None, T]:
        """Do a piece of work on the decoder, again when it was interrupted for another request."""
        while True:
            self._check()
            try:
                result = work()
            except Interrupted:
                yield
            else:
                yield
                return result
