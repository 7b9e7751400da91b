"""Definitions that a file sees without importing each of them, what its variables are, and what it defines itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from coder_tui.context import declared, index
from coder_tui.context.around import Around, Buffer
from coder_tui.context.exclude import Rules
from coder_tui.context.gather import Gatherer, Wish
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.store import Store

CSHARP = {
    "Shop/Token.cs": "namespace Shop { public enum Token { Coin, Note, Card } }\n",
    "Shop/Reader.cs": "namespace Shop { public class Reader { public Token Kind; public bool Read() { return true; }\n"
    "  public int Depth() { return 1; } private void Close() {} } }\n",
    "Shop/Util/Bag.cs": "namespace Shop.Util { class Bag { public void Add(int a) {} public void Put(int a) {} } }\n",
    "Shop/Util/Heap.cs": "namespace Shop.Util { class Heap { public void Add(int a) {} } }\n",
    "Shop.Tests/ReaderTests.cs": "namespace Shop { public class FakeReader { public bool Peek() { return true; } } }\n",
    "Shop/Convert/Converter.cs": "using Shop.Util;\nnamespace Shop.Convert {\n  class Converter {\n"
    "    int Go(Reader reader) {\n      FakeReader.Peek();\n      things.Add(1);\n      reader.",
}
PYTHON = {
    "shop/till.py": "class Till:\n    def deposit_all(self, coins): ...\n\n    def close(self): ...\n\n\n"
    "def deposit(a): ...\n",
    "shop/door.py": "class Door:\n    def close(self): ...\n",
    "shop/main.py": "def f(till):\n    deposit(1)\n    till.deposit_all([])\n    till.close()\n    ",
}


def pieces(root: Path, files: Mapping[str, str], *sources: Source, behind: str = "", window: str = "") -> list[Piece]:
    """With the cursor at the end of the last file, of which `behind` comes after it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + (behind if name == [*files][-1] else ""))
    store = Store(root.parent / "index.db")
    index.update(store, root, Rules(root))
    known = Knowledge(root, Rules(root), store)
    path, text = [*files.items()][-1]
    found = Gatherer(known).candidates(Around(Buffer(text + behind, len(text), path)), Wish(sources), window)
    known.close()
    return sorted(found, key=lambda one: -one.score)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


def test_what_stands_before_the_dot_comes_first_with_its_members(
    root: Path,
) -> None:
    found = pieces(root, CSHARP, Source.DEFINITIONS)
    assert found[0].path == "Shop/Reader.cs"
    assert found[0].text.split("\n") == [
        "public class Reader {",
        "    public Token Kind;",
        "    public bool Read()",
        "    public int Depth()",
        "}",
    ]


def test_a_method_that_several_classes_have_is_none_of_them_and_tests_define_nothing(root: Path) -> None:
    found = pieces(root, CSHARP, Source.DEFINITIONS)
    assert not [one for one in found if "Add" in one.text or one.path.startswith("Shop.Tests")]


def test_a_test_sees_what_tests_define(root: Path) -> None:
    files = {**CSHARP, "Shop.Tests/MoreTests.cs": "namespace Shop { class MoreTests { void Go() { FakeReader."}
    assert pieces(root, files, Source.DEFINITIONS)[0].path == "Shop.Tests/ReaderTests.cs"


def test_of_python_only_methods_are_found_that_no_other_class_has(root: Path) -> None:
    found = pieces(root, PYTHON, Source.DEFINITIONS)
    assert [one.text for one in found] == ["class Till:\n    def deposit_all(self, coins): ..."]
    assert found[0].reason == "definition of deposit_all, used here, the only one"


def test_names_in_comments_and_what_the_compiler_makes_are_nothing_to_look_up(root: Path) -> None:
    files = {
        "a/Check.java": "package a; class Check {}\n",
        "b/Two.java": "package b;\nclass Two {\n  void go() {\n    // Check the name.\n    /* Check it */ int a;\n    ",
    }
    assert pieces(root, files, Source.DEFINITIONS) == []
    files["b/Two.java"] += "Check"
    assert [one.path for one in pieces(root, files, Source.DEFINITIONS)] == ["a/Check.java"]
    header = "namespace n { class Till {}; }\nTill(Till&&) = default;\n"
    files = {"till.h": header, "main.cpp": '#include "till.h"\nint main() {\n  Till t;\n  '}
    assert [one.text for one in pieces(root, files, Source.DEFINITIONS)] == ["class Till"]


