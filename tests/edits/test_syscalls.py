"""Killed, torn and failing at each call of the C library that writing files makes."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from edits import syscalls
from edits.changes import NEW, OLD, journal_of, lay, on_disk, root_of, start_over, three
from edits.syscalls import ROUNDS, Mode, Server

from coder_tui.edits import changing
from coder_tui.edits.changing import Place
from coder_tui.edits.journal import State, digest

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR, errno.EXDEV)
ONE = {**OLD, "a.py": NEW["a.py"]}
LARGE = b"line of a larger file\n" * 4000


@pytest.fixture
def place(quick_place: Place) -> Place:
    return quick_place


@pytest.fixture
def server(place: Place) -> Iterator[Server]:
    lay(place)
    with syscalls.serving(root_of(place).parent) as serving:
        yield serving


def leftovers(place: Place) -> list[Path]:
    return [path for path in root_of(place).parent.rglob(".*") if path.name.startswith((".coder-", ".0"))]


def start(place: Place) -> None:
    changing.apply(place, three(place), reason="test")


def settle(place: Place) -> None:
    """What the next start does, and what must hold then: all is old or all is new, as the journal says, and nothing
    else is left."""
    journal = journal_of(place)
    with journal.locked():
        changing.recover(journal)
    now = on_disk(place)
    assert now in (OLD, NEW)
    assert leftovers(place) == []
    assert not journal.is_interrupted()
    records = journal.records()
    assert all(one.state in (State.DONE, State.UNDONE) for one in records)
    made = [one for one in records if not one.of]
    if records:
        after = records[0]
        assert all(
            digest(now.get(Path(one.path).relative_to(root_of(place)).as_posix())) == one.after for one in after.files
        )
    else:
        assert now == OLD
    assert len(made) <= 1


def test_a_single_file_without_a_journal(place: Place, server: Server) -> None:
    """200 kills, half of them in the middle of a write: old or new, never else."""
    files = {"small": OLD["a.py"], "large": OLD["a.py"] + LARGE}
    seen: set[bytes] = set()
    while server.kills < 200 * ROUNDS:
        for old in files.values():
            new = old.replace(b"two", b"TWO")
            for mode in (Mode.KILL, Mode.TEAR):
                at, was_killed = 0, True
                while was_killed:
                    at += 1
                    lay(place)
                    (root_of(place) / "a.py").write_bytes(old)
                    was_killed = server.run("write_one", mode, at).killed
                    now = (root_of(place) / "a.py").read_bytes()
                    assert now in (old, new)
                    seen.add(now)
    lay(place)
    assert not server.run("write_one", Mode.COUNT).refused
    assert on_disk(place) == ONE
    assert leftovers(place) == []
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("work", "before", "least"),
    [("apply", start_over, 330), ("undo", start, 200), ("redo", lambda place: (start(place), undo(place)), 200)],
)
def test_several_files_and_the_way_back(
    place: Place, server: Server, work: str, before: Callable[[Place], object], least: int
) -> None:
    """At each call killed, and torn: all files old or all new, and the journal agrees."""
    ends: set[bool] = set()
    modes = [Mode.KILL, Mode.TEAR]
    while server.kills < least * ROUNDS:
        mode = modes[0] if server.kills == 0 else modes[1]
        at, was_killed = 0, True
        while was_killed:
            at += 1
            start_over(place)
            if before is not start_over:
                before(place)
            was_killed = server.run(work, mode, at).killed
            settle(place)
            ends.add(on_disk(place) == NEW)
    assert server.kills >= least
    assert ends == {True, False}


def undo(place: Place) -> None:
    changing.undo(place, journal_of(place).records()[0])


def test_killed_while_recovering(place: Place, server: Server) -> None:
    """70 kills: what was begun is taken back by whoever comes next, however often it is killed at it."""
    start_over(place)
    calls = server.run("apply", Mode.COUNT).count
    for at in range(calls // 2, calls, 4):
        start_over(place)
        assert server.run("apply", Mode.KILL, at).killed
        step = 1
        while server.run("recover", Mode.KILL, step).killed:
            now = on_disk(place)
            assert all(now.get(name) in (OLD.get(name), data) for name, data in NEW.items())
            step += 5
        settle(place)
    assert server.kills >= 70


@pytest.mark.parametrize("code", ERRORS, ids=errno.errorcode.get)
def test_calls_that_fail(place: Place, server: Server, code: int) -> None:
    """At each call of changing three files: all as it was and a clear error, or all changed."""
    start_over(place)
    calls = server.run("apply", Mode.COUNT).count
    refused = 0
    for at in range(1, calls + 1):
        start_over(place)
        outcome = server.run("apply", Mode.FAIL, at, code)
        assert not outcome.raised, outcome
        now = on_disk(place)
        assert now == (OLD if outcome.refused else NEW)
        refused += bool(outcome.refused)
        settle(place)
        assert on_disk(place) == now
    assert server.faults == calls
    assert refused > calls // 3 or code == errno.EINTR


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_is_gone_from_then_on(place: Place, server: Server, code: int) -> None:
    start_over(place)
    calls = server.run("apply", Mode.COUNT).count
    for at in range(1, calls + 1, 2):
        start_over(place)
        outcome = server.run("apply", Mode.FAIL_FROM, at, code)
        assert not outcome.raised, outcome
        settle(place)


@pytest.mark.parametrize("code", ERRORS, ids=errno.errorcode.get)
def test_calls_that_fail_without_a_journal(place: Place, server: Server, code: int) -> None:
    lay(place)
    calls = server.run("bare", Mode.COUNT).count
    for at in range(1, calls + 1, 2):
        lay(place)
        outcome = server.run("bare", Mode.FAIL, at, code)
        assert not outcome.raised, outcome
        assert on_disk(place) == (OLD if outcome.refused else NEW)
