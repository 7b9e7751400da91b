"""Definitions that are not written as such everywhere."""

from __future__ import annotations

import pytest

from coder_tui.context import outlines, symbols


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("java", "interface S { int K = 3; }\n@interface M { String value(); }\n", {"S", "S.K", "M", "M.value"}),
        ("go", "package a\ntype A = int\ntype F func(int) int\n", {"A", "F"}),
        ("go", "package a\nvar (\n\tErr = 1\n\tB = 2\n)\nconst (\n\tC = iota\n\tD\n)\n", {"Err", "B", "C", "D"}),
        ("go", "package a\nvar E, F = 1, 2\n", {"E", "F"}),
        ("python", "A, B = 1, 2\nC = D = 3\nif A:\n    E = 1\ntry:\n    F = 1\nexcept B:\n    G = 2\n", set("ABCDEF")),
        ("python", "def f():\n    a, b = 1, 2\n    if a:\n        c = d = 1\n", {"f"}),
        ("javascript", "const a = 1, b = 2;\nvar c, d = 3;\n", {"a", "b", "c", "d"}),
        ("java", "class A { int a = 1, b = 2; }\n", {"A", "A.a", "A.b"}),
        ("c", "int a = 1, b;\n", {"a", "b"}),
        ("go", "package a\ntype (\n\tX int\n\tY struct{}\n\tZ = int\n)\nvar _ X = 1\n", {"X", "Y", "Z"}),
        ("go", "package a\ntype I interface {\n\tM(a int) error\n}\n", {"I", "I.M"}),
        ("typescript", "type P = { name: string; at: { x: number }; go(): void };\n", {"P", "P.name", "P.at", "P.go"}),
        ("typescript", "type U = P & { name: string };\nenum E { A, B = 1 }\n", {"U", "E", "E.A", "E.B"}),
        ("typescript", "declare const V: string;\nnamespace N { export const x = 1; }\n", {"V", "N", "N.x"}),
        ("javascript", "export const api = { get() { return 1; } };\n", {"api", "api.get"}),
        ("c", "static const char *names[] = {0};\nchar *p;\nint t[3];\n", {"names", "p", "t"}),
        (
            "cpp",
            "static const char *names[] = {0};\nint n;\nnamespace a { char *p; int *q = 0; }\n",
            {"names", "n", "p", "q"},
        ),
        ("cpp", "int f() { int a = 1; char *b; return a; }\nT t(1);\nint g(int);\n", {"f", "t", "g"}),
        ("csharp", "class A { public event H Changed; }\n", {"A", "A.Changed"}),
        ("php", "<?php enum Suit: string { case Hearts = 'H'; }\n", {"Suit", "Suit.Hearts"}),
        ("c", "typedef int (*cmp)(const void *, const void *);\n", {"cmp"}),
        ("cpp", "namespace n { constexpr int K = 3; }\nauto f = [](int a) { int b = a; return b; };\n", {"K", "f"}),
        (
            "go",
            "package a\nvar t = []struct{ name string }{}\ntype P struct {\n\tX, Y int\n}\n",
            {"t", "P", "P.X", "P.Y"},
        ),
        ("go", "package a\nfunc f() {\n\ttype P struct {\n\t\tX int\n\t}\n}\n", {"f"}),
        (
            "rust",
            "enum E { A, B(u8), C { x: i32 } }\nstruct M(f64);\nunion U { a: u8 }\n",
            {*"EMU", "E.A", "E.B", "E.C", "U.a"},
        ),
        ("rust", "fn f() { struct P { x: i32 } }\n", {"f"}),
        ("c", "struct p { int x, *y; char **z, b[2]; int (*f)(int); };\n", {"p", *(f"p.{one}" for one in "xyzbf")}),
        (
            "c",
            "typedef struct { int a; } t;\ntypedef enum { A } e;\nstatic struct { int a; } s;\n",
            {"t", "t.a", "e", "e.A", "s"},
        ),
        ("c", "int f(void) { struct p { int x; }; return 0; }\n", {"f"}),
        ("cpp", "struct P { int x; char *y; T &z; int b[2]; };\n", {"P", "P.x", "P.y", "P.z", "P.b"}),
        ("typescript", "const a = require('a');\nvar b = 1;\nb.go = () => { const c = 1; };\n", {"b", "b.go"}),
    ],
)
def test_less_usual_definitions(language: str, text: str, expected: set[str]) -> None:
    found = symbols.read(text, language).symbols
    assert {f"{one.parent}.{one.name}" if one.parent else one.name for one in found} == expected


def test_what_is_assigned_to_a_member_has_its_own_lines_and_signature() -> None:
    text = "/** Sends. */\nres.get =\nres.send = function (body) {\n  return body;\n};\n"
    (send,) = symbols.read(text, "javascript").symbols
    assert (send.signature, send.doc) == ("res.get = res.send = function (body)", "Sends.")
    assert (send.first_line, send.last_line) == (1, 4)
    assert outlines.outlines("a.js", [*symbols.read("var res = {};\n", "javascript").symbols, send]) == [
        "var res = {};",
        "// Sends.",
        "res.get = res.send = function (body)",
    ]


def test_a_statement_with_several_values_is_in_an_outline_once() -> None:
    found = symbols.read("const a = 1, b = 2;\nfunction f() {}\n", "javascript").symbols
    assert outlines.outlines("a.js", found) == ["const a = 1, b = 2;", "function f()"]


@pytest.mark.parametrize(
    ("language", "text", "doc"),
    [
        (
            "csharp",
            '/// <summary>\n/// Reads a <see cref="Token"/>. Or not.\n/// </summary>\nclass A {}\n',
            "Reads a Token.",
        ),
        ("csharp", '/// <summary>Is <c>null</c>.</summary>\n/// <param name="a">It.</param>\nclass A {}\n', "Is null."),
        ("php", "<?php\n/**\n * @param int $a what it is\n */\nfunction f($a) {}\n", ""),
        ("java", "/** Opens it\n * @see Other */\nclass A {}\n", "Opens it"),
        ("java", '/** An <a href="x">{@link Index}</a> of {@code a < b}. */\nclass A {}\n', "An Index of a < b."),
        ("rust", "/// A `Vec<T>` of it.\nfn f() {}\n", "A `Vec<T>` of it."),
    ],
)
def test_a_comment_says_what_it_is_without_tags(language: str, text: str, doc: str) -> None:
    assert symbols.read(text, language).symbols[0].doc == doc


def test_a_signature_ends_before_what_only_the_preprocessor_reads() -> None:
    text = "class A : B\n#if !NET20\n    , C\n#endif\n{\n}\n"
    assert symbols.read(text, "csharp").symbols[0].signature == "class A : B"


def test_what_does_not_parse_defines_nothing_without_a_name() -> None:
    found = symbols.read("enum : unsigned long long { is_packed = 1 };\n", "cpp").symbols
    assert [(one.name, one.parent) for one in found] == [("is_packed", "")]
