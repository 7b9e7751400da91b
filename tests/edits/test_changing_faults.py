"""Changes of several files, killed or failing at each thing that they do to the disk."""

from __future__ import annotations

import errno
from functools import partial

import pytest
from edits import faults
from edits.changes import NEW, OLD, journal_of, lay, on_disk, root_of, start_over, three

from coder_tui.core.errors import CoderError
from coder_tui.edits import changing
from coder_tui.edits.changing import Place
from coder_tui.edits.journal import State


@pytest.fixture
def place(quick_place: Place) -> Place:
    return quick_place


def test_killed_anywhere_all_files_are_old_or_all_are_new(place: Place) -> None:
    lay(place)
    calls = faults.count(lambda: changing.apply(place, three(place), reason="test"))
    ends: set[str] = set()
    for at in range(1, calls + 2):
        start_over(place)
        was_killed = faults.killed(lambda: changing.apply(place, three(place), reason="test"), at)
        assert was_killed == (at <= calls)
        now = on_disk(place)
        assert all(now.get(name) in (OLD.get(name), data) for name, data in NEW.items())
        with journal_of(place).locked():
            changing.recover(journal_of(place))
        left = on_disk(place)
        assert left in (OLD, NEW)
        ends.add("new" if left == NEW else "old")
        records = journal_of(place).records()
        assert {one.state for one in records} <= {State.DONE}
        assert bool(records) == (left == NEW)
        for record in records:
            changing.undo(place, record)
            assert on_disk(place) == OLD
    assert ends == {"old", "new"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EXDEV, errno.EROFS])
def test_a_call_that_fails_leaves_all_as_it_was(place: Place, code: int) -> None:
    lay(place)
    calls = faults.count(lambda: changing.apply(place, three(place), reason="test"))
    for at in range(1, calls + 1):
        start_over(place)
        error = faults.failing(lambda: changing.apply(place, three(place), reason="test"), at, code)
        assert error is None or isinstance(error, CoderError), error
        assert on_disk(place) == (NEW if error is None else OLD)
        with journal_of(place).locked():
            changing.recover(journal_of(place))
        assert bool(journal_of(place).records()) == (error is None)


def test_a_kill_while_undoing_is_taken_back_too(place: Place) -> None:
    def undo() -> None:
        changing.undo(place, journal_of(place).records()[-1])

    lay(place)
    changing.apply(place, three(place), reason="test")
    calls = faults.count(undo)
    for at in range(1, calls + 1):
        start_over(place)
        changing.apply(place, three(place), reason="test")
        faults.killed(undo, at)
        with journal_of(place).locked():
            changing.recover(journal_of(place))
        assert on_disk(place) in (OLD, NEW)


def test_a_file_that_somebody_wrote_after_a_kill_stays(place: Place) -> None:
    lay(place)
    calls = faults.count(lambda: changing.apply(place, three(place), reason="test"))
    for at in range(1, calls + 1):
        start_over(place)
        faults.killed(lambda: changing.apply(place, three(place), reason="test"), at)
        path = root_of(place) / "a.py"
        is_made = path.read_bytes() == NEW["a.py"]
        path.write_bytes(b"mine\n" + path.read_bytes())
        with journal_of(place).locked():
            told = changing.recover(journal_of(place))
        assert path.read_bytes().startswith(b"mine\n")
        assert on_disk(place).keys() in (OLD.keys(), NEW.keys())
        records = journal_of(place).records()
        if not records:
            assert not is_made
            continue
        assert not told or f"{path} has been changed since and stays as it is (coder undo" in told[0]
        if is_made:
            changing.undo(place, records[0])
            assert on_disk(place) == {**OLD, "a.py": b"mine\n" + OLD["a.py"]}


def test_without_a_journal_it_is_still_all_or_none(place: Place) -> None:
    lay(place)
    bare = Place(None, place.root)
    wanted = three(place)
    calls = faults.count(lambda: changing.apply(bare, wanted, reason=""))
    for at in range(1, calls + 1):
        lay(place)
        error = faults.failing(lambda: changing.apply(bare, wanted, reason=""), at, errno.ENOSPC)
        assert on_disk(place) == (NEW if error is None else OLD)


def test_where_the_way_back_fails_too_the_next_start_finds_it(place: Place) -> None:
    lay(place)
    calls = faults.count(lambda: changing.apply(place, three(place), reason="test"))
    for at in range(1, calls + 1):
        start_over(place)
        wanted = three(place)
        faults.failing_from(partial(changing.apply, place, wanted, reason="test"), at, errno.EIO)
        with journal_of(place).locked():
            changing.recover(journal_of(place))
        assert on_disk(place) in (OLD, NEW)
