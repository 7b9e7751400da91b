"""Copies of what was not saved, so that a crash loses nothing: one file for each open document, in the state directory.

A copy belongs to the process that wrote it for as long as that lives; then anybody may take it over.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from coder_tui.config.atomic import lives, replace_file

_VERSION = 1
_MAX_BYTES = 64 << 20
"""A larger file in the directory is none of ours."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was not saved of one document."""

    path: str
    """Absolute, of its file; empty for one that never had a file."""
    text: str
    """LF line endings, as the editor had it."""
    digest: str
    """Of the file when it was read, see Document; empty when it did not exist."""
    line: int
    column: int
    """0-based place of the cursor."""
    saved: str
    """Date and time of the copy, UTC, ISO 8601."""
    pid: int
    """The process that wrote it."""
    number: int = 0
    """Tells documents without a file apart."""


class Recovery:
    """The copies in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, path: Path | None, text: str, digest: str, place: tuple[int, int], number: int = 0) -> None:
        """Write or renew the copy of a document. Raises OSError when it cannot be written."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        name = str(path) if path is not None else ""
        copy = Copy(name, text, digest, place[0], place[1], now, os.getpid(), number)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # JSON in ASCII, which writes lone surrogates as escapes.
        data = json.dumps({"version": _VERSION, **asdict(copy)}).encode("ascii")
        replace_file(self._file(name, number, copy.pid), [data], mode=0o600)

    def drop(self, path: Path | None, number: int = 0) -> None:
        """Forget this process's copy of a document; none is fine. Raises OSError."""
        self._file(str(path) if path is not None else "", number, os.getpid()).unlink(missing_ok=True)

    def discard(self, copy: Copy) -> None:
        """Forget a copy that was found. Raises OSError."""
        self._file(copy.path, copy.number, copy.pid).unlink(missing_ok=True)

    def found(self) -> list[Copy]:
        """Copies whose processes have ended, the latest first. What cannot be read is left alone."""
        return sorted(self._found(), key=lambda copy: copy.saved, reverse=True)

    def _found(self) -> Iterator[Copy]:
        try:
            files = sorted(self._directory.glob("*.json"))
        except OSError:
            return
        for file in files:
            copy = _read(file)
            if copy is not None and not lives(copy.pid):
                yield copy

    def _file(self, path: str, number: int, pid: int) -> Path:
        name = hashlib.sha256(f"{path}\0{number}\0{pid}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self._directory / f"{name}.json"


def _read(file: Path) -> Copy | None:
    try:
        if file.stat().st_size > _MAX_BYTES:
            return None
        values = json.loads(file.read_bytes())
        if not isinstance(values, dict) or values.pop("version", None) != _VERSION:
            return None
        copy = Copy(**values)
    except (OSError, ValueError, TypeError):
        return None
    wanted = {"path": str, "text": str, "digest": str, "line": int, "column": int, "saved": str, "pid": int}
    return copy if all(isinstance(getattr(copy, name), kind) for name, kind in wanted.items()) else None
