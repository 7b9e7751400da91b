"""`coder undo` and `coder redo`, after what `coder infill --write` wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, git

BEFORE = "def area(w, h):\n    return \n\n\nprint(area(2, 3))\n"
AFTER = BEFORE.replace("return ", "return w * h")


@pytest.fixture
def written(work: Path, coder: Run, script: Script) -> Path:
    path = work / "area.py"
    path.write_text(BEFORE)
    git(work, "add", "-A")
    git(work, "commit", "-qm", "x")
    script("w * h\n", "sum\n")
    assert coder("infill", "area.py:2", "--write", "--no-context").code == 0
    assert path.read_text() == AFTER
    return path


def test_undo_and_redo(written: Path, coder: Run) -> None:
    result = coder("undo")
    assert (result.code, result.out, result.err) == (0, b"", "took back: infill area.py:2:12 (area.py)\n")
    assert written.read_text() == BEFORE
    assert "nothing to take back" in failed(coder("undo"))
    assert coder("redo").err == "made again: infill area.py:2:12 (area.py)\n"
    assert written.read_text() == AFTER
    assert "nothing has been taken back" in failed(coder("redo"))


def test_the_list(written: Path, coder: Run) -> None:
    told = json.loads(coder("undo", "--list", "--json").out)
    (change,) = told["changes"]
    assert (change["reason"], change["state"], change["files"]) == ("infill area.py:2:12", "done", [str(written)])
    line = coder("undo", "--list").text
    assert line.startswith(change["id"][-6:] + "  ")
    assert line.endswith("  infill area.py:2:12  area.py\n")
    coder("undo", line.split()[0])
    assert coder("undo", "--list").text.endswith("area.py (undone)\n")
    assert f"{change['id'][-6:]} is undone" in failed(coder("undo", change["id"][-6:]))
    assert "there is no change zzz" in failed(coder("undo", "zzz"))


def test_what_was_changed_since_stays_or_is_refused(written: Path, coder: Run) -> None:
    written.write_text(AFTER.replace("print(area(2, 3))", "print(area(4, 5))"))
    assert coder("undo").code == 0
    assert written.read_text() == BEFORE.replace("print(area(2, 3))", "print(area(4, 5))")
    coder("redo")
    written.write_text(AFTER.replace("w * h", "w + h"))
    message = failed(coder("undo"))
    assert "the same lines have been changed since" in message
    assert "w + h" in written.read_text()


def test_outside_of_a_repository(tmp_path: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "area.py").write_text(BEFORE)
        monkeypatch.chdir(tmp_path / name)
        script("w * h\n")
        assert coder("infill", "area.py:2", "--write", "--no-context").code == 0
    monkeypatch.chdir(tmp_path / "here")
    assert coder("undo").code == 0
    assert [(tmp_path / name / "area.py").read_text() for name in ("here", "there")] == [BEFORE, AFTER]
    assert "nothing to take back" in failed(coder("undo"))
    changes = json.loads(coder("undo", "--list", "--all", "--json").out)["changes"]
    assert [one["state"] for one in changes] == ["done", "undone"]
    assert coder("undo", "--all", changes[0]["id"][-6:]).code == 0
    assert (tmp_path / "there" / "area.py").read_text() == BEFORE


def test_a_link_that_was_followed(work: Path, tmp_path: Path, coder: Run, script: Script) -> None:
    (tmp_path / "area.py").write_text(BEFORE)
    (work / "area.py").symlink_to("../area.py")
    script("w * h\n", "w * h\n")
    ask = ("infill", "area.py:2", "--write", "--no-context")
    assert "leads out of the repository" in failed(coder(*ask))
    assert coder(*ask, "--follow").code == 0
    assert (tmp_path / "area.py").read_text() == AFTER
    assert coder("undo").code == 0
    assert (tmp_path / "area.py").read_text() == BEFORE


@pytest.mark.usefixtures("written")
def test_git_is_left_alone(work: Path, coder: Run) -> None:
    before = {path: path.read_bytes() for path in (work / ".git").rglob("*") if path.is_file()}
    coder("undo")
    assert {path: path.read_bytes() for path in (work / ".git").rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in work.iterdir()) == [".git", "area.py"]


def test_another_repository_has_its_own_changes(written: Path, tmp_path: Path, coder: Run) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    assert "nothing to take back" in failed(coder("undo", "-C", other))
    assert written.read_text() == AFTER


def test_without_a_journal(work: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "area.py").write_text(BEFORE)
    monkeypatch.setenv("CODER_JOURNAL_BYTES", "0")
    script("w * h\n")
    assert coder("infill", "area.py:2", "--write", "--no-context").err == "wrote area.py (1 line)\n"
    assert "no journal is kept" in failed(coder("undo"))


def test_a_journal_that_cannot_be_written_writes_nothing(
    work: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "area.py").write_text(BEFORE)
    (work / "file").write_text("")
    monkeypatch.setenv("CODER_STATE_DIR", str(work / "file"))
    script("w * h\n")
    result = coder("infill", "area.py:2", "--write", "--no-context")
    assert b"+    return w * h\n" in result.out  # what the model was waited for is not lost
    assert "the undo journal in" in failed(replace(result, out=b""))
    assert (work / "area.py").read_text() == BEFORE
