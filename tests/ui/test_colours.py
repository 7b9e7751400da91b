"""Colours of code while it is edited, with and without a grammar."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from ui.harness import play, playing

from coder_tui.context import grammars
from coder_tui.ui.colouring import Colours, colours_of
from coder_tui.ui.highlight import Highlighter, lexer_for

SOURCE = (Path(__file__).parents[2] / "coder_tui" / "ui" / "highlight.py").read_text(encoding="utf-8")
PARTS = ["x", "(", '"', "\n", "'''", "#", "é日", "", "\nclass A:\n"]


def settled(colours: Colours, lines: list[str]) -> Colours:
    while not colours.advance(lines, 0, len(lines), 1000):
        pass
    return colours


def coloured(lines: list[str], name: str = "a.py") -> Colours:
    return settled(colours_of(name, lines), lines)


def by_pygments(lines: list[str]) -> Colours:
    lexer = lexer_for("a.py")
    assert lexer is not None
    return settled(Highlighter(lexer, lines), lines)


def named(colours: Colours, lines: list[str]) -> list[list[tuple[str, str]]]:
    """(text, style) of the coloured parts of each line."""
    return [[(line[start:end], name) for start, end, name in colours.pieces(at)] for at, line in enumerate(lines)]


@pytest.mark.parametrize("fresh", [coloured, by_pygments])
def test_colours_go_on_from_an_edit_as_if_all_were_read_again(fresh: object) -> None:
    assert callable(fresh)
    chance = random.Random(7)
    lines = SOURCE.split("\n")
    colours = fresh(lines)
    for _ in range(25):
        for _ in range(chance.choice([1, 1, 3])):  # several before anybody looks
            at = chance.randrange(len(lines))
            end = min(len(lines), at + chance.choice([1, 1, 4]))
            column = chance.randrange(len(lines[at]) + 1)
            new = (lines[at][:column] + chance.choice(PARTS) + lines[at][column:]).split("\n")
            colours.edited(at, end - at, len(new))
            lines[at:end] = new
            colours.advance(lines, 0, 20, 0)
        settled(colours, lines)
        if colours.is_doubtful:  # what an editor does when nobody types for a moment
            colours.renew()
            settled(colours, lines)
        assert named(colours, lines) == named(fresh(lines), lines)


def test_colours_of_an_edit_are_found_without_reading_on() -> None:
    lines = SOURCE.split("\n")
    colours = by_pygments(lines)
    lines[20] += "x"
    colours.edited(20, 1, 1)
    steps = 0
    while not colours.advance(lines, 0, len(lines), 0):  # no time: a slice of some tokens each
        steps += 1
    assert steps < 5


def test_only_what_is_looked_at_is_asked_for() -> None:
    lines = SOURCE.split("\n")
    colours = colours_of("a.py", lines)
    while not colours.advance(lines, 100, 120, 1000):
        pass
    assert any(colours.pieces(line) for line in range(100, 120))
    assert not any(colours.pieces(line) for line in [*range(90), *range(130, len(lines))])


SAMPLES = {
    "a.py": ['"""Doc', 'more"""', "é = f'a{len(x)}'  # c", "class A(B): pass"],
    "a.ts": ["const a: Map<string, number> = `x ${f(1)}", "y`;"],
    "a.tsx": ["const a = <b c='d'>{x}</b>;"],
    "a.js": ["let r = /ab+/g; // c"],
    "a.cpp": ['auto s = R"(raw', 'str)"; foo(nullptr);'],
    "a.c": ["#define A 1", "static int f(char *p) { return 'x'; }"],
    "a.rb": ["def foo(a)", "  y = <<~E", "    text #{y}", "  E", "end"],
    "a.cs": ['class C { string s = $"a{b}"; int F() => Foo.Bar(null, 1); }'],
    "a.go": ["func (s *T) F(a int) error { x := `raw", "q`; return nil }"],
    "a.rs": ['fn main() { println!("{}", 1u8); } // c'],
    "a.java": ['@Override public String f(List<A> y) { return "a"; }'],
    "a.php": ["<?php function f(int $x): string { return 'a'; }"],
    "a.sh": ['for f in *.py; do echo "$f"; done # c'],
}
EXPECTED = {
    "a.py": {('"""Doc', "comment"), ('more"""', "comment"), ("# c", "comment"), ("len", "builtin"), ("A", "type")},
    "a.ts": {("Map", "type"), ("`x ", "string"), ("f", "function"), ("y`", "string"), ("const", "keyword")},
    "a.tsx": {("b", "keyword"), ("'d'", "string")},
    "a.js": {("ab+", "string"), ("// c", "comment")},
    "a.cpp": {('R"(raw', "string"), ('str)"', "string"), ("foo", "function"), ("nullptr", "constant")},
    "a.c": {("#define", "keyword"), ("A", "constant"), ("f", "function"), ("static", "keyword")},
    "a.rb": {("def", "keyword"), ("foo", "function"), ("    text ", "string"), ("end", "keyword")},
    "a.cs": {("C", "type"), ('$"a', "string"), ("Bar", "function"), ("1", "number")},
    "a.go": {("F", "function"), ("`raw", "string"), ("q`", "string"), ("nil", "constant")},
    "a.rs": {("main", "function"), ("println!", "function"), ('"{}"', "string")},
    "a.java": {("String", "type"), ("f", "function"), ('"a"', "string")},
    "a.php": {("f", "function"), ("int", "builtin"), ("'a'", "string")},
    "a.sh": {("for", "keyword"), ("echo", "function"), ("# c", "comment")},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_languages_with_a_grammar(name: str) -> None:
    lines = SAMPLES[name]
    found = {piece for pieces in named(coloured(lines, name), lines) for piece in pieces}
    assert found >= EXPECTED[name]
    assert not any(style == "function" and text in {"y", "x", "a"} for text, style in found)


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.yaml", "Makefile", "a.toml", "a.json", "a.sql"])
def test_languages_without_a_grammar(name: str) -> None:
    text = "# int main\n\nclass A: 'x' // \"y\" /* z */ <b>1</b>\nkey: [1, true]\nif x = 2 end\n"
    lines = text.split("\n")
    assert any(coloured(lines, name).pieces(line) for line in range(6))


def test_what_stays_plain() -> None:
    assert colours_of("a.txt", ["x"]).is_plain
    assert colours_of("", ["x"]).is_plain
    assert colours_of("a.py", ["x" * 20_000]).is_plain
    assert colours_of("a.md", ["x" * 20_000]).is_plain


def test_all_grammars_one_after_the_other_leave_the_process_alive() -> None:
    """Some versions of tree-sitter die when a query is freed."""
    program = (
        "import gc\nfrom coder_tui.context import grammars\nfrom coder_tui.ui.colouring import colours_of\n"
        "for _ in range(3):\n    for name in sorted(grammars._GRAMMARS):\n"
        "        suffix = grammars._GRAMMARS[name].suffixes.split()[0]\n"
        "        lines = ['class A { f(1); }', '/* x', 'y */ \"z\"']\n"
        "        colours = colours_of(f'a.{suffix}', lines)\n        assert not colours.is_plain\n"
        "        while not colours.advance(lines, 0, 3, 5):\n            pass\n"
        "        del colours\n        gc.collect()\n"
    )
    assert set(SAMPLES) >= {f"a.{grammar.suffixes.split()[0]}" for grammar in grammars._GRAMMARS.values()} - {"a.cc"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_open_string_is_closed_again_and_nothing_is_left_of_its_colour(work: Path) -> None:
    async def scene() -> None:
        (work / "calc.py").write_text("import os\n\n" + "def f():\n    return 1\n\n" * 200)
        async with playing(work, file="calc.py", line=2, size=(80, 24)) as running:
            colours = running.area.highlighter
            await running.until(lambda: colours.pieces(2))
            before = [colours.pieces(line) for line in range(2, 20)]
            await running.press(*'"""', "enter", *"def g(")
            await running.press(*["backspace"] * 10)
            await running.until(lambda: [colours.pieces(line) for line in range(2, 20)] == before)
            await running.until(lambda: not colours.is_doubtful)

    play(scene)
