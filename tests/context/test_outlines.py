"""Definitions in short: what is written of each, in the syntax of its language as far as that goes."""

from __future__ import annotations

import pytest

from coder_tui.context import grammars, symbols
from coder_tui.context.outlines import outline, outlines

RUST = """\
/// How it is done.
pub struct Config {
    /// How deep.
    pub depth: Option<usize>,
    names: Vec<String>
}
pub enum Kind { File, Link(u8), Other { code: i32 } }
pub struct Unit;
pub struct Meters(f64);
impl Config {
    pub fn is_deep(&self) -> bool { true }
}
impl Clone for Config { fn clone(&self) -> Self { todo!() } }
"""
RUST_SHORT = """\
// How it is done.
pub struct Config {
    pub depth: Option<usize>,
    names: Vec<String>
}
pub enum Kind {
    File,
    Link(u8),
    Other { code: i32 }
}
pub struct Unit;
pub struct Meters(f64);
impl Config {
    pub fn is_deep(&self) -> bool
}
impl Clone for Config {
    fn clone(&self) -> Self
}"""
GO = """\
package a
// Point is a place.
type Point struct {
	X, Y int `json:"x"`
	io.Reader
}
func (p *Point) Move() {}
type (
	Path struct {
		Points []*Point
	}
	Handler func(int) int
	Empty interface{}
)
"""
GO_SHORT = """\
// Point is a place.
type Point struct {
    X, Y int `json:"x"`
}
func (p *Point) Move()
type Path struct {
    Points []*Point
}
type Handler func(int) int
type Empty interface"""
C = """\
struct point {
    int x, y;
    int (*open)(const char *);
};
typedef struct {
    int a;
} pair_t;
typedef enum { RED, GREEN } colour_t;
struct buffer { };
"""
C_SHORT = """\
struct point {
    int x, y;
    int (*open)(const char *);
}
typedef struct pair_t {
    int a;
}
typedef enum colour_t {
    RED,
    GREEN
}
struct buffer"""
TYPESCRIPT = (
    "interface P {\n  at: number;\n  go(): void;\n}\nexport class Empty {}\nclass Q {\n  constructor(a: number) {}\n}\n"
)
TYPESCRIPT_SHORT = """\
interface P {
    at: number;
    go(): void
}
export class Empty
class Q {
    constructor(a: number)
}"""


@pytest.mark.parametrize(
    ("path", "text", "short"),
    [
        ("a.rs", RUST, RUST_SHORT),
        ("a.go", GO, GO_SHORT),
        ("a.c", C, C_SHORT),
        ("a.ts", TYPESCRIPT, TYPESCRIPT_SHORT),
    ],
)
def test_a_file_in_short(path: str, text: str, short: str) -> None:
    found = symbols.read(text, grammars.language_of(path)).symbols
    assert "\n".join(outlines(path, found)) == short


def test_a_type_alone_has_all_its_members_once() -> None:
    found = symbols.read(RUST, "rust").symbols
    inside = [one for one in found if one.parent == "Config"]
    assert outline("a.rs", found[0], inside, {"depth": 1.0, "is_deep": 0.5}).split("\n") == [
        "// How it is done.",
        "pub struct Config {",
        "    pub depth: Option<usize>,",
        "}",
        "impl Config {",
        "    pub fn is_deep(&self) -> bool",
        "}",
    ]
    assert outline("a.rs", found[0], inside) == "// How it is done.\npub struct Config"
