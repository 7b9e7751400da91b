"""How far in a line begins: the next one after Enter, one that a closing bracket or `else:` begins. Pure functions on
lines without their line ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from coder_tui.core import brackets
from coder_tui.core.brackets import CLOSERS

_OPENERS = ("(", "[", "{", ":")
_LAST = re.compile(r"\s*(?:return|raise|pass|break|continue)\b")
"""Statements behind which a block of Python has no more."""
_CONTINUES = ("(", "[", "{", ",", "\\")
_BEGINS = {
    "else": frozenset({"if", "elif", "for", "while", "try", "except", "case"}),
    "elif": frozenset({"if", "elif"}),
    "except": frozenset({"try", "except"}),
    "finally": frozenset({"try", "except", "else"}),
    "case": frozenset({"match"}),
}
"""What a block goes on with, and what that block can have begun with."""
_FAR = 2000
"""Lines in which the beginning of a block is looked for."""


def space_of(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip())]


def new_line(left: str, right: str, unit: str, *, by_blocks: bool = False) -> tuple[str, str]:
    """What Enter puts between the parts of a line: (before the cursor, behind it).

    The new line has the indentation of the old one, a step more behind an opener, a step less behind the last
    statement of a block where nothing but indentation makes blocks (`by_blocks`); a closer on the right goes to a line
    of its own.
    """
    same, text = space_of(left), left.rstrip()
    opened = text.endswith(_OPENERS)
    if opened and not text.endswith(":") and right[:1] in CLOSERS:
        return f"\n{same}{unit}", f"\n{same}"
    if opened:
        return f"\n{same}{unit}", ""
    if by_blocks and not right.strip() and _is_last(text):
        same = same.removesuffix(unit)
    return f"\n{same}", ""


def _is_last(text: str) -> bool:
    is_open = any(text.count(opener) > text.count(closer) for closer, opener in CLOSERS.items())
    return bool(_LAST.match(text)) and not text.endswith(_CONTINUES) and not is_open


def of_closer(lines: Sequence[str], row: int, closer: str) -> str | None:
    """The indentation of the line that has the bracket which `closer` closes at the beginning of line `row`; None where
    none is found."""
    found = brackets.match([*lines[:row], closer], closer, (row, 0))
    return space_of(lines[found[0]]) if found is not None else None


def of_clause(lines: Sequence[str], row: int, clause: str) -> str | None:
    """The indentation of the statement that `clause`, the text of line `row`, goes on with: of its `if` for an `else`.
    None where it has one at its own indentation, or nowhere."""
    first, within = re.match(r"\w*", clause.lstrip()), len(space_of(clause))
    begins = _BEGINS.get(first.group() if first else "", frozenset())
    for line in reversed(lines[max(0, row - _FAR) : row]) if begins else ():
        depth = len(space_of(line))
        if not line.strip() or depth > within:
            continue
        word = re.match(r"(?:async\s+)?(\w*)", line.lstrip())
        if word and word.group(1) in begins and line.rstrip().endswith(":"):
            return space_of(line) if depth < within else None
        if depth < within:
            within = depth
    return None
