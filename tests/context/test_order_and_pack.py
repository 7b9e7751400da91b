"""Which pieces are sent and in which order: dependencies first, within the budget, nothing twice, stable."""

from __future__ import annotations

import itertools
from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context.order import dependencies_first
from coder_tui.context.pack import Packed, pack
from coder_tui.context.pieces import Piece, Source

FILES = "abcdef"


def count(text: str) -> int:
    return len(text.split())


def nothing(_: str) -> Collection[str]:
    return ()


def piece(
    path: str,
    text: str,
    score: float = 1.0,
    *,
    line: int = 0,
    fuller: str = "",
    volatile: bool = False,
    source: Source = Source.DEFINITIONS,
) -> Piece:
    return Piece(path, line, line + text.count("\n"), text, source, f"about {path}", score, fuller, volatile)


@given(st.dictionaries(st.sampled_from(FILES), st.integers(0, 2), min_size=1), st.data())
def test_each_file_comes_after_those_that_it_imports(keys: dict[str, int], data: st.DataObject) -> None:
    order = list(keys)
    edges = {one: data.draw(st.sets(st.sampled_from(order[:at]))) if at else set() for at, one in enumerate(order)}
    found = dependencies_first(keys, edges)
    assert sorted(found) == sorted(keys)
    for one, needs in edges.items():
        assert all(found.index(other) < found.index(one) for other in needs)