def test_a_method_of_every_list_is_not_that_of_the_only_class_that_has_it_too(root: Path) -> None:
    files = {"till.py": "class Till:\n    def append(self, coin): ...\n", "main.py": "def f(a):\n    a.append(1)\n    "}
    assert pieces(root, files, Source.DEFINITIONS) == []


def test_private_methods_of_others_are_left_out(root: Path) -> None:
    files = {
        "a/One.java": "package a; class One { private void shut() {} void unlock() {} }\n",
        "b/Two.java": "package b;\nclass Two {\n  void go() {\n    x.shut();\n    x.unlock();\n    ",
    }
    assert [one.text for one in pieces(root, files, Source.DEFINITIONS)] == ["class One {\n    void unlock()\n}"]


def test_what_a_file_defines_far_from_the_cursor(root: Path) -> None:
    filler = "    # and so on\n" * 100
    text = (
        'class Till:\n    """Takes money."""\n\n    def deposit(self, amount, *, note=""): ...\n\n'
        f"    def unused(self): ...\n{filler}\n\ndef exchange(amount, rate): ...\n\n\n"
        "class Desk:\n    def near(self): ...\n\n    def go(self, till):\n"
        "        self.near()\n        till.deposit(exchange(3, 2))\n        "
    )
    window = text[text.index("def exchange") :]
    (found,) = pieces(root, {"shop.py": text}, Source.OWN, window=window)
    assert found.text == 'class Till:\n    """Takes money."""\n    def deposit(self, amount, *, note=""): ...'
    assert found.reason == "deposit: used here, defined further away in this file"
    assert {one.text.split("\n")[-1] for one in pieces(root, {"shop.py": text}, Source.OWN)} == {
        '    def deposit(self, amount, *, note=""): ...',
        "def exchange(amount, rate): ...",
        "    def near(self): ...",
    }


def test_a_method_of_every_dictionary_is_the_own_one_only_of_self(root: Path) -> None:
    text = "class Jar:\n    def get(self, name): ...\n" + "    # and so on\n" * 100 + "    def go(self, a):\n        "
    assert pieces(root, {"jar.py": text + "a.get(1)\n        "}, Source.OWN) == []
    (found,) = pieces(root, {"jar.py": text + "self.get(1)\n        "}, Source.OWN)
    assert found.text == "class Jar:\n    def get(self, name): ..."


def test_what_is_secret_of_a_file_is_not_sent_from_there_either(root: Path) -> None:
    text = 'TOKEN = "ghp_a8f5f167f44f4964e6c998dee827110c0123"\n\n\ndef f():\n    return TOKEN'
    assert pieces(root, {"shop.py": text}, Source.OWN) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "csharp",
            ("Reader _reader;\nvoid F(Contract contract, IList<JToken> values, int x) {\n"
            "  var s = new Serializer(a); Foo? y = null; return z; }"),
            {"_reader": "Reader", "contract": "Contract", "values": "IList", "s": "Serializer", "y": "Foo"},
        ),
        (
            "rust",
            ("fn f(config: &Arc<Config>, rx: Receiver<Work>, opts: &'a mut Opts) {\n"
            "  let t = Command::new(x); let n = 1; }"),
            {"config": "Config", "rx": "Receiver", "opts": "Opts", "t": "Command"},
        ),
        (
            "go",
            "func (c *Command) Find(args []string, cmd *cobra.Command) { x := &Flag{}; y := NewThing() }",
            {"c": "Command", "cmd": "Command", "x": "Flag", "y": "Thing"},
        ),
        (
            "cpp",
            "int f(till_t *t, struct point p) { const char *s; return n; } format_specs& specs;",
            {"t": "till_t", "p": "point", "s": "char", "specs": "format_specs"},
        ),
        (
            "typescript",
            ("constructor(private readonly at: Place, a?: Observable<T>) { const s = new Subject<T>(); }\n"
            "items: Array<Item>;"),
            {"at": "Place", "a": "Observable", "s": "Subject", "items": "Item"},
        ),
        (
            "python",
            ("def f(self, ctx: 'Context', p: Optional[Parameter] = None):\n    self.c = Command('x')\n"
            "    d: dict[str, T] = {}"),
            {"ctx": "Context", "p": "Parameter", "c": "Command"},
        ),
        (
            "php",
            "function f(Handler $handler, ?Logger $l = null) { $x = new Curl\\Util(); }",
            {"handler": "Handler", "l": "Logger"},
        ),
        ("go", "x := 1\nx := &A{}\nx := &B{}", {"x": "B"}),
        ("bash", "x: A", {}),
    ],
)  # fmt: skip
def test_types_of_variables(language: str, text: str, expected: dict[str, str]) -> None:
    assert declared.types(text, language) == expected
