"""New definitions of an answer, and values that the file has already."""

from __future__ import annotations

import pytest

from coder_tui.assistant import values
from coder_tui.assistant.applying import applied, placed

JAVASCRIPT = """\
var res = {};

/** Sends. */
res.send = function (body) {
  return body;
};

module.exports = res;
"""
LOAD, NEW_LOAD = "def load(path):\n    return open(path)\n", "def load(path):\n    return json.load(open(path))\n"
LIMITS = "import os\n\nLIMIT = 3\nNAMES = [\n    1,\n]\napp = App(os)\n\n\n" + LOAD + "\n\ndef other(): ...\n"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (f"LIMIT = 5\n\n\n{NEW_LOAD}", [("LIMIT = 3", "LIMIT = 5"), (LOAD, NEW_LOAD)]),
        (f"app = App()\n\n{NEW_LOAD}", [(LOAD, NEW_LOAD)]),
        ("app = App()\n", [("App(os)", "App()")]),
        ("NAMES = [2]\nLIMIT = 5\n", [("LIMIT = 3", "LIMIT = 5"), ("[\n    1,\n]", "[2]")]),
        (f"LIMIT, app = 5, 1\n{NEW_LOAD}", [(LOAD, f"LIMIT, app = 5, 1\n{NEW_LOAD}")]),
        (f"OTHER = 1\n\n\n{NEW_LOAD}", [(LOAD, f"OTHER = 1\n\n\n{NEW_LOAD}")]),
        (f"LIMIT = 5\nLIMIT = 6\n{NEW_LOAD}", [(LOAD, f"LIMIT = 5\nLIMIT = 6\n{NEW_LOAD}")]),
    ],
)
def test_values_that_the_file_has_are_not_assigned_twice(code: str, changes: list[tuple[str, str]]) -> None:
    wanted = LIMITS
    for old, new in changes:
        wanted = wanted.replace(old, new)
    assert applied(LIMITS, code, path="a.py", cursor=0) == wanted


@pytest.mark.parametrize(
    ("path", "text", "code", "lost"),
    [
        ("a.rs", "struct A {\n    x: u8,\n    y: u8,\n}\n", "struct A {\n    y: u8,\n    z: u8,\n}\n", "A.x"),
        ("a.go", "type A struct {\n\tX, Y int\n}\n", "type A struct {\n\tZ int\n}\n", "A.X, A.Y"),
        ("a.ts", "interface A {\n  x: number;\n}\n", "interface A {\n  x: string;\n}\n", ""),
        ("a.py", "class A:\n    x = 1\n\n    def f(self): ...\n", "class A:\n    def f(self): return 1\n", "A.x"),
    ],
)
def test_fields_that_are_taken_away_are_told(path: str, text: str, code: str, lost: str) -> None:
    found = placed(f"{text}\n\n{code.replace(' A', ' B')}", code, path=path, cursor=0)
    assert found.notes == ((f"it takes away: {lost}",) if lost else ())


def test_code_for_a_makefile_or_go_has_tabs() -> None:
    spaces = "all: a\n    cc a.c\n\nclean:\n    rm a.out\n"
    tabs = spaces.replace("    ", "\t")
    assert applied("", spaces, path="Makefile", cursor=0) == tabs
    assert applied("all:\n\tcc b.c\n", "clean:\n    rm a.out\n", path="a.mk", cursor=1).endswith("clean:\n\trm a.out\n")
    assert applied("", spaces, path="a.txt", cursor=0) == spaces
    odd = "all:\n    cc a.c \\\n      -o a\n"
    assert applied("", odd, path="Makefile", cursor=0) == odd


def test_a_value_that_is_left_out_is_told() -> None:
    found = placed(LIMITS, f"app = App()\n\n{NEW_LOAD}", path="a.py", cursor=0)
    assert found.notes == ("not applied, since it belongs to no definition: 'app = App()'",)


