"""Lines of text into rows of cells: tabs, wide characters, wrapping, and a ghost spliced in. No widget is in here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from coder_tui.core.standins import seen

Paint = tuple[int, int, Style]
"""(first column, column behind the last, style); later ones lie over earlier ones."""


def strip_of(line: str, paints: Sequence[Paint], base: Style, tab: int) -> Strip:
    """A line of held text as cells, with tabs up to the next multiple of `tab` cells."""
    cuts = sorted({0, len(line), *(cut for start, end, _ in paints for cut in (start, end) if 0 < cut < len(line))})
    segments: list[Segment] = []
    width = 0
    for start, end in pairwise(cuts):
        style = base
        for first, last, paint in paints:
            if first <= start and end <= last:
                style += paint
        text, width = expanded(seen(line[start:end]), tab, width)
        segments.append(Segment(text, style))
    return Strip(segments, width)


def expanded(text: str, tab: int, width: int = 0) -> tuple[str, int]:
    """(text with spaces for tabs, cell behind its end) when it begins at cell `width`."""
    if "\t" not in text:
        return text, width + cell_len(text)
    parts: list[str] = []
    for index, part in enumerate(text.split("\t")):
        if index:
            spaces = tab - width % tab
            parts.append(" " * spaces)
            width += spaces
        parts.append(part)
        width += cell_len(part)
    return "".join(parts), width


def cell_of(line: str, column: int, tab: int) -> int:
    """The cell at which a column of a line begins."""
    return expanded(seen(line[:column]), tab)[1]


def wrapped(strip: Strip, cells: Iterable[int]) -> list[Strip]:
    """A strip cut at cells."""
    edges = [0, *cells, strip.cell_length]
    return [strip.crop(start, end) for start, end in pairwise(edges)]


def with_ghost(line: Strip, at: int, breaks: Sequence[int], ghost: Sequence[Strip], width: int) -> list[Strip]:
    """The rows of a line in which a ghost stands at cell `at`: what is behind it moves to the ghost's end.

    `breaks` are the cells at which the line is wrapped by itself: rows before the ghost stay as they are. `width` is
    that of a row, 0 without wrapping.
    """
    before = [cell for cell in breaks if cell <= at]
    head = wrapped(line.crop(0, at), [cell for cell in before if cell < at])
    if before and before[-1] == at:
        head.append(Strip([], 0))
    rest = line.crop(at, line.cell_length)
    logical = [Strip.join([head[-1], ghost[0]]), *ghost[1:]]
    logical[-1] = Strip.join([logical[-1], rest])
    return [*head[:-1], *(row for strip in logical for row in _hard_wrapped(strip, width))]


def _hard_wrapped(strip: Strip, width: int) -> Iterator[Strip]:
    if not width or strip.cell_length <= width:
        yield strip
        return
    for start in range(0, strip.cell_length, width):
        yield strip.crop(start, min(start + width, strip.cell_length))
