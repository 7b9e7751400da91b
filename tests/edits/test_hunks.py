"""Hunks taken one by one, edited, and found again in a text that has moved underneath."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from edits.changes import MEMORY
from edits.writing import LIMIT
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coder_tui.core.document import to_lf
from coder_tui.core.errors import ChangeError
from coder_tui.edits import changes, changing, files
from coder_tui.edits.changing import Change, Place
from coder_tui.edits.hunks import CONTEXT_LINES, DISTANCE_LINES, find, hunks, lines_of, moved
from coder_tui.edits.journal import Journal

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252")
WORDS = st.sampled_from(["a", "b", "", "  x = 1", "{", "}", "é", "\t日本", "🙂 wide", "\x0c", "form\u2028feed"])
TEXT = st.lists(WORDS, max_size=25)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """LF texts, with and without an end of the last line."""
    return "\n".join(draw(TEXT)) + draw(st.sampled_from(["", "\n"]))


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and what a few edits of its lines have made of it."""
    before = draw(TEXT)
    after = list(before)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(after)))
        after[at : at + draw(st.integers(0, 3))] = draw(st.lists(WORDS, max_size=3))
    return "\n".join(before) + draw(st.sampled_from(["", "\n"])), "\n".join(after) + draw(st.sampled_from(["", "\n"]))


@settings(max_examples=400)
@given(edits(), st.randoms(use_true_random=False))
def test_in_any_order_it_is_the_same(edit: tuple[str, str], random: object) -> None:
    before, after = edit
    patch = hunks(before, after)
    assert patch.take_all() == after
    while patch.waiting:
        patch = patch.take(random.randrange(len(patch.waiting)))  # type: ignore[attr-defined]
    assert patch.text == after


@settings(max_examples=200)
@given(edits(), st.sets(st.integers(0, 9)))
def test_what_is_left_is_not_taken_and_can_be_taken_later(edit: tuple[str, str], left: set[int]) -> None:
    before, after = edit
    patch = hunks(before, after)
    for at in sorted(left & set(range(len(patch.waiting))), reverse=True):
        patch = patch.leave(at)
    some = patch.take_all()
    assert hunks(some, after).take_all() == after
    assert hunks(after, some).take_all() == some


@settings(max_examples=200)
@given(edits())
def test_a_hunk_that_is_taken_can_be_taken_back(edit: tuple[str, str]) -> None:
    before, after = edit
    patch = hunks(before, after)
    for at in range(len(patch.waiting)):
        taken = patch.take(at).text
        hunk = patch.waiting[at].reversed()
        lines = lines_of(taken)
        lines[hunk.start : hunk.start + len(hunk.before)] = hunk.after
        assert "".join(lines) == before


