"""Answers that go beyond the lines that were selected."""

from __future__ import annotations

import pytest

from coder_tui.assistant.selection_edit import result
from coder_tui.core.errors import ChangeError

FILE = """import os


class Till:
    def put(self, money):
        total = 0
        for one in money:
            total += one
        return total

    def take(
        self,
        money,
    ) -> int:
        self.total -= money
        return self.total


print(Till())
"""
LOOP = (6, 7)
"""`for one in money:` and the line in it."""
SUM = "        total = sum(money)\n"
WANTED = FILE.replace("        for one in money:\n            total += one\n", SUM)


def answered(code: str, lines: tuple[int, int] = LOOP, text: str = FILE, path: str = "till.py") -> str:
    return result(text, lines, f"Here:\n```py\n{code}```\n", path)


@pytest.mark.parametrize(
    "code",
    [
        "total = sum(money)\n",
        "        total = sum(money)\n",
        "total = sum(money)\nreturn total\n",
        "        total = sum(money)\n        return total\n\n    def take(\n        self,\n",
        "total = 0\ntotal = sum(money)\n",
        "def put(self, money):\n    total = 0\n    total = sum(money)\n    return total\n",
        "    def put(self, money):\n        total = 0\n        total = sum(money)\n        return total\n",
        "class Till:\n    def put(self, money):\n        total = 0\n        total = sum(money)\n        return total\n",
        "def put(self, money: list) -> int:\n    total = sum(money)\n",
    ],
)
def test_what_stands_around_is_not_put_in_twice(code: str) -> None:
    assert answered(code) == WANTED


def test_what_goes_on_in_its_own_way_is_cut_where_it_parses_then() -> None:
    code = "def take(\n    self,  # till\n    money: int,\n) -> int:\n    pass\n"
    wanted = FILE.replace("        self,\n        money,\n", "        self,  # till\n        money: int,\n")
    assert answered(code, (10, 12)) == wanted
    assert answered(code.replace("pass", "# ... rest of the function"), (10, 12)) == wanted
    with pytest.raises(ChangeError, match="has left code out"):
        answered("for one in money:\n    # ... rest of the loop\n")


def test_methods_in_a_class_of_their_own_are_methods() -> None:
    code = "class Till:\n    def put(self, money):\n        return sum(money)\n\n# Example usage\nprint(Till())\n"
    old = FILE[FILE.index("        total = 0") : FILE.index("    def take")]
    assert answered(code, (4, 9)) == FILE.replace(old, "        return sum(money)\n\n")
    assert answered(code.replace("Till", "Box").partition("# Example")[0], (4, 9)) == answered(code, (4, 9))
    wrapped = "class Box:\n    def f(self):\n        return 1\n"
    assert answered(wrapped, (0, 1), "def f():\n    return 1\n") == wrapped  # which may be what was asked for
    other = "import sys\n\nclass Box:\n    def put(self, money):\n        pass\n\n"
    assert answered(other + code, (4, 9)) == answered(code, (4, 9))


@pytest.mark.parametrize("wrapped", [True, False])
def test_definitions_that_the_file_has_elsewhere_are_not_made_twice(wrapped: bool) -> None:
    text = FILE.replace(
        "class Till:\n", "class Till:\n    def __init__(self, total=0):\n        self.total = total\n\n"
    )
    head, step = ("class Till:\n", "    ") if wrapped else ("", "")
    code = [
        "def __init__(self):",
        "    pass",
        "",
        "def put(self, money):",
        "    return self.sum(money)",
        "",
        "def sum(self, money):",
        "    return sum(money)",
    ]
    found = answered(head + "".join(f"{step}{line}\n" if line else "\n" for line in code), (7, 12), text)
    assert (found.count("def __init__"), found.count("self.total = total")) == (1, 1)
    old = text[text.index("        total = 0\n") : text.index("    def take")]
    new = "        return self.sum(money)\n\n    def sum(self, money):\n        return sum(money)\n\n"
    assert found == text.replace(old, new)


def test_blank_lines_at_the_ends_stay() -> None:
    code = "def put(self, money):\n    return sum(money)\n"
    old = FILE[FILE.index("        total = 0") : FILE.index("    def take")]
    assert answered(code, (4, 9)) == FILE.replace(old, "        return sum(money)\n\n")
    assert answered("import sys\n", (0, 2)) == FILE.replace("import os", "import sys")


