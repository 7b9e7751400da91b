"""What files of each language define and import."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context import grammars, symbols
from coder_tui.context.symbols import Import

PYTHON = '''\
from __future__ import annotations
import os.path as p, sys
from .core import (
    Base as B,
    helper,
)
from pkg import *

LIMIT: int = 3


@cached
class Shop(B):
    """Sells things.

    More of it.
    """
    size = 1

    async def buy(self, what: str,
                  count: int = 1) -> None:
        """Buys."""
        def inner(): ...

    class Till: ...
'''
SAMPLES = {
    "a.py": PYTHON,
    "a.ts": """\
import { foo as bar, Baz } from "./util";
import * as path from "path";
import def from '@app/x';
/** Adds. */
export function add(a: number, b: number): number { return a + b; }
export class Foo extends Baz { private x = 1; go(a: string): void { const y = () => 1; } }
export const arrow = async (a: string) => { return a; };
interface Shape { area(c: number): void }
type T = string | number;
""",
    "a.js": """\
const { one, two } = require('./lib');
const whole = require("./whole");
export { three } from './three';
function go(a) { return a; }
class C { m() {} }
const f = (x) => { return x; };
var left, lib = require('lib')('x'), right = 2;
res.send = function send(body) { function inner() {} };
C.prototype.more = (a) => a;
res.get =
res.header = function (name) { return name; };
exports.go = function () {};
module.exports = function () {};
res.size = 3;
""",
    "a.java": """\
package com.shop.core;
import com.shop.util.Strings;
import java.util.*;
/** A till. */
public class Till<T> extends Base implements Open {
    private int count = 0;
    /** Opens. */
    public Till(int a) { }
    public List<T> items(String q) throws Bad { return null; }
    enum Kind { A, B }
}
""",
    "a.go": """\
package shop

import (
    "fmt"
    u "example.com/m/util"
)

// Till takes money.
type Till struct { Count int }

// Open opens.
func (t *Till) Open(name string) error { return nil }
func Free(a int) {}
const Max = 1
""",
    "a.rs": """\
use crate::shop::{Till, till::{open as o, close}};
use super::*;
mod util;
/// A point.
#[derive(Debug)]
pub struct Point { x: i32 }
impl Point { pub fn new(x: i32) -> Self { Point { x } } }
pub trait Draw { fn draw(&self); }
pub const K: i32 = 3;
macro_rules! hey { () => {} }
""",
    "a.c": """\
#include "shop/till.h"
#include <stdio.h>
#define MAX 3
typedef struct till { int count; } till_t;
/* Opens. */
static int *open_till(till_t *t) { return 0; }
int close_till(void);
""",
    "a.cpp": """\
#include "till.hpp"
namespace shop {
template <typename T> class Till : public Base { public: int a; Till(int x); int get() const { return a; } };
int Till::other(int b) { return b; }
}
""",
    "a.cs": """\
using System.Text;
using Shop.Core;
namespace Shop.Web { public class Till { public int Count { get; set; } public string Open(int a) => ""; } }
""",
    "a.php": """\
<?php
namespace App\\Http;
use App\\Models\\User as U;
require_once __DIR__ . '/x.php';
class Till extends B { private $a = 1; public function open(int $x): string { return ""; } }
function free() {}
""",
    "a.sh": """\
source ./lib/common.sh
. "$DIR/other.sh"
LIMIT=3
open_till() { echo; }
function close_till { echo; }
""",
    "a.rb": """\
require_relative 'lib/till'
require 'json'
class Till < Base
  LIMIT = 3
  def open(a)
  end
  def self.make; end
