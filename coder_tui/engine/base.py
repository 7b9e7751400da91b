"""What an engine is for those who use it, whether llama.cpp, a remote server or a script is behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from coder_tui.core.events import Event
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment


class Generation(Protocol):
    """A running request: iterate over it once for its events, the last of which is Finished."""

    def __iter__(self) -> Iterator[Event]: ...

    def cancel(self, choice: int | None = None) -> None:
        """End it soon; the iteration still ends with Finished. From any thread, and as often as you like. With a choice
        only that one of several answers."""


class Engine(Protocol):
    """Generates from prompts: one request of each purpose at a time, the others of it wait until that has returned."""

    def window(self, purpose: Purpose) -> int:
        """Size in tokens of the context window for such requests, prompt and generation together."""

    def generate(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose = Purpose.SUGGEST
    ) -> Generation:
        """Start a request. With `max_tokens` 0 it only brings the prompt into the KV cache."""

    def tokenize(self, *segments: Segment) -> list[int]:
        """The token ids that a prompt of these segments has."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each of these plain texts by itself."""

    def save_state(self, purpose: Purpose, path: Path, max_bytes: int, of: Sequence[Segment] = ()) -> int:
        """Write what the KV cache holds for a purpose to a file, unless that gets larger; the number of tokens saved.
        0 where nothing could be saved: it is only ever a saving of time. With `of`, the segments of a prompt, what is
        known of that, also where others have been read since; nothing where that has been forgotten."""

    def restore_state(self, purpose: Purpose, path: Path) -> int:
        """The way back; 0 tokens where there is no such file, or one of another model."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
