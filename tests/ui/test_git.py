"""What the app shows of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cli.running import git
from ui.harness import play, playing

from coder_tui.context import repository
from coder_tui.ui import app as app_module


def commit(work: Path) -> None:
    git(work, "add", "-A")
    git(work, "commit", "-qm", "all")


def test_states_of_files(work: Path) -> None:
    (work / "a b[1].py").write_text("x")
    commit(work)
    assert repository.states(work) == {}
    (work / "calc.py").write_text("changed")
    (work / "docs" / "é.md").write_text("new")
    (work / "staged.py").write_text("new")
    (work / "a b[1].py").unlink()
    git(work, "add", "staged.py")
    assert repository.states(work) == {"calc.py": "changed", "docs/é.md": "untracked", "staged.py": "added"}
    git(work, "mv", "calc.py", "moved.py")
    assert repository.states(work)["moved.py"] == "added"
    assert repository.states(work / "docs" / "none") == {}


def test_a_conflict(work: Path) -> None:
    commit(work)
    for branch, text in (("one", "1"), ("two", "2")):
        git(work, "checkout", "-qb", branch, "main")
        (work / "calc.py").write_text(text)
        commit(work)
    with pytest.raises(subprocess.CalledProcessError):
        git(work, "merge", "one")
    assert repository.states(work) == {"calc.py": "conflict"}


def test_the_tree_says_what_git_would_and_follows_it(work: Path) -> None:
    async def scene() -> None:
        commit(work)
        (work / "docs" / "new.md").write_text("x")
        async with playing(work, file="calc.py", size=(160, 24)) as running:
            tree = running.app.tree_view
            await running.until(lambda: tree._states.get("docs/") == "within")
            tree.reveal("docs/new.md")
            await running.until(lambda: "new.md ?" in running.screen_text)
            await running.press("x", "ctrl+s")
            await running.until(lambda: "calc.py M" in running.screen_text)
            await running.app._see()
            git(work, "add", "-A")
            await running.until(lambda: "new.md A" in running.screen_text)
            git(work, "commit", "-qm", "two")
            await running.until(lambda: "calc.py M" not in running.screen_text and not tree._states)
            await running.until(lambda: not running.area.marks)

    play(scene)


def test_a_change_on_disk_is_seen_when_it_happens(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "_LOOK_S", 3600.0)

    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            await running.until(lambda: any(worker.group == "watch" for worker in running.app.workers))
            for number in range(1000):  # until somebody watches
                (work / "calc.py").write_text(f"changed = {number}\n")
                await running.pilot.pause(0.02)
                if "changed" in running.area.text:
                    break
            assert running.area.text.startswith("changed")

    play(scene)
