"""Code of an answer in its place in a file."""

from __future__ import annotations

import pytest

from coder_tui.assistant import values
from coder_tui.assistant.applying import applied, placed

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


OTHER = "def f():\n    import re\n\n\n"
G, NEW_G = "def g():\n    pass\n", "def g():\n    return 1\n"


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("import os\n\n\n", "", "import os\nimport sys\n\n\n"),
        ("import os\nif os:\n    import re\n\n\n", "", "import os\nif os:\n    import re\nimport sys\n\n\n"),
        ("import os\n\n\n", "\n\nfrom . import late\n", "import os\nimport sys\n\n\n"),
        ("", "", "import sys\n\n\n"),
    ],
)
def test_what_is_imported_stands_with_the_imports_of_the_file(before: str, after: str, wanted: str) -> None:
    found = applied(before + OTHER + G + after, f"import sys\n\n\n{NEW_G}", path="a.py", cursor=0)
    assert found == wanted + OTHER + NEW_G + after


def test_where_all_imports_stand_at_the_end_another_one_does_too() -> None:
    found = applied(f"{OTHER}{G}\n\nimport late\n", f"import sys\n\n\n{NEW_G}", path="a.py", cursor=0)
    assert found == f"{OTHER}{NEW_G}\n\nimport late\nimport sys\n"


def test_of_two_with_one_name_the_one_that_was_not_asked_about_stays() -> None:
    text = PYTHON.replace("def free(a)", "def close(a)")
    code = "def close(self):\n    self.limit = 0\n"
    assert applied(text, code, path="a.py", lines=(11, 12)) == text.replace("        pass", "        self.limit = 0")
    other = (
        GO.replace("return nil", "return e").partition("func (u")[0].replace("(t *T)", "(u *U)").partition("func")[2]
    )
    found = applied(GO, f"func{other}", path="a.go", lines=(4, 6))
    assert "return u.err" in found


HEAD = "#!/usr/bin/env python\n# Of the shop.\nimport json\nimport os\n\n\n"
LOAD, NEW_LOAD = "def load(path):\n    return open(path)\n", "def load(path):\n    return json.load(open(path))\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (NEW_LOAD, HEAD + NEW_LOAD),
        ("import re\n\n\n" + NEW_LOAD, HEAD.replace("os\n", "os\nimport re\n") + NEW_LOAD),
        ("import json\n\n\n" + NEW_LOAD, HEAD + NEW_LOAD),
        (HEAD.replace("import os\n", "") + NEW_LOAD, HEAD.replace("import os\n", "") + NEW_LOAD),
    ],
)
def test_an_answer_of_definitions_alone_takes_away_no_imports(code: str, wanted: str) -> None:
    assert applied(HEAD + LOAD, code, path="a.py", cursor=0) == wanted


def test_where_it_is_not_clear_which_definition_is_meant_the_answer_is_the_file() -> None:
    twice = LOAD + "\n\n" + NEW_LOAD
    assert applied(HEAD + twice, twice, path="a.py", cursor=0) == twice


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


def test_a_method_of_rust_goes_into_the_implementation() -> None:
    text = "struct Till;\n\nimpl Till {\n    fn put(&mut self) {}\n\n    fn take(&self) {}\n}\n"
    code = "pub fn count<T>(&self) -> usize {\n    1\n}\n"
    new = "\n    pub fn count<T>(&self) -> usize {\n        1\n    }\n"
    assert applied(text, code, path="a.rs", cursor=3) == text.replace(
        "put(&mut self) {}\n", f"put(&mut self) {{}}\n{new}"
    )
    assert applied(text, "fn free() {}\n", path="a.rs", cursor=3) == f"{text}\nfn free() {{}}\n"


GO_FILE = 'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc Do() {}\n\nfunc Other() {}\n'
PY_FILE = "from a import (\n    b,\n    c,\n)\nimport d\n\n\ndef do(): ...\n\n\ndef other(): ...\n"
JS_FILE = "import {\n  b,\n  c\n} from 'a';\n\nfunction go() {}\n\nfunction other() {}\n"


GO_CODE, PY_CODE, JS_CODE = "func Do() { x() }\n", "def do():\n    x()\n", "function go() { x() }\n"


@pytest.mark.parametrize(
    ("path", "imports", "new"),
    [
        ("a.go", 'import (\n\t"fmt"\n\t"strings"\n)\n', 'import "strings"\n'),
        ("a.go", 'import (\n\t"os"\n\t"fmt"\n)\n', ""),
        ("a.go", 'import "strings"\n', 'import "strings"\n'),
        ("a.py", "from a import (\n    b,\n    e,\n)\n", "from a import (\n    e,\n)\n"),
        ("a.py", "from a import (\n    c,\n    b\n)\nimport d\n", ""),
        ("a.js", "import {\n  c,\n  e\n} from 'a';\n", "import {\n  e\n} from 'a';\n"),
    ],
)
def test_imports_of_several_lines_are_put_in_whole(path: str, imports: str, new: str) -> None:
    text, end, old, code = {
        "a.go": (GO_FILE, ")\n", "func Do() {}\n", GO_CODE),
        "a.py": (PY_FILE, "import d\n", "def do(): ...\n", PY_CODE),
        "a.js": (JS_FILE, "} from 'a';\n", "function go() {}\n", JS_CODE),
    }[path]
    wanted = text.replace(end, end + new, 1).replace(old, code)
    assert applied(text, f"{imports}\n{code}", path=path, cursor=0) == wanted
