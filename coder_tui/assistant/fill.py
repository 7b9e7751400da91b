"""Filling every `<FILL_ME>` of a document, first to last, each with the earlier ones filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from coder_tui.assistant.infill import TRIES, Infilled, Manner, infill
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.core.context import Snippet
from coder_tui.core.document import Document, Position, Span, with_newline
from coder_tui.core.events import StopReason, Usage
from coder_tui.core.prompt import Sampling

MARKER = "<FILL_ME>"


@dataclass(frozen=True, slots=True)
class Filled:
    """What came for one marker. With no text the marker stays where it is."""

    position: Position
    span: Span
    """Of the marker, in the document as it was."""
    text: str
    """LF line endings."""
    usage: Usage
    reason: StopReason


def markers_in(document: Document) -> int:
    return document.text.count(MARKER)


def fill(
    ready: Ready,
    document: Document,
    sampling: Sampling,
    *,
    path: str = "",
    snippets: tuple[Snippet, ...] = (),
    surroundings: Surroundings | None = None,
) -> Iterator[Filled]:
    """Fill the markers one after the other. The model sees no marker: those to come are left out of its suffix."""
    parts = document.text.split(MARKER)
    before, at = parts[0], len(parts[0])
    for index in range(1, len(parts)):
        after = "".join(parts[index:])
        part = replace(document, text=before + after)
        place = part.position(len(before))
        found = _one(ready, Hole(part, place, path, snippets, surroundings), sampling)
        text = found.suggestion.text
        yield Filled(document.position(at), Span(at, at + len(MARKER)), text, found.usage, found.reason)
        before += with_newline(text, document.newline) + parts[index]
        at += len(MARKER) + len(parts[index])


def _one(ready: Ready, hole: Hole, sampling: Sampling) -> Infilled:
    *_, last = infill(ready, hole, sampling, Manner(tries=TRIES))
    if not isinstance(last, Infilled):
        raise TypeError("an infill ends with Infilled")
    return last