def test_lines_that_the_selection_has_itself_stay() -> None:
    text = "a = 1\nlog(a)\nlog(a)\nb = 2\n"
    assert answered("log(a)\nlog(a)\n", (1, 1), text) == "a = 1\nlog(a)\nlog(a)\nlog(a)\nb = 2\n"
    assert answered("log(b)\nlog(a)\n", (1, 1), text) == "a = 1\nlog(b)\nlog(a)\nlog(a)\nb = 2\n"
    inner = "if a:\n    log(a)\nlog(b)\n"
    assert answered("if a:\n    log(b)\n", (0, 1), inner) == "if a:\n    log(b)\nlog(b)\n"
    closing = "def f() {\n    a();\n}\n"
    assert answered("if (a) {\n    a();\n}\n", (1, 1), closing, "a.js") == (
        "def f() {\n    if (a) {\n        a();\n    }\n}\n"
    )


def test_the_file_says_how_lines_are_indented() -> None:
    text = "func f() {\n\tif a {\n\t\tb()\n\t}\n}\n"
    code = "if a {\n    if b() {\n        c()\n    }\n}\n"
    assert answered(code, (1, 3), text, "a.go") == ("func f() {\n\tif a {\n\t\tif b() {\n\t\t\tc()\n\t\t}\n\t}\n}\n")


def test_a_blank_line_can_be_filled() -> None:
    assert answered("x = 1\n", (1, 1), "a\n\nb\n") == "a\nx = 1\nb\n"


@pytest.mark.parametrize(
    ("text", "lines", "code", "wanted", "path"),
    [
        ("x = [\n    1,\n]\n", (1, 1), "x = [\n    1,\n    2,\n]\n", "x = [\n    1,\n    2,\n]\n", "a.py"),
        ("<p>\n  <b>x</b>\n</p>\n", (1, 1), "<p>\n  <b>y</b>\n</p>\n", "<p>\n  <b>y</b>\n</p>\n", "a.html"),
        ("b:\n  - x\nc: 2\n", (1, 1), "b:\n  - x\n  - z\n", "b:\n  - x\n  - z\nc: 2\n", "a.yaml"),
        ("if a:\n    b()\nelse:\n    c()\n", (3, 3), "else:\n    d()\n", "if a:\n    b()\nelse:\n    d()\n", "a.py"),
        ("", (0, 0), "x = 1\n", "x = 1\n", "a.py"),
        ("x\ny", (1, 1), "a\nb\n", "x\na\nb", "a.py"),
    ],
)
def test_short_lines_around_are_known_by_their_place(
    text: str, lines: tuple[int, int], code: str, wanted: str, path: str
) -> None:
    assert answered(code, lines, text, path) == wanted


HUMAN = """def human(secs, now):
    \"\"\"Say it to people.

    Arguments:
        secs (int): how many.
        now (str): literal.
    \"\"\"

    secs = float(secs)
    if secs > 60:
        return minutes(secs)
    if secs > 0:
        return pluralize(secs, "second")
    return now
"""


def test_all_of_a_function_with_other_names_is_not_put_into_it() -> None:
    answer = HUMAN.replace("secs", "found").replace('    """\n\n', '    """\n')
    lines = HUMAN.split("\n")[8:10]
    wanted = HUMAN.replace("\n".join(lines), "\n".join(lines).replace("secs", "found"))
    assert answered(answer, (8, 9), HUMAN) == wanted
    below = answer.partition("    if found > 60")[0] + HUMAN.partition("    secs = float(secs)\n")[2]
    first = "    secs = float(secs)"
    assert answered(below, (8, 8), HUMAN) == HUMAN.replace(first, first.replace("secs", "found"))


def test_of_two_blocks_that_are_nearly_the_same_the_selected_one_stays() -> None:
    block = "".join(f"    add({at})\n" for at in range(9))
    text = f"def fill():\n{block}    show()\n{block}    show()\n    close()\n"
    new = block.replace("add(3)", "add(30)") + "    show()\n"
    assert (
        answered(new, (11, 20), text) == text.removesuffix(f"{block}    show()\n    close()\n") + f"{new}    close()\n"
    )


def test_a_definition_that_was_asked_about_stays_however_alike_its_neighbours_are() -> None:
    above = "def ask(url):\n    return get(url)\n\n\n"
    below = "\n\n\ndef get(url):\n    return url\n"
    load, new = "@cache\ndef load(url):\n    return get(url)", "@cache\ndef load(url):\n    return 1"
    assert answered(f"{new}\n", (0, 2), load + below) == new + below
    head = "def load(url):\n    return get(url)"
    asked = head.replace("get(url)", "ask(url)")
    assert answered(f"{asked}\n", (4, 5), above + head + below) == above + asked + below
