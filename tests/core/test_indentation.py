"""How far in a line begins."""

from __future__ import annotations

import pytest

from coder_tui.core.indentation import new_line, of_clause, of_closer


@pytest.mark.parametrize(
    ("left", "right", "put"),
    [
        ("    x = 1", "", ("\n    ", "")),
        ("    if x:", "", ("\n        ", "")),
        ("f(", ")", ("\n    ", "\n")),
        ("", "abc", ("\n", "")),
        ("d = {", "", ("\n    ", "")),
        ("        return x", "", ("\n    ", "")),
        ("        pass  ", "", ("\n    ", "")),
        ("    return f(a,", "", ("\n    ", "")),
        ("    return {", "", ("\n        ", "")),
        ("    return f(a", ")", ("\n    ", "")),
        ("    return (a +", "", ("\n    ", "")),
        ("    returned = 1", "", ("\n    ", "")),
        ("    raise ValueError", " from error", ("\n    ", "")),
        ("return", "", ("\n", "")),
    ],
)
def test_enter(left: str, right: str, put: tuple[str, str]) -> None:
    assert new_line(left, right, "    ", by_blocks=True) == put


def test_a_block_in_braces_goes_on_behind_a_return() -> None:
    assert new_line("    return x;", "", "    ") == ("\n    ", "")


def test_a_closer_stands_below_the_line_of_its_opener() -> None:
    code = ["  if (a[0]) {", "    f(() => {", "      g();", "      "]
    assert of_closer(code, 3, "}") == "    "
    assert of_closer([*code, "    });", "    "], 5, "}") == "  "
    assert of_closer(["x", ""], 1, ")") is None
    assert of_closer([], 0, "]") is None


CODE = """\
def f():
    for x in y:
        if x:
            a
        elif z:
            b

            c
    try:
        d
    except E:
        e""".splitlines()


@pytest.mark.parametrize(
    ("row", "clause", "space"),
    [
        (8, "            else", "        "),
        (8, "        else", None),
        (8, "            elif q", "        "),
        (10, "        except F", "    "),
        (12, "        finally", "    "),
        (12, "        else", "    "),
        (12, "        elif q", None),
        (8, "            finally", None),
        (8, "            x = {a", None),
        (0, "    else", None),
        (8, "", None),
    ],
)
def test_a_clause_stands_below_its_statement(row: int, clause: str, space: str | None) -> None:
    assert of_clause(CODE, row, clause) == space


def test_of_statements_within_each_other_the_inner_one_goes_on() -> None:
    assert of_clause(["if a:", "    if b:", "        c"], 3, "        else") == "    "
    assert of_clause(["async def f():", "    async with a:", "        b"], 3, "        else") is None
    assert of_clause(["    async for a in b:", "        c"], 2, "        else") == "    "
