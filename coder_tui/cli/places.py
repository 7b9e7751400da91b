"""Places as users write them: FILE:LINE[:COL], FILE:A-B; 1-based."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.document import Document, Position
from coder_tui.core.errors import DocumentError, UsageError

_NUMBER = "[0-9]{1,18}"
_PLACE = re.compile(rf"(?P<file>.+?):(?P<line>{_NUMBER})(?::(?P<column>{_NUMBER}))?", re.DOTALL)
_RANGE = re.compile(rf"(?P<file>.+?):(?P<first>{_NUMBER})(?:-(?P<last>{_NUMBER}))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """FILE:LINE[:COL], still as written."""

    path: Path
    line: int
    column: int | None

    def within(self, document: Document) -> Position:
        """The position, 0-based; without a column the end of the line. Raises DocumentError beyond the end."""
        if self.column is None:
            return document.end_of_line(self.line - 1)
        position = Position(self.line - 1, self.column - 1)
        document.offset(position)
        return position


def place(text: str) -> Place:
    """Parse FILE:LINE[:COL]. Raises UsageError."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text} names no place", hint="write FILE:LINE or FILE:LINE:COLUMN, as in utils.py:12:5")
    line, column = int(match["line"]), match["column"]
    if line < 1 or (column is not None and int(column) < 1):
        raise UsageError(f"{text}: lines and columns start at 1")
    return Place(Path(match["file"]), line, None if column is None else int(column))


@dataclass(frozen=True, slots=True)
class LineRange:
    """FILE[:A-B], still as written."""

    path: Path
    first: int | None = None
    last: int | None = None

    def within(self, document: Document) -> tuple[str, int]:
        """(text of the lines, 0-based number of the first). Raises DocumentError beyond the end."""
        if self.first is None:
            return document.text, 0
        last = self.last or self.first
        count = document.line_count - document.text.endswith(("\n", "\r"))
        if last > count:
            raise DocumentError(f"{document.name} has {count} lines, there is no line {last}")
        start = document.offset(Position(self.first - 1, 0))
        end = document.offset(document.end_of_line(last - 1))
        return document.text[start:end], self.first - 1


def line_range(text: str) -> LineRange:
    """Parse FILE, FILE:A or FILE:A-B; a file whose name has this form is taken as a file. Raises UsageError."""
    match = _RANGE.fullmatch(text)
    if match is None or Path(text).exists():
        return LineRange(Path(text))
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not 1 <= first <= last:
        raise UsageError(f"{text}: lines start at 1, and the first one comes first")
    return LineRange(Path(match["file"]), first, last)
