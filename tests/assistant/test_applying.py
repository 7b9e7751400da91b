"""Code of an answer in its place in a file."""

from __future__ import annotations

import pytest

from coder_tui.assistant.applying import applied

GO = """\
package a

type T struct{ a int }

func (t *T) Do(x int) error {
\treturn nil
}

func (u *U) Do(x int) error {
\treturn u.err
}

func Free() {}
"""
CPP = """\
class A { public: int get() const; int put(int x); };

int A::get() const {
  return 1;
}

int A::put(int x) {
  return x;
}
"""
JAVASCRIPT = """\
var res = {};

/** Sends. */
res.send = function (body) {
  return body;
};

module.exports = res;
"""


@pytest.mark.parametrize(
    ("path", "text", "old", "new"),
    [
        (
            "a.go",
            GO,
            "func (t *T) Do(x int) error {\n\treturn nil\n}\n",
            "func (t *T) Do(y int) error {\n\treturn e\n}\n",
        ),
        (
            "a.go",
            GO,
            "func (u *U) Do(x int) error {\n\treturn u.err\n}\n",
            "func (u *U) Do() error {\n\treturn nil\n}\n",
        ),
        ("a.cpp", CPP, "int A::put(int x) {\n  return x;\n}\n", "int A::put(int x) {\n  return 2 * x;\n}\n"),
        (
            "a.js",
            JAVASCRIPT,
            "res.send = function (body) {\n  return body;\n};\n",
            "res.send = function (body) {\n  return body || '';\n};\n",
        ),
    ],
)
def test_a_definition_that_says_of_which_class_it_is_takes_its_place(path: str, text: str, old: str, new: str) -> None:
    assert text.count(old) == 1
    assert applied(text, new, path=path, cursor=0) == text.replace(old, new)


def test_a_method_of_another_type_is_none_of_the_same_name() -> None:
    new = "func (v *V) Do() error {\n\treturn nil\n}\n"
    found = applied(
        GO + "\nfunc (v *V) Open() {}\n", f"{new}\nfunc (v *V) Open() {{\n\topen()\n}}\n", path="a.go", cursor=0
    )
    assert found.startswith(GO)
    assert new in found
    assert "func (v *V) Open() {\n\topen()\n}" in found
    assert found.count("Open()") == 1


def test_what_was_not_asked_about_is_left_out_beside_a_method_of_go() -> None:
    code = "type T struct{ a int }\n\nfunc (t *T) Do(x int) error {\n\treturn e\n}\n\nfunc Free() {}\n"
    assert applied(GO, code, path="a.go", lines=(4, 6)) == GO.replace("return nil", "return e")


PYTHON = '''\
"""Tills."""

import os


class Till:
    limit = 3

    def add(self, amount):
        return amount

    def close(self):
        pass


def free(a):
    return a
'''


@pytest.mark.parametrize(
    ("code", "lines", "changes"),
    [
        (  # what the answer imports goes where imports are
            "from typing import Any\n\n\ndef free(a: Any) -> Any:\n    return a\n",
            (15, 16),
            [("import os\n", "import os\nfrom typing import Any\n"), ("def free(a):", "def free(a: Any) -> Any:")],
        ),
        (  # a method without its class
            "def add(self, amount: int) -> int:\n    return amount\n",
            (8, 9),
            [("    def add(self, amount):", "    def add(self, amount: int) -> int:")],
        ),
        (  # of a class only what has changed
            "class Till:\n    def close(self):\n        self.limit = 0\n",
            (5, 12),
            [("        pass", "        self.limit = 0")],
        ),
        (  # and what was not asked about is there too
            "class Till:\n    def add(self, amount):\n        return 1\n\n\ndef free(a):\n    return 2 * a\n",
            (15, 16),
            [("    return a\n", "    return 2 * a\n")],
        ),
        ("x = 1\n", (15, 16), [("def free(a):\n    return a\n", "x = 1\n")]),  # no definition
    ],
)
def test_definitions_that_were_asked_about(code: str, lines: tuple[int, int], changes: list[tuple[str, str]]) -> None:
    wanted = PYTHON
    for was, now in changes:
        wanted = wanted.replace(was, now)
    assert applied(PYTHON, code, path="a.py", lines=lines) == wanted


def test_of_two_with_one_name_the_one_that_was_not_asked_about_stays() -> None:
    text = PYTHON.replace("def free(a)", "def close(a)")
    code = "def close(self):\n    self.limit = 0\n"
    assert applied(text, code, path="a.py", lines=(11, 12)) == text.replace("        pass", "        self.limit = 0")
    other = (
        GO.replace("return nil", "return e").partition("func (u")[0].replace("(t *T)", "(u *U)").partition("func")[2]
    )
    found = applied(GO, f"func{other}", path="a.go", lines=(4, 6))
    assert "return u.err" in found


STRUCT = (
    "package a\n\ntype T struct {\n\ta     int\n\tlong  string\n\tother bool\n\tmore  bool\n}\n\nfunc (t *T) Do() {}\n"
)
DO, NEW_DO = "func (t *T) Do() {}\n", "func (t *T) Do() { t.a = 1 }\n"


@pytest.mark.parametrize(
    ("shown", "is_kept"),
    [
        ("type T struct {\n\ta int\n}\n", True),
        ("type T struct {\n\ta int64\n}\n", False),  # another one
        ("type T struct {\n\ta int\n\tlong string\n\tother bool\n}\n", False),  # without the last field
    ],
)
def test_a_type_that_is_shown_in_part_keeps_its_fields(shown: str, is_kept: bool) -> None:
    found = applied(STRUCT, f"{shown}\n{NEW_DO}", path="a.go", cursor=0)
    wanted = STRUCT.replace(DO, NEW_DO)
    assert found == (
        wanted if is_kept else wanted.replace(STRUCT[STRUCT.index("type") : STRUCT.index("\nfunc")], shown)
    )
