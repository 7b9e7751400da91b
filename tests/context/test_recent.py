"""What was edited, opened or copied lately, and what commits and the working tree say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from coder_tui.context.around import Around, Buffer
from coder_tui.context.exclude import Rules
from coder_tui.context.gather import Gatherer, Wish
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.recent import Recent

LONG = [f"def number_{at}():\n    return {at}\n" for at in range(60)]
TEXT = "\n".join(LONG)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "other.py").write_text(TEXT)
    (tmp_path / "main.py").write_text("x = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def pieces(root: Path, *chunks: tuple[str, int, str], text: str = "y = ", exclude: tuple[str, ...] = ()) -> list[Piece]:
    recent = Recent()
    for path, line, content in chunks:
        recent.add(path, line, content.split("\n"), "edited")
    known = Knowledge(root, Rules(root, exclude), None)
    return list(recent.pieces(Around(Buffer(text, len(text), "main.py")), known))


def test_of_a_long_chunk_goes_what_fits_the_cursor(root: Path) -> None:
    near = pieces(root, ("other.py", 90, TEXT), text="a = number_20() + number_21\nb = ")
    assert len(near) == 1
    assert "def number_20" in near[0].text
    assert len(near[0].text.split("\n")) <= 20
    assert TEXT.split("\n")[near[0].first_line : near[0].last_line + 1] == near[0].text.split("\n")
    where_the_cursor_was = pieces(root, ("other.py", 90, TEXT), text="a = nothing_of_it")
    assert "def number_30" in where_the_cursor_was[0].text
    assert near[0].score > where_the_cursor_was[0].score


def test_what_is_not_saved_yet_goes_as_it_is(root: Path) -> None:
    unsaved = "def fresh():\n    pass\n\ndef newer(): ...\n"
    assert "newer" in pieces(root, ("other.py", 1, unsaved))[0].text
    assert "newer" in pieces(root, ("not/there.py", 1, unsaved))[0].text


def test_the_latest_come_first_and_each_once(root: Path) -> None:
    found = pieces(root, ("b.py", 1, "a\nb\nc"), ("c.py", 1, "d\ne\nf"), ("d.py", 1, "a\nb\nc"))
    assert [(one.path, one.reason) for one in found] == [("d.py", "edited lately"), ("c.py", "edited lately")]
    assert found[0].score > found[1].score
    many = pieces(root, *((f"{at}.py", 1, f"name_{at}\nb{at}\nc{at}") for at in range(40)))
    assert len(many) == 16


def test_what_is_not_sent_elsewhere_is_not_sent_from_here(root: Path) -> None:
    (root / ".coderignore").write_text("/other.py\n")
    secret = 'x = 1\npassword = "' + "Tr0ub4dor&3xyz" + '"\ny = 2\n'
    assert pieces(root, ("other.py", 1, TEXT), ("vendor/x.py", 1, TEXT), ("s.py", 1, secret)) == []
    assert pieces(root, ("main.py", 1, TEXT), ("notes.md", 1, TEXT), ("g.py", 1, "# @generated\na\nb")) == []
    (root / "link.py").symlink_to("/etc/passwd")
    assert pieces(root, ("link.py", 1, TEXT)) == []


def test_what_is_being_written_again_is_not_sent(root: Path) -> None:
    text = "def alpha(beta, gamma):\n    delta = beta + gamma\n    return delta\n"
    assert pieces(root, ("b.py", 1, text), text=text) == []


def candidates(root: Path, source: Source) -> list[Piece]:
    known = Knowledge(root, Rules(root), None)
    return Gatherer(known).candidates(Around(Buffer("x = ", 4, "main.py")), Wish((source,)))


def test_what_the_last_commits_of_the_file_wrote_elsewhere(root: Path) -> None:
    (root / "main.py").write_text("x = 2\n")
    (root / "other.py").write_text(TEXT.replace("return 7\n", "return seven()\n"))
    (root / "caf\u00e9.py").write_text("def seven(): ...\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", 'Say "seven"')
    (root / "other.py").write_text("# moved\n" + TEXT.replace("return 7\n", "return seven()\n"))
    found = candidates(root, Source.COMMITS)
    assert {one.path: one.text for one in found} == {
        "other.py": "    return seven()",
        "caf\u00e9.py": "def seven(): ...",
    }
    assert found[0].reason == 'written in the commit "Say "seven"", which changed this file too'
    assert next(one for one in found if one.path == "other.py").first_line == 23
    (root / "other.py").write_text("gone = 1\n")
    assert [one.path for one in candidates(root, Source.COMMITS)] == ["caf\u00e9.py"]


def test_changes_are_those_of_other_files_whatever_they_are_called(root: Path) -> None:
    for name in ("main.py", "caf\u00e9 1.py"):
        (root / name).write_text("old = 0\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "second")
    for name in ("main.py", "caf\u00e9 1.py"):
        (root / name).write_text("new = 1\n")
    assert [(one.path, one.text) for one in candidates(root, Source.CHANGES)] == [("caf\u00e9 1.py", "new = 1")]
