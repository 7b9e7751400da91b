from __future__ import annotations

import pytest

from coder_tui.core.document import Span
from coder_tui.core.errors import UsageError
from coder_tui.core.fuzzy import search
from coder_tui.core.lines import commented, indent_unit, indented, outdented
from coder_tui.core.search import Wanted, matches, nearest, replaced


@pytest.mark.parametrize(
    ("wanted", "text", "found"),
    [
        (Wanted("a.c"), "abc a.c", [Span(4, 7)]),
        (Wanted("a.c", regex=True), "abc a.c", [Span(0, 3), Span(4, 7)]),
        (Wanted("add"), "Add ADD", [Span(0, 3), Span(4, 7)]),
        (Wanted("Add"), "Add add", [Span(0, 3)]),
        (Wanted("add", case=True), "Add add", [Span(4, 7)]),
        (Wanted("add", words=True), "adder add", [Span(6, 9)]),
        (Wanted("^x", regex=True), "x\nx", [Span(0, 1), Span(2, 3)]),
        (Wanted("x*", regex=True), "aab", []),
        (Wanted(""), "abc", []),
    ],
)
def test_what_is_found(wanted: Wanted, text: str, found: list[Span]) -> None:
    assert matches(wanted, text) == found


def test_a_wrong_expression_is_told() -> None:
    with pytest.raises(UsageError, match="not a regular expression"):
        matches(Wanted("(", regex=True), "x")
    with pytest.raises(UsageError, match="not a replacement"):
        replaced(Wanted("(x)", regex=True), "x", r"\2")


def test_replacing() -> None:
    assert replaced(Wanted(r"(\w)=(\w)", regex=True), "a=b, c=d", r"\2=\1") == ("b=a, d=c", 2)
    assert replaced(Wanted("a"), "a.a", r"\1") == (r"\1.\1", 2)
    assert replaced(Wanted(""), "abc", "x") == ("abc", 0)


def test_the_next_match_goes_round() -> None:
    found = [Span(2, 3), Span(8, 9)]
    assert [nearest(found, at) for at in (0, 2, 3, 9)] == [0, 0, 1, 0]
    assert [nearest(found, at, forward=False) for at in (0, 8, 10)] == [1, 0, 1]
    assert nearest([], 0) is None


def test_fuzzy_order() -> None:
    paths = ["coder_tui/ui/app.py", "tests/ui/test_app.py", "coder_tui/cli/app.py", "docs/map.pyx"]
    assert [match.text for match in search("app.py", paths)][:2] == ["coder_tui/ui/app.py", "coder_tui/cli/app.py"]
    assert search("cliapp", paths)[0].text == "coder_tui/cli/app.py"
    assert search("tap", ["tests/ui/test_app.py"])[0].text == "tests/ui/test_app.py"
    assert search("zzz", paths) == []
    assert [match.text for match in search("", paths, 2)] == paths[:2]
    assert search("APP", paths) == []


def test_fuzzy_places_spell_the_query() -> None:
    for match in search("ctapp", ["coder_tui/ui/app.py"]):
        assert "".join(match.text[place] for place in match.places) == "ctapp"
        assert list(match.places) == sorted(set(match.places))


def test_indentation() -> None:
    assert indent_unit(["a:", "  b", "  c:", "    d"]) == "  "
    assert indent_unit(["a:", "\tb"]) == "\t"
    assert indent_unit(["x"]) == "    "
    assert indent_unit(["x"], tabs=True) == "\t"
    assert indented(["a", "", " b"], "  ") == ["  a", "", "   b"]
    assert outdented(["    a", "  b", "\tc", "d"], "    ") == ["a", "b", "c", "d"]


def test_comments_go_and_come() -> None:
    code = ["  if x:", "", "      y()"]
    there = commented(code, "#")
    assert there == ["  # if x:", "", "  #     y()"]
    assert commented(there, "#") == code
    assert commented(commented(["<p>"], "<!-- ", " -->"), "<!-- ", " -->") == ["<p>"]
    assert commented(["a", "# b"], "#") == ["# a", "# # b"]
