"""Changes that can be taken back, whatever happens on the way."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from edits import faults
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.core.document import Document, Span
from coder_tui.core.errors import ChangedOnDiskError, CoderError, WriteError
from coder_tui.edits import changing, files
from coder_tui.edits.changing import Change, Place
from coder_tui.edits.journal import Journal, State

OLD = {"a.py": b"one\r\ntwo\nthree\n", "b.py": b"\xef\xbb\xbfalpha\nbeta"}
NEW = {"a.py": b"one\r\nTWO\nthree\n", "b.py": b"\xef\xbb\xbfALPHA\nbeta", "new/c.py": b"fresh\n"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = tmp_path / "root"
    root.mkdir()
    return Place(Journal(tmp_path / "journal"), root)


def lay(place: Place) -> None:
    root = root_of(place)
    for name in NEW:
        (root / name).unlink(missing_ok=True)
    for name, data in OLD.items():
        (root / name).write_bytes(data)


def root_of(place: Place) -> Path:
    assert place.root is not None
    return place.root


def journal_of(place: Place) -> Journal:
    assert place.journal is not None
    return place.journal


def read(path: Path) -> Document:
    return files.read(path, max_bytes=1 << 20)


def three(place: Place) -> list[Change]:
    root = root_of(place)
    first, second = read(root / "a.py"), read(root / "b.py")
    return [
        Change(first, ((Span(5, 9), "TWO\n"),)),
        Change(second, ((Span(0, 5), "ALPHA"),)),
        Change(Document("fresh\n", root / "new/c.py"), ()),
    ]


def on_disk(place: Place) -> dict[str, bytes]:
    root = root_of(place)
    found = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".coder-")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def start_over(place: Place) -> None:
    for record in journal_of(place).records():
        journal_of(place).forget(record)
    lay(place)


def test_apply_undo_redo(place: Place) -> None:
    lay(place)
    done = changing.apply(place, three(place), reason="test", session="s")
    assert on_disk(place) == NEW
    record = journal_of(place).records()[0]
    assert record == done.record
    assert (record.reason, record.session, record.state, record.root) == ("test", "s", State.DONE, str(place.root))
    changing.undo(place, record)
    assert on_disk(place) == OLD
    again = journal_of(place).records()[-1]
    assert again.state is State.UNDONE
    changing.redo(place, again)
    assert on_disk(place) == NEW


def test_what_the_user_changed_since_stays(place: Place) -> None:
    lay(place)
    record = changing.apply(place, three(place), reason="test").record
    assert record is not None
    root = root_of(place)
    (root / "a.py").write_bytes(b"zero\none\r\nTWO\nthree\n")
    (root / "new/c.py").write_bytes(b"fresh and mine\n")
    with pytest.raises(ChangedOnDiskError, match=r"c\.py has changed since; it stays as it is"):
        changing.undo(place, record)
    assert (root / "b.py").read_bytes() == NEW["b.py"]  # all or none
    (root / "new/c.py").write_bytes(b"fresh\n")
    changing.undo(place, record)
    assert on_disk(place) == {**OLD, "a.py": b"zero\none\r\ntwo\nthree\n"}


def test_the_same_lines_changed_since_are_refused(place: Place) -> None:
    lay(place)
    record = changing.apply(place, three(place), reason="test").record
    assert record is not None
    (root_of(place) / "a.py").write_bytes(b"one\r\nmine\r\nthree\n")
    before = on_disk(place)
    with pytest.raises(ChangedOnDiskError, match="the same lines have been changed since"):
        changing.undo(place, record)
    assert on_disk(place) == before


def test_an_earlier_change_can_be_taken_back_alone(place: Place) -> None:
    path = root_of(place) / "a.py"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(9)))
    first = changing.apply(place, [Change(read(path), ((Span(0, 6), "FIRST"),))], reason="first").record
    changing.apply(place, [Change(read(path), ((Span(48, 54), "LAST"),))], reason="second")
    assert first is not None
    changing.undo(place, first)
    assert path.read_bytes().startswith(b"line 0\n")
    assert b"LAST" in path.read_bytes()


def test_a_file_that_is_not_what_was_read_is_refused(place: Place) -> None:
    lay(place)
    wanted = three(place)
    (root_of(place) / "b.py").write_bytes(b"mine\n")
    before = on_disk(place)
    with pytest.raises(ChangedOnDiskError, match=r"b\.py has changed since it was read"):
        changing.apply(place, wanted, reason="test")
    assert on_disk(place) == before
    assert journal_of(place).records() == []


def test_nothing_outside_of_the_repository_is_made(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root_of(place) / "link").symlink_to(outside)
    for path in (root_of(place) / "../outside/x.py", root_of(place) / "link/x.py", tmp_path / "outside/x.py"):
        with pytest.raises(WriteError, match="is outside of the repository"):
            changing.apply(place, [Change(Document("x", path), ())], reason="test")
    assert list(outside.iterdir()) == []


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
        (root_of(place) / "a.py").write_bytes(b"mine\n")
        with journal_of(place).locked():
            changing.recover(journal_of(place))
        assert (root_of(place) / "a.py").read_bytes() == b"mine\n"


def test_two_writers_lose_nothing(place: Place) -> None:
    """Each adds its lines one by one, and reads again when the other was faster."""
    path = root_of(place) / "a.py"
    path.write_bytes(b"")

    def add(name: str) -> None:
        for number in range(12):
            while True:
                document = read(path)
                end = len(document.text)
                try:
                    changing.apply(place, [Change(document, ((Span(end, end), f"{name}{number}\n"),))], reason=name)
                    break
                except ChangedOnDiskError:
                    continue

    children: list[int] = []
    for name in ("x", "y"):
        child = os.fork()
        if child == 0:
            try:
                add(name)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    lines = path.read_text().split()
    assert sorted(lines) == sorted(f"{name}{number}" for name in "xy" for number in range(12))


def test_old_and_large_changes_are_forgotten(place: Place) -> None:
    path = root_of(place) / "a.py"
    path.write_bytes(b"x" * 1000)
    for number in range(5):
        changing.apply(place, [Change(read(path), ((Span(0, 1), str(number)),))], reason=str(number))
    journal_of(place).prune(5000, 30)
    assert [one.reason for one in journal_of(place).records()] == ["4", "3"]
    journal_of(place).prune(0, 0)
    assert [one.reason for one in journal_of(place).records()] == ["4"]


def test_nobody_else_may_read_it(place: Place, tmp_path: Path) -> None:
    lay(place)
    changing.apply(place, three(place), reason="test")
    for path in [tmp_path / "journal", *(tmp_path / "journal").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"other")])
def test_a_damaged_journal_writes_nothing(place: Place, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    lay(place)
    record = changing.apply(place, three(place), reason="test").record
    assert record is not None
    damage(tmp_path / "journal" / record.id / "0.before")
    with pytest.raises(WriteError, match=r"copy of .* is damaged"):
        changing.undo(place, record)
    assert on_disk(place) == NEW
    (tmp_path / "journal" / record.id / "record.json").write_text("{")
    assert journal_of(place).records() == []


def test_without_a_journal_it_is_still_all_or_none(place: Place) -> None:
    lay(place)
    bare = Place(None, place.root)
    wanted = three(place)
    calls = faults.count(lambda: changing.apply(bare, wanted, reason=""))
    for at in range(1, calls + 1):
        lay(place)
        error = faults.failing(lambda: changing.apply(bare, wanted, reason=""), at, errno.ENOSPC)
        assert on_disk(place) == (NEW if error is None else OLD)


@settings(max_examples=60)
@given(
    st.binary(max_size=60)
    | st.text(alphabet="aé漢\r\n\t x", max_size=40).map(lambda text: text.encode("utf-8"))
    | st.text(alphabet="aé\r\n", max_size=30).map(lambda text: text.encode("utf-16")),
    st.text(alphabet="bß\n", max_size=9),
    st.randoms(use_true_random=False),
)
def test_taking_back_is_the_identity_on_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, text: str, chance: object
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / "file.txt"
    path.write_bytes(data)
    place = Place(Journal(folder / "journal"), folder)
    try:
        document = read(path)
    except CoderError:
        return
    start = chance.randint(0, len(document.text))  # type: ignore[attr-defined]
    end = chance.randint(start, len(document.text))  # type: ignore[attr-defined]
    try:
        record = changing.apply(place, [Change(document, ((Span(start, end), text),))], reason="test").record
    except CoderError:  # the encoding has no such character
        assert path.read_bytes() == data
        return
    assert record is not None
    changing.undo(place, record)
    assert path.read_bytes() == data
