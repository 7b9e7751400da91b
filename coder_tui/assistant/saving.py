"""Putting what an editor holds on disk, and taking it back. Everything in the app that writes a file of the user's goes
through here.

Saves that hold something of the model's, taken in a review or out of an answer, go through the journal: `coder undo`
takes them back. Plain typing does not, nor do suggestions that were accepted at the cursor: the editor's own undo has
them, and the latest change that `coder undo` finds must be one that coder made.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.document import Document, Span, with_newline
from coder_tui.core.errors import CoderError, WriteError
from coder_tui.edits import changes, changing, files, write
from coder_tui.edits.changing import Change, Changed, Place
from coder_tui.edits.journal import Journal, Record, State
from coder_tui.edits.write import create


@dataclass(frozen=True, slots=True)
class Saved:
    """The document as it is on disk now."""

    document: Document
    warnings: tuple[str, ...] = ()
    is_kept: bool = False
    """Whether `undo` can take it back."""


def place_of(root: Path | None, settings: Settings) -> Place:
    """Where an app changes files, and the journal that keeps what they were."""
    return Place(Journal(paths.journal_dir()) if settings.journal.bytes else None, root)


def save(document: Document, text: str, place: Place, *, max_bytes: int, reason: str = "") -> Saved:
    """Write `text` (LF) as the new content of a document's file; one that was never read (no digest) is made. With a
    reason, in words for the user, it is written down in the journal first.

    Raises ChangedOnDiskError when the file is no longer what was read, WriteError, DocumentError.
    """
    if document.path is None:
        raise WriteError("the text has no file name yet")
    if reason and place.journal is not None:
        changed = changing.apply(place, [_change(document, text)], reason=reason)
        return Saved(files.read(document.path, max_bytes=max_bytes), changed.warnings, is_kept=True)
    if not document.digest:
        create(document.path, document.bom + files.encode(with_newline(text, document.newline), document))
        return Saved(files.read(document.path, max_bytes=max_bytes))
    replacements = changes.spans(document, text)
    warnings = write.apply(document, replacements, repository=place.root) if replacements else ()
    return Saved(files.read(document.path, max_bytes=max_bytes), warnings)


def written(place: Place) -> list[Record]:
    """What can be taken back here, the latest first. What was interrupted has been taken back by then. Raises
    CoderError."""
    if place.journal is None:
        raise CoderError("no journal is kept", hint="coder config unset journal.bytes")
    with place.journal.locked():
        changing.recover(place.journal)
    root = str(place.root or "")
    return [one for one in place.journal.records() if one.root == root and not one.of and one.state is State.DONE]


def undo(place: Place, record: Record, settings: Settings) -> Changed:
    """Take a change back. Raises WriteError, with the reason, where its lines have been changed since."""
    changed = changing.undo(place, record)
    if place.journal is not None:
        with suppress(OSError):
            place.journal.prune(settings.journal.bytes, settings.journal.days)
    return changed


def _change(document: Document, text: str) -> Change:
    if document.digest:
        return Change(document, tuple(changes.spans(document, text)))
    return Change(replace(document, text=document.newline), ((Span(0, len(document.newline)), text),))
