"""Many files are read by several processes, and it comes to the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from coder_tui.context import index, readers, reading
from coder_tui.context.exclude import Rules
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.store import Store, remove


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for number in range(40):
        (folder / f"m{number}.py").write_text(f"import m{number + 1}\n\n\ndef f{number}(): ...\n")
    (folder / "private.py").write_text("x = 1\n")
    # Were a process to look for modules where it works, or in what it reads, it would run this.
    for name in ("marshal.py", "struct.py", "sitecustomize.py"):
        (folder / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    return folder


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few files are many, and there are three processors."""
    monkeypatch.setattr(readers, "_MANY", 1)
    monkeypatch.setattr(readers, "BATCH", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)


def paths(root: Path) -> list[str]:
    return [*index.listed(root), "not/there.py"]


def all_rows(root: Path, rules: Rules) -> tuple[int, list[object]]:
    batches = list(readers.rows(root, rules, paths(root), lambda: True))
    rows = sorted((row for _, some in batches for row in some), key=lambda row: row[0][0])
    return sum(count for count, _ in batches), [(*row[:3], set(row[3].split())) for row in rows]


@pytest.mark.usefixtures("many")
def test_several_processes_read_what_one_would(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    rules = Rules(root, ["private.py"])
    started: list[subprocess.Popen[bytes]] = []
    start = readers._started
    monkeypatch.setattr(readers, "_started", lambda command: started.append(start(command)) or started[-1])
    count, rows = all_rows(root, rules)
    one = sorted(reading.rows(root, rules, paths(root)), key=lambda row: row[0][0])
    assert (count, rows) == (len(paths(root)), [(*row[:3], set(row[3].split())) for row in one])
    assert len(started) == 2
    assert all(helper.poll() is not None for helper in started)
    assert not (tmp_path / "ran").exists()


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("command", [["false"], ["yes"], ["cat"], ["/not/there"]])
def test_what_a_process_that_fails_was_to_read_is_read_all_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    start = readers._started
    monkeypatch.setattr(readers, "_started", lambda _: start(command))
    if command == ["yes"]:
        monkeypatch.setattr(readers, "_LENGTH", readers.struct.Struct(">b"))  # or it would read a gigabyte of it
    assert all_rows(root, Rules(root))[0] == len(paths(root))


@pytest.mark.usefixtures("many")
def test_it_stops_when_it_is_told_to(root: Path) -> None:
    turns = iter([True, False])
    assert len(list(readers.rows(root, Rules(root), paths(root), lambda: next(turns)))) <= 1


def test_what_the_user_says_later_counts_in_the_index(root: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "index.db")
    try:
        index.update(store, root, Rules(root))
        assert "private.py" in store.paths()
        index.update(store, root, Rules(root, ["private.py"]))
        assert store.refused()["private.py"] == "named in context.exclude"
        (root / ".coderignore").write_text("m1.py\n")
        index.update(store, root, Rules(root))
        assert "private.py" in store.paths()
        assert (store.refused()["m1.py"], store.imported("m0.py")) == ("named in .coderignore", [])
        (root / ".coderignore").unlink()
        assert index.update(store, root, Rules(root)).read == 1
        assert store.imported("m0.py") == ["m1.py"]
    finally:
        store.close()


def test_an_index_that_was_made_again_is_asked_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.db"
    first = Store(path)
    index.update(first, root, Rules(root))
    known = Knowledge(root, Rules(root), first)
    assert known.definitions("f3")
    remove(path)
    second = Store(path)
    (root / "m3.py").write_text("def other(): ...\n")
    index.update(second, root, Rules(root))
    monkeypatch.setattr("coder_tui.context.knowledge._LOOKED_S", -1.0)
    with known.still():
        assert [one[0] for one in known.definitions("other")] == ["m3.py"]
        assert known.definitions("f3") == []
    known.close()
    second.close()


def test_a_rule_that_is_written_while_it_works_counts_at_once(root: Path) -> None:
    known = Knowledge(root, Rules(root), None)
    with known.still():
        assert known.text("private.py")
    (root / ".coderignore").write_text("private.py\n")
    with known.still():
        assert known.text("private.py") == ""
        assert known.refused((), "m0.py", ["private.py", "gone.py"]) == {
            "private.py": "named in .coderignore",
            "gone.py": "not there",
        }
