"""Text files as the program holds them: Document, Position, Span, and the conversion between places and offsets.

Text keeps the file's own line endings; only LF, CRLF and CR end a line (not form feed or U+2028, which `str.splitlines`
would also take). Lines and columns are 0-based here, columns count code points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from coder_tui.core.errors import DocumentError

LINE_END = re.compile(r"\r\n|\n|\r")
_BLOCK = 1 << 16
"""Lines are counted in blocks of so many characters: counting is a hundred times faster than finding each."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two characters: 0-based line, 0-based column in code points."""

    line: int
    column: int

    def __str__(self) -> str:
        """As users write it: 1-based."""
        return f"{self.line + 1}:{self.column + 1}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Text from offset `start` up to, not including, offset `end`, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what is needed to write it back byte for byte."""

    text: str
    """Decoded content with the line endings of the file. Undecodable bytes are lone surrogates (surrogateescape)."""
    path: Path | None = None
    """Where it was read from; None for text from standard input."""
    encoding: str = "utf-8"
    """Python codec name, without the BOM: `utf-8`, `utf-16-le`, `cp1252`."""
    bom: bytes = b""
    """The byte order mark that stood before the text, or nothing."""
    digest: str = ""
    """SHA-256 (hex) of the bytes that were read; a write is refused when the file no longer has it."""

    def offset(self, position: Position) -> int:
        """Offset in code points of a position. Raises DocumentError when the document has no such place."""
        start = self._line_start(position.line)
        end = self._line_end(start)
        if not 0 <= position.column <= end - start:
            raise DocumentError(
                f"line {position.line + 1} of {self.name} ends at column {end - start + 1}, "
                f"there is no column {position.column + 1}",
                hint="columns count characters and start at 1; leave the column out for the end of the line",
            )
        return start + position.column

    def end_of_line(self, line: int) -> Position:
        """The position behind the last character of a line, before its line ending."""
        start = self._line_start(line)
        return Position(line, self._line_end(start) - start)

    def position(self, offset: int) -> Position:
        """The position of an offset. One between CR and LF counts as before the CR, one outside the text as its end."""
        offset = max(0, min(offset, len(self.text)))
        if self.text[offset - 1 : offset + 1] == "\r\n":
            offset -= 1
        start = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        return Position(_endings(self.text, offset), offset - start)

    @property
    def line_count(self) -> int:
        """One more than there are line endings: an empty text has one line."""
        return _endings(self.text, len(self.text)) + 1

    @property
    def newline(self) -> str:
        """The line ending that most of the lines have; LF when there is none."""
        crlf = self.text.count("\r\n")
        lf = self.text.count("\n") - crlf
        cr = self.text.count("\r") - crlf
        most = max(lf, crlf, cr)
        return "\n" if most == lf else "\r\n" if most == crlf else "\r"

    @property
    def name(self) -> str:
        """What to call the document in a message."""
        return str(self.path) if self.path is not None else "the text on standard input"

    def _line_start(self, line: int) -> int:
        count = self.line_count
        if not 0 <= line < count:
            raise DocumentError(
                f"{self.name} has {count} line{'s' if count > 1 else ''}, there is no line {line + 1}",
                hint="lines start at 1",
            )
        start = 0
        while line and (endings := _endings(self.text, end := self._block_end(start), start)) < line:
            start, line = end, line - endings
        for ending in islice(LINE_END.finditer(self.text, start), line):
            start = ending.end()
        return start

    def _block_end(self, start: int) -> int:
        """Somewhat further on in the text, and not between CR and LF."""
        end = min(start + _BLOCK, len(self.text))
        return end + (self.text[end - 1 : end + 1] == "\r\n")

    def _line_end(self, start: int) -> int:
        ending = LINE_END.search(self.text, start)
        return ending.start() if ending else len(self.text)


def _endings(text: str, end: int, start: int = 0) -> int:
    """How many line endings there are from `start` to `end`; a CR at `end` is one, whatever follows."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def to_lf(text: str) -> str:
    """The text with every line ending turned into LF, which is what models are trained on."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def lf_offset(document: Document, position: Position) -> int:
    """The offset of a position in `to_lf(document.text)`. Raises DocumentError as `Document.offset`."""
    offset = document.offset(position)
    return offset - document.text.count("\r\n", 0, offset)


def with_newline(text: str, newline: str) -> str:
    """LF text with another line ending: the way back from `to_lf`."""
    return text if newline == "\n" else text.replace("\n", newline)


def reference(path: str, first_line: int, last_line: int) -> str:
    """Lines of a file (1-based) as people write them: `a.py:3-5`, `a.py:3`."""
    return f"{path}:{first_line}-{last_line}" if last_line > first_line else f"{path}:{first_line}"
