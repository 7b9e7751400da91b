"""Prompts in the order in which others send them, to measure what ours is worth.

What stands left of the cursor ends the prefix, `PRE prefix left SUF suffix MID`, instead of standing behind the middle
marker, and nothing of it is generated again. For benchmarks only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from coder_tui.core.events import Delta, Event, Finished
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.base import Engine, Generation


class LeftInPrefix:
    """An engine that rearranges the infill prompts of another one. See `engine.base.Engine`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def window(self, purpose: Purpose) -> int:
        return self._engine.window(purpose)

    def generate(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose = Purpose.SUGGEST
    ) -> Generation:
        generation = self._engine.generate(rearranged(prompt), sampling, limits, purpose)
        return _Spelled(generation, prompt.forced) if prompt.forced else generation

    def tokenize(self, *segments: Segment) -> list[int]:
        return self._engine.tokenize(*segments)

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._engine.count(texts)

    def save_state(self, purpose: Purpose, path: Path, max_bytes: int) -> int:
        return self._engine.save_state(purpose, path, max_bytes)

    def restore_state(self, purpose: Purpose, path: Path) -> int:
        return self._engine.restore_state(purpose, path)

    def close(self) -> None:
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Spelled:
    """A generation whose text begins with what was not generated."""

    def __init__(self, generation: Generation, text: str) -> None:
        self._generation = generation
        self._text = text

    def __iter__(self) -> Iterator[Event]:
        text = self._text
        for event in self._generation:
            if text and isinstance(event, Delta | Finished):
                yield Delta(text)
                text = ""
            yield event

    def cancel(self) -> None:
        self._generation.cancel()


def rearranged(prompt: Prompt) -> Prompt:
    """The text behind the last marker, and what is forced, at the end of what stands before the marker before that."""
    segments = list(prompt.segments)
    markers = [at for at, segment in enumerate(segments) if segment.token is not None]
    if len(markers) < 2:
        return prompt
    suffix, middle = markers[-2:]
    left = "".join(segment.text for segment in segments[middle + 1 :]) + prompt.forced
    before = segments[:suffix]
    if before and before[-1].token is None:
        before[-1] = replace(before[-1], text=before[-1].text + left)
    elif left:
        before.append(Segment(left, movable=True))
    return Prompt((*before, *segments[suffix : middle + 1]))
