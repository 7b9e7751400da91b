"""Prompts in the order in which others send them, to measure what ours is worth.

What stands left of the cursor ends the prefix, `PRE prefix left SUF suffix MID`, instead of standing behind the middle
marker, and nothing of it is generated again. For benchmarks only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from coder_tui.core.events import Delta, Event, Finished
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.base import Engine, Generation


class LeftInPrefix:
    """Stands for an `engine.base.Engine`: another one, whose infill prompts are rearranged."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def generate(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose = Purpose.SUGGEST
    ) -> Generation:
        generation = self._engine.generate(rearranged(prompt), sampling, limits, purpose)
        return _Spelled(generation, prompt.forced) if prompt.forced else generation


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

    def cancel(self, choice: int | None = None) -> None:
        self._generation.cancel(choice)


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
    return replace(prompt, segments=(*before, *segments[suffix : middle + 1]), forced="", aside=None)
