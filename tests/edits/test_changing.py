"""Changes that can be taken back, whatever happens on the way."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from edits.changes import MEMORY, NEW, OLD, journal_of, lay, on_disk, read, root_of, three
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.core.document import Document, Span
from coder_tui.core.errors import ChangedOnDiskError, CoderError, WriteError
from coder_tui.edits import changing
from coder_tui.edits.changing import Change, Place
from coder_tui.edits.journal import Journal, State


def test_apply_undo_redo(place: Place) -> None:
    lay(place)
    done = changing.apply(place, three(place), reason="test", session="s")
    assert on_disk(place) == NEW
    record = journal_of(place).records()[0]
    assert record == done.record
    assert (record.reason, record.session, record.state, record.root) == ("test", "s", State.DONE, str(place.root))
    changing.undo(place, record)
    assert on_disk(place) == OLD
    assert not (root_of(place) / "new").exists()
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


def test_what_was_written_through_a_link_is_taken_back_through_it(place: Place, tmp_path: Path) -> None:
    outside, link = tmp_path / "outside.py", root_of(place) / "link.py"
    outside.write_bytes(b"one\n")
    link.symlink_to(outside)
    change = Change(read(link), ((Span(0, 3), "two"),))
    with pytest.raises(WriteError, match="leads out of the repository"):
        changing.apply(place, [change], reason="test")
    record = changing.apply(replace(place, follow=True), [change], reason="test").record
    assert record is not None
    assert journal_of(place).records() == [record]
    changing.undo(place, record)
    assert outside.read_bytes() == b"one\n"
    changing.redo(place, journal_of(place).records()[-1])
    assert outside.read_bytes() == b"two\n"
    assert link.is_symlink()


def test_outside_of_a_repository_it_is_the_folder_that_counts(place: Place, tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "below").mkdir(parents=True)
        path = tmp_path / name / "below" / "a.py"
        path.write_bytes(b"one\n")
        changing.apply(replace(place, root=None), [Change(read(path), ((Span(0, 3), "two"),))], reason=name)
    (tmp_path / "alias").symlink_to("here")
    journal = journal_of(place)
    for folder, found in (("here", ["here"]), ("alias/below", ["here"]), ("", ["there", "here"]), ("root", [])):
        assert [one.reason for one in journal.of(None, tmp_path / folder)] == found
    assert journal.of(place.root, tmp_path) == []
    lay(place)
    record = changing.apply(place, three(place), reason="repository").record
    assert journal.of(None, tmp_path)[0] == record
    assert [one.reason for one in journal.of(place.root, tmp_path)] == ["repository"]


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
    assert len(journal_of(place).records()) == 5
    small = replace(place, journal=replace(journal_of(place), max_bytes=6000))
    changing.apply(small, [Change(read(path), ((Span(0, 1), "5"),))], reason="5")
    assert [one.reason for one in journal_of(place).records()] == ["5", "4"]
    replace(journal_of(place), max_days=0).prune()
    assert [one.reason for one in journal_of(place).records()] == ["5"]


def test_two_that_forget_at_once_do_not_hinder_each_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process has forgotten when the other looks at it is no failure of a change that is made already."""
    path, real = root_of(place) / "a.py", Path.iterdir
    path.write_bytes(b"x" * 10)
    changing.apply(place, [Change(read(path), ((Span(0, 1), "1"),))], reason="1")

    def gone(self: Path) -> object:
        if self.parent == journal_of(place).folder:
            raise FileNotFoundError(2, "No such file or directory")
        return real(self)

    monkeypatch.setattr(Path, "iterdir", gone)
    assert changing.apply(place, [Change(read(path), ((Span(0, 1), "2"),))], reason="2").record is not None
    assert path.read_bytes() == b"2" + b"x" * 9


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


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(alphabet="aé漢\r\n\t x", max_size=40).map(lambda text: text.encode("utf-8"))
    | st.text(alphabet="aé\r\n", max_size=30).map(lambda text: text.encode("utf-16")),
    st.text(alphabet="bß\n", max_size=9),
    st.randoms(use_true_random=False),
)
def test_taking_back_is_the_identity_on_bytes(data: bytes, text: str, chance: object) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        there_and_back(Path(folder), data, text, chance)


def there_and_back(folder: Path, data: bytes, text: str, chance: object) -> None:
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
