"""A change as rows to look at: in one column, or side by side. Long lines are wrapped: all of a change can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from textual.content import Content

from coder_tui.core.standins import held, seen
from coder_tui.ui.hunks import Change, Row

_LEFT = 9
"""Cells before the text: number, marks, sign."""


@dataclass(frozen=True, slots=True)
class Look:
    """How it is shown."""

    width: int
    at: int
    """The hunk that is looked at."""
    taken: frozenset[int]
    ansi: bool
    """Only with the terminal's own colours."""


def column(change: Change, look: Look) -> Iterator[tuple[int | None, list[Content]]]:
    """(hunk, rows of one line) in one column."""
    for row in change.rows():
        yield row.hunk, _line(row, row.old if row.new is None else row.new, look, look.width)


def beside(change: Change, look: Look) -> Iterator[tuple[int | None, list[Content]]]:
    """(hunk, rows of a pair of lines) side by side."""
    half = look.width // 2 - 1
    for left, right in change.pairs():
        hunk = left.hunk if left is not None else right.hunk if right is not None else None
        one = _line(left, left.old if left else None, look, half)
        two = _line(right, right.new if right else None, look, half)
        height = max(len(one), len(two))
        blank = Content(" " * half)
        one, two = one + [blank] * (height - len(one)), two + [blank] * (height - len(two))
        yield hunk, [Content.assemble(left_row, " ", right_row) for left_row, right_row in zip(one, two, strict=True)]


def _line(row: Row | None, number: int | None, look: Look, width: int) -> list[Content]:
    """A line, in rows as wide as its column."""
    if row is None:
        return [Content(" " * width)]
    if row.sign == "@":
        return [Content.styled(_filled(f"{'⋯':>5}", width), "$foreground 60%")]
    first, *more = chop_cells(seen(held(row.text)).expandtabs(4), max(8, width - _LEFT)) or [""]
    if row.hunk is None:
        start, style = f"{(number or 0) + 1:>5}   ", "$foreground 70%"
    else:
        is_taken = row.hunk in look.taken
        mark = ("▶" if row.hunk == look.at else " ") + ("✓" if is_taken else "·")
        start, style = f"{(number or 0) + 1:>5}{mark}{row.sign}", _colour(row.sign, look)
        if not is_taken:
            style = "$foreground 60%"
    rows = [f"{start} {first}", *(f"{'':{_LEFT}}{text}" for text in more)]
    return [Content.styled(_filled(text, width), style) for text in rows]


def _colour(sign: str, look: Look) -> str:
    if look.ansi:  # of the terminal's own colours text and ground would be the same
        return "$error" if sign == "-" else "$success"
    return "$text-error on $error-muted" if sign == "-" else "$text-success on $success-muted"


def _filled(text: str, width: int) -> str:
    return text + " " * max(0, width - cell_len(text))
