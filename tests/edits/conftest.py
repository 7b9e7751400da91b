from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from edits.changes import MEMORY

from coder_tui.edits.changing import Place
from coder_tui.edits.journal import Journal

NOBODY = 65534


@pytest.fixture
def as_nobody(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """Root may do anything: what is about rights is tried as a user who has none. Others stay who they are."""

    @contextmanager
    def change() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        closed = {f: f.stat().st_mode for f in [tmp_path, *tmp_path.parents] if not f.stat().st_mode & 0o001}
        for folder, mode in closed.items():
            folder.chmod(mode | 0o011)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            for folder, mode in closed.items():
                folder.chmod(mode)

    return change


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A repository's folder, and a journal beside it."""
    return _laid(tmp_path)


@pytest.fixture
def quick_place(tmp_path: Path) -> Iterator[Place]:
    """The same in memory where there is such a disk: for tests that write thousands of times, and never look at what a
    power cut would leave."""
    with tempfile.TemporaryDirectory(dir=MEMORY or tmp_path) as folder:
        yield _laid(Path(folder))


def _laid(folder: Path) -> Place:
    root = folder / "root"
    root.mkdir()
    return Place(Journal(folder / "journal"), root)
