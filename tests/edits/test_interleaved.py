"""Two programs and an editor at one file: what anybody has written is never lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.running import ROOT, environment
from edits import syscalls
from edits.changes import OLD, lay, on_disk, root_of, start_over
from edits.syscalls import ROUNDS, Server

from coder_tui.edits.changing import Place

WORKER = """
import sys
from pathlib import Path
from coder_tui.core.document import Span
from coder_tui.core.errors import ChangedOnDiskError
from coder_tui.edits import changing, files, write
from coder_tui.edits.changing import Change, Place
from coder_tui.edits.journal import Journal

path, journal, name, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
place = Place(Journal(journal) if name != "saves" else None, path.parent)
made = 0
while made < count:
    document = files.read(path, max_bytes=1 << 20)
    try:
        changing.apply(place, [Change(document, ((Span(0, 0), f"{name} {made}\\n"),))], reason=name)
        made += 1
    except ChangedOnDiskError:
        pass
"""


@pytest.fixture
def place(quick_place: Place) -> Place:
    return quick_place


@pytest.fixture
def server(place: Place) -> Iterator[Server]:
    lay(place)
    with syscalls.serving(root_of(place).parent) as serving:
        yield serving


def append(path: Path) -> None:
    """As a program does that writes into the file."""
    with path.open("ab") as file:
        file.write(b"mine\n")


def replace(path: Path) -> None:
    """As an editor does that writes anew beside it."""
    new = path.with_name("editor.tmp")
    new.write_bytes(path.read_bytes() + b"mine\n")
    os.replace(new, path)  # noqa: PTH105


@pytest.mark.parametrize("edit", [append, replace])
@pytest.mark.parametrize("work", ["write_one", "apply", "bare"])
def test_an_editor_that_writes_at_any_call(
    place: Place, server: Server, work: str, edit: Callable[[Path], None]
) -> None:
    """Before each call that changes the disk in turn: the editor's line is there at the end, whoever came first."""
    path = root_of(place) / "a.py"
    refused, at = 0, 0
    while True:
        at += 1
        start_over(place)
        outcome = server.stop(work, at, lambda: edit(path))
        if outcome is None:
            break
        assert not outcome.raised, outcome
        assert path.read_bytes().endswith(b"mine\n"), at
        refused += bool(outcome.refused)
        if outcome.refused:
            assert on_disk(place) == {**OLD, "a.py": OLD["a.py"] + b"mine\n"}
    assert at > 10
    assert refused > 3


@pytest.mark.parametrize("seed", range(3 * ROUNDS))
def test_two_programs_and_an_editor_at_random(tmp_path: Path, seed: int) -> None:
    """90 changes of one file; the editor writes as a program that looks first does, at moments of its own."""
    path = tmp_path / "file.py"
    path.write_text("begin\n")
    names = ("first", "second", "saves")
    command = [sys.executable, "-c", WORKER, str(path), str(tmp_path / "journal")]
    running = [subprocess.Popen([*command, name, "10"], env=environment(PYTHONPATH=str(ROOT))) for name in names]
    chance, waits = random.Random(seed), 0
    while any(one.poll() is None for one in running):
        waits += chance.randrange(3) == 0
        path.read_bytes()  # a reader always sees a whole text
    assert [one.wait() for one in running] == [0, 0, 0]
    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(["begin", *(f"{name} {number}" for name in names for number in range(10))])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file.py", "journal"]
