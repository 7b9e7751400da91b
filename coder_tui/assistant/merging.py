"""A file that has changed on disk while it was edited: both changes together, where they leave each other alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coder_tui.core.document import Document, to_lf
from coder_tui.edits import merge

_PLACES = 8


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it."""

    text: str | None
    """Both changes, in LF; None where they meet, or where the file is gone."""
    places: Sequence[tuple[int, int]] = ()
    """Where they meet: the first and last line of what is edited, 0-based."""


def merged(read: Document, text: str, disk: Document) -> Merged:
    """`text` (LF), which an editor made of what was read, with what became of the file on disk since."""
    if not disk.digest or not read.digest:
        return Merged(None)
    base, theirs = to_lf(read.text), to_lf(disk.text)
    both = merge.merge(base, text, theirs)
    return Merged(both, merge.conflicts(base, text, theirs) if both is None else ())


def told(both: Merged) -> str:
    """What the user can do, in words."""
    rest = "Overwrite puts your text in its place; Reload gives your changes up, and Undo brings them back."
    if both.text is not None:
        return f"Merge keeps your changes and those on disk: they are of different lines. {rest}"
    if not both.places:
        return rest
    places = [f"{first + 1}" if first == last else f"{first + 1}-{last + 1}" for first, last in both.places]
    more = f" and {len(places) - _PLACES} more places" if len(places) > _PLACES else ""
    return f"It cannot be merged: both changed line {', '.join(places[:_PLACES])}{more}. {rest}"
