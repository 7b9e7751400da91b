"""What an answer may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code: a whole file, a definition, or some lines."""

    name: str
    """Of its file as the answer has it; empty when it names none."""
    text: str
    """LF."""
    language: str = ""
    """What the fence says, lower case."""
    is_closed: bool = True
    """False where the answer ends, or another block begins, before this one has ended."""
    heading: str = ""
    """The comment in its first line that said the name; it is not in `text`."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Lines to look for and what comes in their place: a search/replace block, or a hunk of a diff."""

    name: str
    search: str
    """LF; empty for text that is put in without saying where."""
    replace: str
    line: int | None = None
    """0-based line at which a diff says that it is; models are often wrong."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that a diff takes away."""

    name: str


Piece = Code | Exchange | Removal
