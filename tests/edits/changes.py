"""A change of three files, for tests of changes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from coder_tui.core.document import Document, Span
from coder_tui.edits import files
from coder_tui.edits.changing import Change, Place
from coder_tui.edits.journal import Journal

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
"""A disk in memory, where there is one: for what is written thousands of times."""
OLD = {"a.py": b"one\r\ntwo\nthree\n", "b.py": b"\xef\xbb\xbfalpha\nbeta"}
NEW = {"a.py": b"one\r\nTWO\nthree\n", "b.py": b"\xef\xbb\xbfALPHA\nbeta", "new/c.py": b"fresh\n"}


def lay(place: Place) -> None:
    root = root_of(place)
    for name in NEW:
        (root / name).unlink(missing_ok=True)
    shutil.rmtree(root / "new", ignore_errors=True)
    for name, data in OLD.items():
        (root / name).write_bytes(data)


def root_of(place: Place) -> Path:
    assert place.root is not None
    return place.root


def journal_of(place: Place) -> Journal:
    assert place.journal is not None
    return place.journal


def read(path: Path) -> Document:
    return files.read(path, max_bytes=1 << 20)


def three(place: Place) -> list[Change]:
    root = root_of(place)
    first, second = read(root / "a.py"), read(root / "b.py")
    return [
        Change(first, ((Span(5, 9), "TWO\n"),)),
        Change(second, ((Span(0, 5), "ALPHA"),)),
        Change(Document("fresh\n", root / "new/c.py"), ()),
    ]


def on_disk(place: Place) -> dict[str, bytes]:
    root = root_of(place)
    found = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".coder-")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def start_over(place: Place) -> None:
    for record in journal_of(place).records():
        journal_of(place).forget(record)
    lay(place)
