"""Files in a running app: saving, what changes on disk, copies for a crash, the tree."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import git
from ui.harness import Play, play, playing

from coder_tui.assistant.host import Missing
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.errors import NoModelError, WeightsError
from coder_tui.edits.recovery import Recovery
from coder_tui.ui.messages import ModelTold
from coder_tui.ui.screens.ask import Ask, AskText
from coder_tui.ui.screens.models import Models

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))


def asks(running: Play, kind: type = Ask) -> bool:
    return isinstance(running.app.screen, kind)


def saved(running: Play) -> bool:
    return not running.app.editors.active.modified


def test_a_file_keeps_its_bytes_but_for_what_was_typed(work: Path) -> None:
    (work / "dos.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo \x0c\xff\nthree")

    async def scene() -> None:
        async with playing(work, file="dos.txt", settings=OFF) as running:
            await running.press("x")
            assert "dos.txt ●" in running.screen_text
            await running.press("ctrl+s")
            await running.until(lambda: saved(running))
            assert (work / "dos.txt").read_bytes() == b"\xef\xbb\xbfxone\r\ntwo \x0c\xff\nthree"
            assert "●" not in running.screen_text

    play(scene)


def test_a_new_file_begins_empty_and_is_made_when_it_is_saved(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="sub/new.py", settings=OFF) as running:
            assert not (work / "sub").exists()
            await running.press("a", "ctrl+s")
            await running.until((work / "sub/new.py").exists)
            await running.until(lambda: "sub/new.py" in running.app.tree_view.paths)
            await running.press("ctrl+n", "b", "ctrl+s")
            await running.until(lambda: asks(running, AskText))
            await running.press(*"calc.py", "enter")
            await running.until(lambda: "is there already" in running.told)
            assert "import os" in (work / "calc.py").read_text()
            await running.press("ctrl+s")
            await running.until(lambda: asks(running, AskText))
            await running.press(*"b.txt", "enter")
            await running.until((work / "b.txt").exists)
            assert (work / "b.txt").read_text() == "b"

    play(scene)


def test_what_changed_on_disk_is_taken_or_asked_about(work: Path) -> None:
    path = work / "calc.py"

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            path.write_text("x = 1\n")
            await running.app.files.look()
            assert running.area.text == "x = 1\n"
            await running.press("y")
            path.write_text("z = 22\n")
            await running.app.files.look()
            assert running.area.text == "yx = 1\n"
            await running.until(lambda: "saving will offer to merge" in running.told)
            await running.press("ctrl+s")
            await running.until(lambda: asks(running))
            await running.press("k")
            assert path.read_text() == "z = 22\n"
            await running.press("ctrl+s")
            await running.until(lambda: asks(running))
            await running.press("w")
            await running.until(lambda: saved(running))
            assert path.read_text() == "yx = 1\n"

    play(scene)


def test_reloading_can_be_undone(work: Path) -> None:
    path = work / "calc.py"

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("y")
            path.write_text("z = 22\n")
            await running.press("ctrl+s")
            await running.until(lambda: asks(running))
            await running.press("r")
            await running.until(lambda: running.area.text == "z = 22\n")
            await running.press("ctrl+z")
            assert running.area.text.startswith("yimport os")

    play(scene)


def test_a_file_that_cannot_be_written_stays_open(work: Path) -> None:
    (work / "calc.py").chmod(0o444)

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("y", "ctrl+s")
            await running.until(lambda: "write-protected" in running.told)
            assert running.app.editors.active.modified

    play(scene)


def test_a_large_or_binary_file_is_refused_with_a_line(work: Path) -> None:
    (work / "large.txt").write_bytes(b"x" * (33 << 20))
    (work / "binary").write_bytes(b"\0\1\2")
    (work / "odd.txt").write_text("\U0010f001")

    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            await running.app.files.open(work / "large.txt")
            await running.app.files.open(work / "binary")
            await running.until(lambda: "the editor opens files of up to" in running.told)
            await running.until(lambda: "binary" in running.told)
            assert running.app.editors.files == []
            await running.app.files.open(work / "odd.txt")
            assert "keeps for itself" in running.told
            await running.press("x")
            assert running.area.text == "\U0010f001"

    play(scene)


def test_unsaved_text_survives_a_crash(work: Path) -> None:
    async def before() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("y")
            await running.app.keeping.keep_all()

    play(before)
    [copy] = (paths.state_dir() / "recovery").glob("*.json")
    copy.write_bytes(copy.read_bytes().replace(f'"pid": {os.getpid()}'.encode(), b'"pid": 2147483000'))

    async def after() -> None:
        async with playing(work, settings=OFF) as running:
            await running.until(lambda: asks(running))
            assert "calc.py" in running.screen_text
            await running.press(*"old")
            assert asks(running), "it was typed before anybody could see the question"
            await running.press("enter")
            await running.until(lambda: running.app.editors.active is not None and running.app.editors.active.modified)
            assert running.area.text.startswith("yimport os")
            assert Recovery(paths.state_dir() / "recovery").found() == []
            await running.press("ctrl+s")
            await running.until(lambda: saved(running))

    play(after)
    assert (work / "calc.py").read_text().startswith("yimport os")
    assert list((paths.state_dir() / "recovery").iterdir()) == []


def test_quitting_asks_only_when_something_is_modified(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("y", "ctrl+q")
            await running.until(lambda: asks(running))
            await running.press("escape")
            assert running.app.is_running
            await running.press("ctrl+q")
            await running.until(lambda: asks(running))
            await running.press("s")
            await running.until(lambda: running.app._exit)

    play(scene)
    assert (work / "calc.py").read_text().startswith("yimport")

    async def again() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("ctrl+q")
            await running.until(lambda: running.app._exit)

    play(again)


def test_closing_a_modified_tab_asks(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("y", "ctrl+w")
            await running.until(lambda: asks(running))
            await running.press("d")
            await running.until(lambda: not running.app.editors.files)
            assert (work / "calc.py").read_text().startswith("import")
            assert "open a file" in running.screen_text

    play(scene)


def test_lines_that_differ_from_what_is_committed_are_marked(work: Path) -> None:
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "first")

    async def scene() -> None:
        async with playing(work, file="calc.py", line=2, settings=OFF) as running:
            await running.press("x")
            await running.until(lambda: running.area.marks == {1: "changed"})
            assert "2 ▎ x" in running.screen_text
            await running.press("ctrl+z")
            await running.until(lambda: running.area.marks == {})

    play(scene)


def test_the_tree_makes_renames_and_deletes(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await running.press("ctrl+b")
            running.app.tree_view.reveal("calc.py")
            await running.press("r")
            await running.until(lambda: asks(running, AskText))
            running.app.screen.query_one("Input").value = "sum.py"
            await running.press("enter")
            await running.until(lambda: "sum.py" in running.app.tree_view.paths)
            assert not (work / "calc.py").exists()
            assert running.app.editors.active.path == work / "sum.py"
            running.app.tree_view.reveal("sum.py")
            await running.press("d")
            await running.until(lambda: asks(running))
            await running.press("escape")
            assert (work / "sum.py").exists()
            await running.press("d")
            await running.until(lambda: asks(running))
            await running.press("x")
            await running.until(lambda: "sum.py" not in running.app.tree_view.paths)
            await running.press("n")
            await running.until(lambda: asks(running, AskText))
            await running.press(*"x/y.py", "enter")
            await running.until((work / "x/y.py").exists)
            await running.until(lambda: running.app.editors.active.name == "y.py")

    play(scene)


def test_without_git_the_directory_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("x\n")
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))

    async def scene() -> None:
        async with playing(tmp_path, file="a.py", settings=OFF) as running:
            await running.until(lambda: "git is not installed" in running.told)
            await running.press("x", "ctrl+s")
            await running.until(lambda: saved(running))
            await running.until(lambda: not any(worker.group == "files" for worker in running.app.workers))
            assert running.told.count("git is not installed") == 1
            assert running.app.tree_view.paths == ("a.py",)

    play(scene)


def test_without_a_model_it_is_offered_and_the_editor_works(work: Path) -> None:
    def none(_settings: Settings) -> Path:
        raise NoModelError("the model starter is not here yet")

    async def scene() -> None:
        async with playing(work, file="calc.py", find_model=none) as running:
            await running.until(lambda: asks(running, Models))
            await running.until(lambda: "starter" in running.screen_text)
            assert any(isinstance(message, ModelTold) for message in running.messages)
            assert any(isinstance(getattr(message, "state", None), Missing) for message in running.messages)
            await running.press("escape", "y")
            assert running.area.text.startswith("y")
            await running.press("ctrl+l", *"hi", "enter")
            await running.until(lambda: "no model to ask" in running.told)
            assert running.app.chat.prompt.text == "hi"

    play(scene)


def test_a_model_that_cannot_be_loaded_is_told(work: Path) -> None:
    def damaged(_settings: Settings) -> Path:
        raise WeightsError("model.gguf is damaged", hint="fetch it again")

    async def scene() -> None:
        async with playing(work, file="calc.py", find_model=damaged) as running:
            await running.until(lambda: "model.gguf is damaged" in running.told)
            assert "hint: fetch it again" in running.told

    play(scene)
