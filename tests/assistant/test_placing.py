"""A few statements of a definition, in their place among its others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.assistant.applying import applied
from coder_tui.assistant.placing import placed
from coder_tui.assistant.selection_edit import result

PUT = '''\
def put(self, money, *, twice=False):
    """Put it in."""
    total = 0
    for one in money:
        total += one
    self.log.write(
        f"= {total}",
    )
    self.total = self.total + sum(
        money,
    )
    if twice:
        return self.put(money)
    print("in")
    return total'''
GO = """\
func (t *Till) Put(money []int) int {
\ttotal := 0
\tfor _, one := range money {
\t\ttotal += one
\t}
\tt.log.Write(total)
\treturn total
}"""


def among(code: str, old: str = PUT, path: str = "till.py") -> str | None:
    found = placed(code, old.split("\n"), path)
    return None if found is None else "\n".join(found)


@pytest.mark.parametrize(
    ("code", "was", "now"),
    [
        ("total = 1", "total = 0", "total = 1"),
        ("    total = 1\n", "total = 0", "total = 1"),
        ("total = (\n    1\n)  # so", "total = 0", "total = (\n        1\n    )  # so"),
        ("total: int = 0", "total = 0", "total: int = 0"),
        ("total += int(one)", "total += one", "total += int(one)"),
        ('print("in", total)', 'print("in")', 'print("in", total)'),
        ("self.log.write(str(total))", 'self.log.write(\n        f"= {total}",\n    )', "self.log.write(str(total))"),
        (
            "self.total = sum(money)",
            "self.total = self.total + sum(\n        money,\n    )",
            "self.total = sum(money)",
        ),
        (
            "for one in money:\n    check(one)\n    total += one",
            "        total += one",
            "        check(one)\n        total += one",
        ),
        ("total = 0\nrest = 1\nfor one in money:", "total = 0\n", "total = 0\n    rest = 1\n"),
    ],
)
def test_a_statement_takes_the_place_of_the_one_that_begins_alike(code: str, was: str, now: str) -> None:
    assert PUT.count(was) == 1
    assert among(code) == PUT.replace(was, now)


@pytest.mark.parametrize(
    "code",
    [
        "return 1",  # there are two
        "total -= 1",
        "other = 1",
        "# nothing but a comment",
        "",
        "x = 1\ntotal = 0",  # nothing to begin at
        "total = 0\nx = 1",
        "def put(self):\n    total = 1",
        "def help():\n    pass\n\ntotal = 1",
        PUT,
        "print(\n    1",
    ],
)
def test_where_it_is_not_clear_nothing_is_placed(code: str) -> None:
    assert among(code) is None


def test_no_definition_goes_for_a_part_that_reaches_over_it() -> None:
    old = "class T:\n    def f(self):\n        a = 1\n\n    def g(self):\n        b = 2"
    assert among("a = 3\nb = 4", old, "t.py") is None
    assert among("b = 4", old, "t.py") == old.replace("b = 2", "b = 4")


def test_nothing_is_placed_among_lines_that_define_nothing() -> None:
    assert among("total = 1", "total = 0\nx = 2", "a.py") is None


@pytest.mark.parametrize(
    ("code", "was", "now"),
    [
        ("total := 1", "total := 0", "total := 1"),
        ("t.log.Write(1)", "t.log.Write(total)", "t.log.Write(1)"),
        ("return 2 * total", "return total", "return 2 * total"),
        (
            "for _, one := range money {\n    check(one)\n    total += one\n}",
            "\t\ttotal += one",
            "\t\tcheck(one)\n\t\ttotal += one",
        ),
    ],
)
def test_in_languages_with_braces(code: str, was: str, now: str) -> None:
    found = result(GO + "\n", (0, 7), f"```go\n{code}\n```", "till.go")
    assert found == GO.replace(was, now) + "\n"


def test_so_does_one_of_an_answer_in_a_chat() -> None:
    text = f"import os\n\n\n{PUT}\n"
    assert applied(text, "total = 1\n", path="till.py", lines=(3, 17)) == text.replace("total = 0", "total = 1")
    assert "def put" not in applied(text, "unlike = 1\n", path="till.py", lines=(3, 17)), "it is shown as that"


def test_an_answer_that_is_one_line_of_a_function_leaves_the_others() -> None:
    text = f"class Till:\n{''.join(f'    {line}'.rstrip() + chr(10) for line in PUT.split(chr(10)))}\n\nend = 1\n"
    found = result(text, (1, 15), "```py\nself.total = sum(money)\n```", "till.py")
    was = "self.total = self.total + sum(\n            money,\n        )\n"
    assert found == text.replace(was, "self.total = sum(money)\n")


lines = st.sampled_from(
    ["a = 1", "b = f(1)", "c.d()", "return a", "if a:", "    e = 2", "", "# x", "f(\n    1,\n)", "x"]
)


@settings(max_examples=300)
@given(st.lists(lines, max_size=4), st.lists(lines, min_size=1, max_size=6))
def test_what_is_around_a_part_stays(part: list[str], body: list[str]) -> None:
    code = "\n".join(part)
    old = ["def f(a):", *(f"    {line}" for one in body for line in one.split("\n")), "    z = 0"]
    found = placed(code, old, "a.py")
    if found is None:
        return
    assert found[0] == old[0]
    assert found[-1] == old[-1], "no part has it"
    for line in code.split("\n"):
        if line.strip() and not line.startswith("#"):
            assert line.strip() in [one.strip() for one in found]
