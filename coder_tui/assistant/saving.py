"""Putting what an editor holds on disk. Everything in the app that writes a file of the user's goes through here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.document import Document, with_newline
from coder_tui.core.errors import WriteError
from coder_tui.edits import changes, files, write
from coder_tui.edits.write import create


@dataclass(frozen=True, slots=True)
class Saved:
    """The document as it is on disk now."""

    document: Document
    warnings: tuple[str, ...] = ()


def save(document: Document, text: str, *, root: Path | None, max_bytes: int) -> Saved:
    """Write `text` (LF) as the new content of a document's file; one that was never read (no digest) is made.

    Raises ChangedOnDiskError when the file is no longer what was read, WriteError, DocumentError.
    """
    if document.path is None:
        raise WriteError("the text has no file name yet")
    if not document.digest:
        create(document.path, document.bom + files.encode(with_newline(text, document.newline), document))
        return Saved(files.read(document.path, max_bytes=max_bytes))
    replacements = changes.spans(document, text)
    warnings = write.apply(document, replacements, repository=root) if replacements else ()
    return Saved(files.read(document.path, max_bytes=max_bytes), warnings)
