"""An engine without weights: it answers from a script. For tests of what stands above the engine."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from coder_tui.core.errors import CoderError, EngineError, PromptTooLongError
from coder_tui.core.events import Delta, Event, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.kv import common_prefix
from coder_tui.engine.stream import TextStream

Answer = str | Sequence[str] | CoderError
"""A text, which comes in chunks of four characters; chunks; or an error to raise."""

_TOKEN_CHARACTERS = 4
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_TEXT_TOKENS = 1 << 20
"""Ids of text tokens begin here, above every special token's."""


class ScriptedEngine:
    """Gives the answers in their order, one to a request that may generate; EngineError when there are no more.

    A chunk of an answer counts as a token. `forced` is not put in front of an answer: the script says all of it.
    Sampling, stop tokens and deadlines have no effect.
    """

    def __init__(self, answers: Iterable[Answer] = (), *, context_tokens: int = 8192) -> None:
        self.context_tokens = context_tokens
        self.requests: list[tuple[Prompt, Sampling, Limits, Purpose]] = []
        """What was asked, in the order in which the generations were iterated."""
        self.closed = False
        self._answers = iter(answers)
        self._ids: dict[str, int] = {}
        self._cached: list[int] = []
        self._lock = threading.Lock()

    def window(self, purpose: Purpose) -> int:  # noqa: ARG002 - the same for all
        return self.context_tokens

    def generate(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose = Purpose.SUGGEST
    ) -> ScriptedGeneration:
        return ScriptedGeneration(self, prompt, sampling, limits, purpose)

    def tokenize(self, *segments: Segment) -> list[int]:
        """A token for every four characters of a line, the same for the same characters; special tokens as they are."""
        tokens: list[int] = []
        for segment in segments:
            if segment.token is not None:
                tokens.append(segment.token)
            else:
                pieces = [piece for line in _LINE.findall(segment.text) for piece in pieces_of(line)]
                tokens += [self._ids.setdefault(piece, _TEXT_TOKENS + len(self._ids)) for piece in pieces]
        return tokens

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(self.tokenize(Segment(text))) for text in texts]

    def save_state(self, purpose: Purpose, path: Path, max_bytes: int, of: Sequence[Segment] = ()) -> int:  # noqa: ARG002
        """There is nothing to save."""
        return 0

    def restore_state(self, purpose: Purpose, path: Path) -> int:  # noqa: ARG002 - likewise
        return 0

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose) -> tuple[list[str], Usage]:
        """For ScriptedGeneration: the chunks of the next answer, and what the prompt costs."""
        with self._lock:
            if self.closed:
                raise EngineError("the engine is closed")
            self.requests.append((prompt, sampling, limits, purpose))
            tokens = self.tokenize(*prompt.segments)
            if not tokens:
                raise EngineError("the prompt is empty")
            if len(tokens) >= self.context_tokens:
                raise PromptTooLongError(f"the prompt has {len(tokens)} tokens, the window {self.context_tokens}")
            answer = next(self._answers, None) if limits.max_tokens else ""
            if answer is None:
                raise EngineError("the script has no more answers")
            if isinstance(answer, CoderError):
                raise answer
            cached = min(common_prefix(self._cached, tokens), len(tokens) - 1)
            self._cached = tokens
            chunks = pieces_of(answer) if isinstance(answer, str) else list(answer)
            return chunks, Usage(len(tokens), cached, len(tokens) - cached)


class ScriptedGeneration:
    """An answer being given. See `engine.base.Generation`."""

    def __init__(
        self, engine: ScriptedEngine, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose
    ) -> None:
        self._engine = engine
        self._request = (prompt, sampling, limits, purpose)
        self._cancelled = threading.Event()
        self._enough: set[int] = set()

    def cancel(self, choice: int | None = None) -> None:
        if choice is None:
            self._cancelled.set()
        else:
            self._enough.add(choice)

    def __iter__(self) -> Iterator[Event]:
        if self._request[1].choices > 1:
            yield from self._several()
            return
        chunks, cost = self._engine.begin(*self._request)
        if self._cancelled.is_set():
            yield Finished(StopReason.CANCELLED, Usage(cost.prompt_tokens))
            return
        yield PromptProgress(cost.cached_tokens, cost.prompt_tokens)
        yield PromptProgress(cost.prompt_tokens, cost.prompt_tokens)
        limits = self._request[2]
        room = self._engine.context_tokens - cost.prompt_tokens + 1  # the last token is never evaluated
        stream = TextStream(limits.stop_strings)
        reason, generated = StopReason.END, 0
        for chunk in chunks:
            end = self._ends(generated, room, limits)
            if end is not None:
                reason = end
                break
            generated += 1
            text = stream.feed(chunk.encode("utf-8", "replace"))
            if text:
                yield Delta(text)
            if stream.stopped:
                reason = StopReason.STOP
                break
        rest = stream.finish()
        if rest:
            yield Delta(rest)
        yield Finished(reason, Usage(cost.prompt_tokens, cost.cached_tokens, cost.evaluated_tokens, generated))

    def _several(self) -> Iterator[Event]:
        """The next answers of the script, a chunk of each in turn; those that it does not have are empty."""
        answers: list[list[str]] = []
        cost = Usage()
        for _ in range(self._request[1].choices):
            try:
                chunks, cost = self._engine.begin(*self._request)
            except EngineError:
                if not answers:
                    raise
                chunks = []
            answers.append(chunks[: self._request[2].max_tokens])
        yield PromptProgress(cost.prompt_tokens, cost.prompt_tokens)
        for place in range(max(map(len, answers)) + 1):
            for choice, chunks in enumerate(answers):
                if self._cancelled.is_set():
                    yield Finished(StopReason.CANCELLED, cost)
                    return
                if place < len(chunks) and choice not in self._enough:
                    yield Delta(chunks[place], choice)
                elif place == len(chunks):
                    yield Delta("", choice, StopReason.END)
        yield Finished(StopReason.END, cost)

    def _ends(self, generated: int, room: int, limits: Limits) -> StopReason | None:
        """Why no more tokens may come, if so."""
        if self._cancelled.is_set():
            return StopReason.CANCELLED
        if generated >= limits.max_tokens:
            return StopReason.LENGTH
        return StopReason.WINDOW if generated >= room else None


def pieces_of(text: str) -> list[str]:
    """The text cut into what a scripted engine takes for tokens."""
    return [text[start : start + _TOKEN_CHARACTERS] for start in range(0, len(text), _TOKEN_CHARACTERS)]