@given(
    st.dictionaries(st.sampled_from(FILES), st.integers(0, 2), min_size=1),
    st.dictionaries(st.sampled_from(FILES), st.sets(st.sampled_from(FILES + "xyz"))),
    st.randoms(use_true_random=False),
)
def test_cycles_are_broken_the_same_way_whatever_the_order(
    keys: dict[str, int], edges: dict[str, set[str]], chance: object
) -> None:
    found = dependencies_first(keys, edges)
    assert sorted(found) == sorted(keys)
    shuffled = list(keys.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert dependencies_first(dict(shuffled), edges) == found


def test_what_changes_often_comes_behind_where_that_is_possible() -> None:
    assert dependencies_first({"a": 1, "b": 0, "c": 0}, {}) == ["b", "c", "a"]
    assert dependencies_first({"a": 1, "b": 0}, {"b": {"a"}}) == ["a", "b"]


WORDS = [f"word{number}" for number in range(40)]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("\n".join)
PIECES = st.lists(
    st.builds(
        piece,
        st.sampled_from(FILES),
        TEXTS,
        st.floats(0, 5),
        line=st.integers(0, 50),
        fuller=st.just("") | TEXTS,
        volatile=st.booleans(),
    ),
    max_size=12,
)


@given(PIECES, st.integers(0, 80))
def test_the_budget_is_kept_and_every_piece_is_whole(pieces: list[Piece], budget: int) -> None:
    packed = pack(pieces, "", count, budget, nothing)
    assert packed.tokens == sum(one.tokens for one in packed.taken) <= budget
    known = {text for one in pieces for text in (one.text, one.fuller)}
    assert all(one.piece.text in known for one in packed.taken)
    assert len(packed.taken) + len(packed.left_out) == len(pieces)
    text = "\n\n".join(snippet.text for snippet in packed.snippets)
    assert text == "\n\n".join(one.piece.text for one in packed.taken)
    assert len({snippet.path for snippet in packed.snippets}) == len(packed.snippets)


@given(PIECES, PIECES, st.integers(0, 80))
def test_what_was_chosen_stays_at_the_beginning(first: list[Piece], second: list[Piece], budget: int) -> None:
    before = pack(first, "", count, budget, nothing)
    after = pack(second, "", count, budget, nothing, before)
    assert after.snippets[: len(before.snippets)] == before.snippets
    assert after.tokens <= budget


@given(PIECES)
def test_the_same_pieces_in_another_order_are_the_same_choice(pieces: list[Piece]) -> None:
    unique = list({(one.path, one.first_line, one.score): one for one in pieces}.values())
    packed = pack(unique, "", count, 30, nothing)
    assert pack(unique[::-1], "", count, 30, nothing) == packed


def test_the_best_pieces_are_taken() -> None:
    pieces = [piece("a", "one two three", 1), piece("b", "four five six", 3), piece("c", "seven eight nine", 2)]
    packed = pack(pieces, "", count, 10, nothing)
    assert [one.path for one in packed.snippets] == ["b", "c"]
    assert [(one.piece.path, one.reason) for one in packed.left_out] == [("a", "5 tokens do not fit")]


def test_what_repeats_the_window_or_a_better_piece_is_left_out() -> None:
    text = "def area(width, height):\n    return width * height"
    pieces = [piece("a", text, 2), piece("b", text + "\n", 1), piece("c", "def volume(a, b, c): return a * b * c", 1)]
    packed = pack(pieces, "", count, 99, nothing)
    assert [one.path for one in packed.snippets] == ["a", "c"]
    packed = pack(pieces, f"import x\n\n{text}\n\nprint(1)\n", count, 99, nothing)
    assert [one.path for one in packed.snippets] == ["c"]
    assert {one.reason for one in packed.left_out} == {"is there already"}


def test_a_definition_goes_when_a_larger_piece_has_all_of_it() -> None:
    short = piece("a", "def one ( a , b ) :", 2.0, line=3)
    other = piece("b", "def two ( c ) : pass", 1.5)
    large = piece("a", "import os as system\n\n\ndef one ( a , b ) :\n    return a + b * system . cost", 1.0)
    packed = pack([short, other, large], "", count, 60, nothing)
    assert [one.piece for one in packed.taken] == [large, other]
    assert [(one.piece, one.reason) for one in packed.left_out] == [(short, "is in a larger piece")]
    assert packed.tokens == sum(one.tokens for one in packed.taken) == count(large.text) + count(other.text) + 2 * 2
    only = pack([short, other, large], "", count, 30, nothing)
    assert [one.piece for one in only.taken] == [short, other]


def test_bodies_come_when_there_is_room() -> None:
    body = "def area(w, h):\n    return w * h"
    tight = pack([piece("a", "def area(w, h):", fuller=body)], "", count, 6, nothing)
    wide = pack([piece("a", "def area(w, h):", fuller=body)], "", count, 60, nothing)
    assert [one.text for one in (*tight.snippets, *wide.snippets)] == ["def area(w, h):", body]


def test_definitions_and_their_bodies_go_before_what_fills_the_rest() -> None:
    body = "def area(w, h):\n    return w * h  # of a rectangle with these sides"
    short = piece("a", "def area(w, h):", 1.0, fuller=body)
    use = piece("b", "print(area(3, 4), area(5, 6))", 9.0, source=Source.USES)
    assert [one.text for one in pack([use, short], "", count, 30, nothing).snippets] == [body, use.text]
    assert [one.text for one in pack([use, short], "", count, 7, nothing).snippets] == [short.text]
    again = piece("b", body, 9.0, source=Source.SIMILAR)
    assert [one.path for one in pack([again, short], "", count, 90, nothing).snippets] == ["a"]


def test_files_are_in_the_order_of_their_imports_and_pieces_in_that_of_lines() -> None:
    edges = {"a": {"b"}, "b": {"c"}}
    pieces = [
        piece("a", "one"),
        piece("b", "three", line=9),
        piece("b", "two", line=3),
        piece("c", "four"),
        piece("d", "five", volatile=True),
    ]
    packed = pack(pieces, "", count, 99, lambda path: edges.get(path, ()))
    assert [(one.path, one.text) for one in packed.snippets] == [
        ("c", "four"),
        ("b", "two\n\nthree"),
        ("a", "one"),
        ("d", "five"),
    ]


def test_while_somebody_types_only_what_matters_is_added() -> None:
    before = pack([piece("a", "one")], "", count, 99, nothing)
    more = [piece("a", "one"), piece("b", "two", 1.0), piece("c", "three", 4.0)]
    after = pack(more, "", count, 99, nothing, before)
    assert [one.path for one in after.snippets] == ["a", "c"]
    full = Packed(before.snippets, before.taken, (), 95, before.files)
    assert pack(more, "", count, 99, nothing, full).snippets == before.snippets


def test_shingles_of_short_texts() -> None:
    texts = ["x", "x = 1", "", "a b c d e"]
    for one, other in itertools.product(texts, texts):
        left = pack([piece("a", one)], other, count, 99, nothing).left_out if one else ()
        assert bool(left) == (one == other and bool(one))
