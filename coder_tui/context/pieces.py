"""Pieces of other files that may be sent along, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a piece comes from; the value is what users write in `context.sources` and `--sources`."""

    PINNED = "pinned"
    """Files that the user has named."""
    DEFINITIONS = "definitions"
    """Of names that are used around the cursor, and that the file imports."""
    OWN = "own"
    """Of such names, those that the file defines itself, too far away from the cursor to be sent."""
    MODULES = "modules"
    """What the files define that this one imports as a whole."""
    USES = "uses"
    """How other files use what this one imports."""
    CALLERS = "callers"
    """Files that use what is being written here."""
    TESTS = "tests"
    """Tests beside the code."""
    SIMILAR = "similar"
    """Code that mentions the same names."""
    RECENT = "recent"
    """What was edited, opened or copied lately."""
    CHANGES = "changes"
    """The working tree against the last commit."""
    COMMITS = "commits"
    """What the last commits of this file have written elsewhere."""
    TOGETHER = "together"
    """Files that change in the same commits as this one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of another file, or its definitions in short."""

    path: str
    first_line: int
    """0-based."""
    last_line: int
    """0-based, the last one."""
    text: str
    """LF line endings, none at its end."""
    source: Source
    reason: str
    """For the user."""
    score: float
    """The higher, the sooner it is taken."""
    fuller: str = ""
    """The same with bodies, for when there is room."""
    is_volatile: bool = False
    """Likely to be another one soon: it stands behind those that stay."""
