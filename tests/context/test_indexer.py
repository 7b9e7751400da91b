"""The process that follows a repository."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coder_tui.context import index
from coder_tui.context.indexer import Indexer
from coder_tui.context.store import Store

_PATIENCE_S = 30.0


def eventually(answer: Callable[[], bool]) -> None:
    """What other processes do takes its time, more on a busy machine."""
    end = time.monotonic() + _PATIENCE_S
    while not answer():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "core.py").write_text("class Till: ...\n")
    # Were the process to look for modules where it works, or in what it reads, it would run this.
    for name in ("sqlite3.py", "filelock.py", "sitecustomize.py"):
        (folder / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    return folder


def asked(root: Path, question: Callable[[Store], object]) -> object:
    if not index.path_of(root).exists():
        return None
    try:
        store = Store(index.path_of(root))
    except sqlite3.Error:
        return None
    try:
        return question(store)
    finally:
        store.close()


def test_it_follows_what_happens(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with Indexer(root, ["*.sql"]) as indexer:
        eventually(lambda: asked(root, lambda store: store.meta("linked")) == "yes")
        (root / "main.py").write_text("from core import Till\n")
        eventually(lambda: asked(root, lambda store: store.importers("core.py")) == ["main.py"])
        (root / "main.py").write_text("x = 1\n")
        eventually(lambda: asked(root, lambda store: store.importers("core.py")) == [])
        (root / "core.py").unlink()
        eventually(lambda: asked(root, lambda store: store.entry("core.py")) is None)
        assert indexer.is_running
    assert not indexer.is_running
    assert not (tmp_path / "ran").exists()


def test_a_damaged_index_is_made_again(root: Path) -> None:
    index.path_of(root).parent.mkdir(parents=True)
    index.path_of(root).write_bytes(b"no database, but as long as the head of one would be" * 40)
    with Indexer(root):
        eventually(lambda: asked(root, lambda store: store.meta("linked")) == "yes")


def test_it_ends_with_whoever_started_it(root: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom coder_tui.context.indexer import Indexer\n"
        "one = Indexer(Path(sys.argv[1]))\nprint(one._process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, check=False)
    pid = int(done.stdout)
    eventually(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])


def test_the_second_one_takes_over(root: Path) -> None:
    with Indexer(root) as first, Indexer(root) as second:
        eventually(lambda: asked(root, lambda store: store.meta("linked")) == "yes")
        first.close()
        (root / "new.py").write_text("class New: ...\n")
        eventually(lambda: bool(asked(root, lambda store: store.definitions("New", 1))))
        assert second.is_running
    assert os.path.exists(index.path_of(root))  # noqa: PTH110


def test_what_is_ignored_later_goes_and_comes_back(root: Path) -> None:
    with Indexer(root):
        eventually(lambda: "core.py" in (asked(root, lambda store: store.paths()) or ()))
        (root / ".coderignore").write_text("core.py\n")
        eventually(lambda: (asked(root, lambda store: store.refused()) or {}).get("core.py") == "named in .coderignore")
        (root / ".coderignore").write_text("")
        eventually(lambda: "core.py" in asked(root, lambda store: store.paths()))
        (root / ".gitignore").write_text("core.py\n")
        eventually(lambda: "core.py" not in asked(root, lambda store: store.states()))
