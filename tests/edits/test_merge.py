"""Three-way merge by lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.edits.merge import conflicts, merge

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\r\n", "\n"]), max_size=8)
TEXTS = st.builds(lambda lines, end: "".join(lines) + end, LINES, st.sampled_from(["", "x", "\r"]))


@given(TEXTS, TEXTS)
def test_one_side_alone_is_that_side(base: str, other: str) -> None:
    assert merge(base, base, other) == other
    assert merge(base, other, base) == other
    assert merge(base, other, other) == other


@given(TEXTS, TEXTS, TEXTS)
def test_sides_can_be_swapped(base: str, ours: str, theirs: str) -> None:
    assert merge(base, ours, theirs) == merge(base, theirs, ours)


@given(LINES, LINES, LINES, LINES)
def test_changes_apart_from_each_other_are_both_made(
    top: list[str], new_top: list[str], end: list[str], new_end: list[str]
) -> None:
    between = "".join(f"line {number}\n" for number in range(5))
    base, ours = "".join(top) + between + "".join(end), "".join(new_top) + between + "".join(end)
    theirs = "".join(top) + between + "".join(new_end)
    assert merge(base, ours, theirs) == "".join(new_top) + between + "".join(new_end)


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n"),
        ("a\nb\nc\n", "a\nX\nc\n", "a\nc\n"),
        ("a\n", "a\nX\n", "a\nY\n"),
        ("a\nb\n", "X\nb\n", "a\nY\n"),  # lines that touch
    ],
)
def test_the_same_lines_are_a_conflict(base: str, ours: str, theirs: str) -> None:
    assert merge(base, ours, theirs) is None


@given(TEXTS, TEXTS, TEXTS)
def test_there_are_places_exactly_where_there_is_a_conflict(base: str, ours: str, theirs: str) -> None:
    places = conflicts(base, ours, theirs)
    assert bool(places) == (merge(base, ours, theirs) is None)
    assert all(0 <= first <= last <= ours.count("\n") for first, last in places)


def test_the_places_of_a_conflict() -> None:
    base = "".join(f"line {number}\n" for number in range(9))
    ours = "new\n" + base.replace("line 4\n", "mine\nmine too\n").replace("line 8\n", "mine\n")
    assert conflicts(base, ours, base.replace("line 4\n", "theirs\n")) == [(5, 6)]
    assert conflicts(base, ours, base.replace("line 2\n", "theirs\n")) == []


def test_places_are_lines_of_what_was_edited() -> None:
    assert conflicts("a\nb\nc\nd\n", "new\na\nb\nX\nY\nd\n", "a\nb\nZ\nd\n") == [(3, 4)]
    assert conflicts("a\nb\nc\n", "a\nc\n", "a\nX\nc\n") == [(1, 1)]
