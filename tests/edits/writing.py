"""What the tests of writing share."""

from __future__ import annotations

from pathlib import Path

from coder_tui.core.document import Document, Span
from coder_tui.edits.files import read
from coder_tui.edits.write import apply

LIMIT = 1 << 20


def opened(path: Path, data: bytes = b"one\ntwo\n") -> Document:
    path.write_bytes(data)
    return read(path, max_bytes=LIMIT)


def insert(document: Document, offset: int, text: str, *, repository: Path | None = None, follow: bool = False) -> None:
    apply(document, [(Span(offset, offset), text)], repository=repository, follow=follow)