@pytest.mark.parametrize(
    ("path", "text", "code", "rest"),
    [
        ("a.js", "const a = 1;\n", "const a = 3, c = 2;\n", "const a = 3, c = 2;\n"),
        ("a.js", "const a = 1, b = 2;\n", "const a = 3;\n", "const a = 3;\n"),
        ("a.js", "const a = 1;\n", "const a = f(1, [2, 3], ',', {b: 1, c: 2});\n", ""),
        ("a.py", "C = D = 1\n", "C = D = [\n    2,\n]\n", "C = D = [\n    2,\n]\n"),
        ("a.go", "var A = 1\n", "var A, B = 1, 2\n", "var A, B = 1, 2\n"),
        ("a.c", "int a = 1;\n", "int a = 1, b = 2;\n", "int a = 1, b = 2;\n"),
    ],
)
def test_a_statement_with_several_values_stays_as_it_is(path: str, text: str, code: str, rest: str) -> None:
    found = values.settled(text, code, path)
    assert found.code == rest
    assert found.text == (text if rest else code)


def test_a_semicolon_makes_no_other_line() -> None:
    text = JAVASCRIPT.replace("{};", "Object.create(old)")
    code = "var res = Object.create(old);\n\nres.xml = function (body) {\n  return body;\n};\n"
    new = code.partition("\n\n")[2]
    assert placed(text, code, path="a.js").notes == ()
    assert applied(text, code, path="a.js") == text.replace("};\n\nmodule", f"}};\n\n{new}\nmodule")


CLASS = """\
import os


class Till:
    def put(self, coin):
        if coin:
            self.coins.append(coin)

    def take(self):
        return self.coins.pop()


def show(till):
    print(till)


show(Till())
"""
COUNT = "def count(self):\n    return len(self.coins)\n"
METHOD = "    def count(self):\n        return len(self.coins)\n"
OPEN = "def open_till():\n    return Till()\n"


@pytest.mark.parametrize(
    ("cursor", "code", "behind", "wanted"),
    [
        (5, COUNT, "            self.coins.append(coin)\n", f"\n{METHOD}"),
        (7, COUNT, "            self.coins.append(coin)\n", f"\n{METHOD}"),
        (3, COUNT, "            self.coins.append(coin)\n", f"\n{METHOD}"),
        (9, COUNT, "        return self.coins.pop()\n", f"\n{METHOD}"),
        (5, OPEN, "        return self.coins.pop()\n", f"\n\n{OPEN}"),
        (11, OPEN, "        return self.coins.pop()\n", f"\n\n{OPEN}"),
        (13, OPEN, "    print(till)\n", f"\n\n{OPEN}"),
        (13, COUNT, "    print(till)\n", f"\n\n{COUNT}"),
    ],
)
def test_a_new_definition_goes_near_the_cursor_and_not_into_another(
    cursor: int, code: str, behind: str, wanted: str
) -> None:
    assert applied(CLASS, code, path="a.py", cursor=cursor) == CLASS.replace(behind, behind + wanted)
    found = applied(CLASS, f"import re\n\n\n{code}", path="a.py", cursor=cursor)
    assert found == CLASS.replace(behind, behind + wanted).replace("import os\n", "import os\nimport re\n")


def test_more_than_definitions_goes_to_the_cursor_as_it_is() -> None:
    code = f"{OPEN}\nopen_till()\n"
    assert applied(CLASS, code, path="a.py", cursor=16).endswith(f"show(Till())\n{code.rstrip()}\n")


def test_a_method_of_java_goes_into_its_class() -> None:
    text = "class Till {\n  int put(int a) {\n    return a;\n  }\n\n  int take() {\n    return 1;\n  }\n}\n"
    code = "public int count() {\n  return 2;\n}\n"
    new = "\n  public int count() {\n    return 2;\n  }\n"
    assert applied(text, code, path="Till.java", cursor=2) == text.replace("a;\n  }\n", f"a;\n  }}\n{new}")


def test_a_method_of_rust_goes_into_the_implementation() -> None:
    text = "struct Till;\n\nimpl Till {\n    fn put(&mut self) {}\n\n    fn take(&self) {}\n}\n"
    code = "pub fn count<T>(&self) -> usize {\n    1\n}\n"
    new = "\n    pub fn count<T>(&self) -> usize {\n        1\n    }\n"
    assert applied(text, code, path="a.rs", cursor=3) == text.replace(
        "put(&mut self) {}\n", f"put(&mut self) {{}}\n{new}"
    )
    assert applied(text, "fn free() {}\n", path="a.rs", cursor=3) == f"{text}\nfn free() {{}}\n"
