"""Putting what an editor holds on disk, and taking it back. Everything in the app that writes a file of the user's goes
through here.

Saves that hold something of the model's, taken in a review or out of an answer, go through the journal: `coder undo`
takes them back. Plain typing does not, nor do suggestions that were accepted at the cursor: the editor's own undo has
them, and the latest change that `coder undo` finds must be one that coder made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.document import Document, Span, with_newline
from coder_tui.core.errors import CoderError, WriteError
from coder_tui.edits import changes, changing, files, write
from coder_tui.edits.changing import Change, Place
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
    chosen = settings.journal
    return Place(Journal(paths.journal_dir(), chosen.bytes, chosen.days) if chosen.bytes else None, root)


def save(document: Document, text: str, place: Place, *, max_bytes: int, reason: str = "", session: str = "") -> Saved:
    """Write `text` (LF) as the new content of a document's file; one that was never read (no digest) is made. With a
    reason, in words for the user, and the chat that it comes from, it is written down in the journal first.

    Raises ChangedOnDiskError when the file is no longer what was read, WriteError, DocumentError.
    """
    if document.path is None:
        raise WriteError("the text has no file name yet")
    if reason and place.journal is not None:
        changed = changing.apply(place, [_change(document, text)], reason=reason, session=session)
        return Saved(files.read(document.path, max_bytes=max_bytes), changed.warnings, is_kept=True)
    if not document.digest:
        create(document.path, document.bom + files.encode(with_newline(text, document.newline), document))
        return Saved(files.read(document.path, max_bytes=max_bytes))
    replacements = changes.spans(document, text)
    warnings = write.apply(document, replacements, repository=place.root) if replacements else ()
    return Saved(files.read(document.path, max_bytes=max_bytes), warnings)


def written(place: Place, directory: Path) -> list[Record]:
    """What can be taken back here (`Journal.of`), the latest first. What was interrupted has been taken back by then.
    Raises CoderError."""
    if place.journal is None:
        raise CoderError("no journal is kept", hint="coder config unset journal.bytes")
    with place.journal.locked():
        changing.recover(place.journal)
    return [one for one in place.journal.of(place.root, directory) if one.state is State.DONE]


def _change(document: Document, text: str) -> Change:
    if document.digest:
        return Change(document, tuple(changes.spans(document, text)))
    return Change(replace(document, text=document.newline), ((Span(0, len(document.newline)), text),))