@settings(max_examples=300, deadline=None)
@given(edits(), st.sampled_from(ENCODINGS), st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=4))
def test_bytes_of_files_of_every_sort(edit: tuple[str, str], encoding: str, endings: list[str]) -> None:
    before, after = edit
    lines = before.split("\n")
    mixed = "".join(line + endings[at % len(endings)] for at, line in enumerate(lines[:-1])) + lines[-1]
    data = mixed.encode(encoding, "replace")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        place = Place(Journal(Path(folder) / "journal"), Path(folder))
        path = Path(folder) / "file.txt"
        path.write_bytes(data)
        try:
            document = files.read(path, max_bytes=LIMIT)
            whole = changes.spans(document, hunks(to_lf(document.text), after).take_all())
            changed = changing.apply(place, [Change(document, tuple(whole))], reason="all")
        except changing.CoderError:
            assume(False)  # UTF-16 without a single character looks binary; the encoding may lack a character
        at_once = path.read_bytes()
        assert changed.record is not None
        changing.undo(place, changed.record)
        assert path.read_bytes() == data
        patch, records, guessed = hunks(to_lf(document.text), after), [], document.encoding
        while patch.waiting:
            document = files.read(path, max_bytes=LIMIT)
            assume(document.encoding == guessed)  # of a few bytes in an old encoding another one may be the likelier
            patch = patch.on(to_lf(document.text)).take(len(patch.waiting) // 2)
            spans = tuple(changes.spans(document, patch.text))
            records.append(changing.apply(place, [Change(document, spans)], reason="one").record)
        assert to_lf(files.read(path, max_bytes=LIMIT).text) == to_lf(files.parse_text(at_once).text)
        for record in reversed(records):
            assert record is not None
            changing.undo(place, record)
        assert path.read_bytes() == data


def test_among_equal_lines_it_is_not_put_where_others_have_more_of_its_context() -> None:
    patch = hunks("a\n" * 7, "a\n" * 6 + "b\na\n")
    with pytest.raises(ChangeError, match="fits equally well"):
        patch.on("new\n" + "a\n" * 4 + "new\n" + "a\n" * 3 + "new\n")


@settings(max_examples=300)
@given(edits(), st.data())
def test_lines_put_in_elsewhere_do_not_matter(edit: tuple[str, str], data: st.DataObject) -> None:
    before, after = ("".join(f"{line}\n" for line in text.split("\n")) for text in edit)
    patch = hunks(before, after)
    lines = lines_of(before)
    free = [
        at for at in range(len(lines) + 1) if all(not h.start <= at <= h.start + len(h.before) for h in patch.waiting)
    ]
    places = data.draw(st.sets(st.sampled_from(free), max_size=3)) if free else set()
    wanted = []
    for at in range(len(lines), -1, -1):
        if at in places:
            lines[at:at] = ["new one\n", "new two\n"]
    for hunk in patch.waiting:
        start = hunk.start + 2 * sum(at < hunk.start for at in places)
        wanted.append((start, start + len(hunk.before), hunk.after))
    try:
        found = patch.on("".join(lines)).take_all()
    except ChangeError as error:
        assert "fits equally well" in str(error) or "not there any more" in str(error)  # noqa: PT017
        return
    for start, end, new in reversed(wanted):
        lines[start:end] = new
    assert found == "".join(lines)


@settings(max_examples=200)
@given(st.integers(0, 39), st.integers(0, 2), st.sets(st.integers(0, 39), max_size=4))
def test_far_enough_away_it_is_never_refused(at: int, taken: int, places: set[int]) -> None:
    old = numbered(40)
    now, wanted = list[str](), list[str]()
    for number, line in enumerate(old):
        if number in places and not at - CONTEXT_LINES <= number <= at + taken + CONTEXT_LINES:
            now.append("else\n")
            wanted.append("else\n")
        now.append(line)
        wanted += ["changed\n"] * (number == at) + [line] * (not at <= number < at + taken)
    after = [line for line in wanted if line != "else\n"]
    assert moved("".join(old), "".join(after), "".join(now)) == "".join(wanted)


def numbered(count: int) -> list[str]:
    return [f"line {number}\n" for number in range(count)]


def test_two_places_are_both_named() -> None:
    block = ["def f():\n", "    a = 1\n", "    return a\n", "\n"]
    before = "".join(["x\n", *block, "y\n"])
    after = before.replace("a = 1", "a = 2")
    now = "".join(["new\n", "x\n", *block, "y\n", "x\n", *block, "y\n", "end\n"])
    with pytest.raises(ChangeError, match=r"equally well at lines 4 \(def f\(\):\) and 10 \(def f\(\):\);"):
        moved(before, after, now)


def test_the_lines_themselves_must_be_there() -> None:
    before = "".join(numbered(9))
    with pytest.raises(ChangeError, match="not there any more"):
        moved(before, before.replace("line 4\n", "four\n"), before.replace("line 4\n", "mine\n"))


def test_half_of_the_context_may_have_changed_and_no_more() -> None:
    before = "".join(numbered(9))
    after = before.replace("line 4\n", "four\n")
    now = before.replace("line 1\n", "x\n").replace("line 2\n", "x\n").replace("line 7\n", "x\n")
    assert moved(before, after, now) == now.replace("line 4\n", "four\n")
    now = now.replace("line 6\n", "x\n")
    with pytest.raises(ChangeError):
        moved(before, after, "".join(["y\n", *lines_of(now), "z\n"]))


def test_it_is_looked_for_so_far_and_no_farther() -> None:
    hunk = hunks("a\nb\nc\n", "a\nB\nc\n").waiting[0]
    far = ["x\n"] * DISTANCE_LINES
    assert find(hunk, [*far, "a\n", "b\n", "c\n"]) == DISTANCE_LINES + 1
    with pytest.raises(ChangeError):
        find(hunk, [*far, "x\n", "x\n", "a\n", "b\n", "c\n"])


def test_hunks_that_meet_are_refused() -> None:
    before = "".join(numbered(6))
    after = before.replace("line 1\n", "one\n").replace("line 4\n", "four\n")
    now = "".join(["line 4\n", "line 5\n", "x\n", "line 0\n", "line 1\n", "line 2\n"])
    with pytest.raises(ChangeError):
        moved(before, after, now)


def test_an_edited_hunk() -> None:
    patch = hunks("a\nb\nc\nd\ne\n", "a\nB\nc\nD\ne\n").edit(1, "dee\ndum\n")
    assert patch.take(1).take(0).text == "a\nB\nc\ndee\ndum\ne\n"


@settings(max_examples=100)
@given(texts(), texts())
def test_any_two_texts(before: str, after: str) -> None:
    patch = hunks(before, after)
    assert patch.take_all() == after
    assert patch.on(before) == patch


def test_lines_put_in_between_two_others_do_not_go_where_only_one_of_them_is() -> None:
    """However much of the text around that place is the same."""
    patch = hunks("a\na\n\na\n\na\n", "a\n\na\n\na\n\n")
    with pytest.raises(ChangeError, match="lines 4 and 8"):
        patch.on("new\nnew\na\na\nnew\nnew\n\na\n\na\n")
