from __future__ import annotations

from pathlib import Path

import pytest
from cli.running import git


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that has all of them, wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("NO_COLOR", "TMUX", "TERM_PROGRAM", "VTE_VERSION", "WT_SESSION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A git repository with a file or two."""
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "calc.py").write_text("import os\n\n\ndef add(a, b):\n    return a + b\n\n\nprint(add(1, 2))\n")
    (folder / "docs").mkdir()
    (folder / "docs" / "notes[1].md").write_text("# Notes [bold]not bold[/bold]\n")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "hidden.log").write_text("x\n")
    return folder