end
""",
}
DEFINED = {
    "a.py": {"LIMIT", "Shop", "Shop.size", "Shop.buy", "Shop.Till"},
    "a.ts": {"add", "Foo", "Foo.x", "Foo.go", "arrow", "Shape", "Shape.area", "T"},
    "a.js": {"go", "C", "C.m", "f", "left", "right", "res.send", "C.more", "res.header"},
    "a.java": {"Till", "Till.count", "Till.Till", "Till.items", "Till.Kind", "Kind.A", "Kind.B"},
    "a.go": {"Till", "Till.Count", "Till.Open", "Free", "Max"},
    "a.rs": {"Point", "Point.x", "Point.new", "Draw", "Draw.draw", "K", "hey"},
    "a.c": {"MAX", "till", "till.count", "till_t", "open_till", "close_till"},
    "a.cpp": {"Till", "Till.a", "Till.Till", "Till.get", "Till.other"},
    "a.cs": {"Till", "Till.Count", "Till.Open"},
    "a.php": {"Till", "Till.$a", "Till.open", "free"},
    "a.sh": {"LIMIT", "open_till", "close_till"},
    "a.rb": {"Till", "Till.LIMIT", "Till.open", "Till.make"},
}
IMPORTED = {
    "a.py": {
        Import("os.path", alias="p"),
        Import("sys"),
        Import(".core", "Base", "B"),
        Import(".core", "helper"),
        Import("pkg", "*"),
    },
    "a.ts": {
        Import("./util", "foo", "bar"),
        Import("./util", "Baz"),
        Import("path", alias="path"),
        Import("@app/x", "def"),
    },
    "a.js": {
        Import("./lib", "one"),
        Import("./lib", "two"),
        Import("./whole", alias="whole"),
        Import("./three", "three"),
        Import("lib"),
    },
    "a.java": {Import("com.shop.util.Strings"), Import("java.util")},
    "a.go": {Import("fmt"), Import("example.com/m/util", alias="u")},
    "a.rs": {
        Import("crate::shop", "Till"),
        Import("crate::shop::till", "open", "o"),
        Import("crate::shop::till", "close"),
        Import("super", "*"),
        Import("self::util"),
    },
    "a.c": {Import("shop/till.h"), Import("<stdio.h>")},
    "a.cpp": {Import("till.hpp")},
    "a.cs": {Import("System.Text"), Import("Shop.Core")},
    "a.php": {Import("App\\Models\\User", alias="U"), Import("__DIR__ . '/x.php")},
    "a.sh": {Import("./lib/common.sh"), Import("$DIR/other.sh")},
    "a.rb": {Import("lib/till"), Import("json")},
}


@pytest.mark.parametrize("path", SAMPLES)
def test_symbols(path: str) -> None:
    facts = symbols.read(SAMPLES[path], grammars.language_of(path))
    found = {f"{one.parent}.{one.name}" if one.parent else one.name for one in facts.symbols if one.kind != "extension"}
    assert found == DEFINED[path]


@pytest.mark.parametrize("path", SAMPLES)
def test_imports(path: str) -> None:
    facts = symbols.read(SAMPLES[path], grammars.language_of(path))
    assert set(facts.imports) == IMPORTED[path]
    lines = SAMPLES[path].split("\n")
    for one in facts.imports:
        last = one.module.rstrip("'").split("/")[-1].split("::")[-1].split("\\")[-1]
        assert any(last in lines[at] for at in facts.import_lines), one


@pytest.mark.parametrize(
    ("path", "name", "signature", "doc"),
    [
        ("a.py", "Shop", "@cached\nclass Shop(B):", "Sells things."),
        ("a.py", "buy", "async def buy(self, what: str, count: int = 1) -> None:", "Buys."),
        ("a.py", "LIMIT", "LIMIT: int = 3", ""),
        ("a.ts", "add", "export function add(a: number, b: number): number", "Adds."),
        ("a.ts", "arrow", "export const arrow = async (a: string) =>", ""),
        ("a.java", "Till", "public class Till<T> extends Base implements Open", "A till."),
        ("a.go", "Open", "func (t *Till) Open(name string) error", "Open opens."),
        ("a.rs", "Point", "pub struct Point", "A point."),
        ("a.c", "open_till", "static int *open_till(till_t *t)", "Opens."),
        ("a.c", "MAX", "#define MAX 3", ""),
        ("a.cpp", "Till", "template <typename T> class Till : public Base", ""),
        ("a.cs", "Open", "public string Open(int a)", ""),
        ("a.php", "open", "public function open(int $x): string", ""),
    ],
)
def test_signatures(path: str, name: str, signature: str, doc: str) -> None:
    facts = symbols.read(SAMPLES[path], grammars.language_of(path))
    found = next(one for one in facts.symbols if one.name == name)
    assert (found.signature, found.doc) == (signature, doc)


def test_lines_of_a_definition_have_its_decorators() -> None:
    shop = next(one for one in symbols.read(PYTHON, "python").symbols if one.name == "Shop")
    assert (shop.first_line, shop.last_line) == (11, 24)


def test_an_import_over_several_lines_has_all_of_them() -> None:
    assert symbols.read(PYTHON, "python").import_lines == (1, 2, 3, 4, 5, 6)


def test_imports_within_an_include_guard_have_their_lines_only() -> None:
    text = '#ifndef X\n#define X\n#include "a.h"\n' + "int f(void);\n" * 80 + "#endif\n"
    assert symbols.read(text, "c").import_lines == (2,)


def test_a_language_without_a_grammar_has_no_facts() -> None:
    assert symbols.read("x = 1\n", grammars.language_of("a.unknown")) == symbols.Facts()


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_no_text_is_too_broken(path: str, data: st.DataObject) -> None:
    text = SAMPLES[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    broken = text[:start] + data.draw(st.text(max_size=5)) + text[end:]
    facts = symbols.read(broken, grammars.language_of(path))
    last = broken.count("\n")
    assert all(0 <= one.first_line <= one.last_line <= last for one in facts.symbols)
    assert all(0 <= at <= last for at in facts.import_lines)
