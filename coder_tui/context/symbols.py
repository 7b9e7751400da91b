"""What a file defines and imports, read with tree-sitter: Facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from coder_tui.context import grammars
from coder_tui.context.signatures import documentation, signature, text_of, whole

if TYPE_CHECKING:
    from tree_sitter import Node

IDENTIFIER = re.compile(r"[^\W\d]\w*")
_KINDS = ("function", "class", "value", "extension")
_STATEMENT_LINES = 60
_DEPTH = {"python": 16}
"""Levels of the tree in which something is looked for: looking into every expression takes a third longer and finds 2
more of 68,000 imports in 7,000 files. JavaScript has whole files in the arguments of a call."""
_STRIPPED = "\"'"
_USE_TREES = ("scoped_identifier", "scoped_use_list", "use_as_clause", "use_list", "use_wildcard")
"""Of Rust; `scoped_identifier` is Java's too, which has no `::`."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something that a file defines under a name."""

    name: str
    kind: str
    """function, class (also struct, enum, interface, trait), value, or extension (of a class: Rust's `impl`)."""
    parent: str
    """The class that it is part of; empty at the top of a file."""
    first_line: int
    """0-based, with its decorators."""
    last_line: int
    """0-based, its last one."""
    signature: str
    """Its text up to its body on one line, its decorators on lines before it."""
    doc: str = ""
    """The first sentence of its docstring, or of the comment before it."""


@dataclass(frozen=True, slots=True)
class Import:
    """One name, or one module, that a file takes from elsewhere."""

    module: str
    """As written, without quotes: `..core.text`, `./util`, `foo/bar.h`, `<stdio.h>`, `crate::a`."""
    name: str = ""
    """What is taken from it; empty for the module itself, `*` for all of it."""
    alias: str = ""
    """What it is called here, where that is another name."""

    @property
    def local(self) -> str:
        """The name under which it is used."""
        return self.alias or self.name or re.split(r"[./:\\]", self.module.strip("/<>"))[-1]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a file's code."""

    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    namespace: str = ""
    """The package or namespace that the file says it is in."""
    import_lines: tuple[int, ...] = ()
    """0-based lines that import something."""


def read(text: str, language: str) -> Facts:
    """The facts of a text in LF line endings. A language without a grammar has none; code that does not parse has those
    of the parts that do."""
    if not language:
        return Facts()
    from tree_sitter import QueryCursor

    parser, query = grammars.loaded(language)
    data = text.encode("utf-8", "replace")
    root = parser.parse(data).root_node
    found: dict[tuple[int, int], list[tuple[str, str, Node]]] = {}
    imports: list[Import] = []
    lines: set[int] = set()
    namespace = ""
    cursor = QueryCursor(query)
    if language in _DEPTH:
        cursor.set_max_start_depth(_DEPTH[language])
    for _, captures in cursor.matches(root):
        kind = next((kind for kind in _KINDS if kind in captures), None)
        if kind is not None and captures["name"][0].is_missing:
            continue  # in code that does not parse
        if kind is not None:
            node, name = captures[kind][0], text_of(captures["name"][0])
            _add(found.setdefault((node.start_byte, -node.end_byte), []), kind, _qualified(name, captures), node)
        elif "namespace" in captures:
            namespace = namespace or text_of(captures["namespace"][0])
        else:
            imports.extend(_imported(captures))
            lines.update(_statement_lines(next(iter(captures.values()))[0]))
    return Facts(tuple(_symbols(found, data)), _merged(imports), namespace, tuple(sorted(lines)))


def _statement_lines(node: Node) -> Iterable[int]:
    """The lines of the statement around an import, as far as it is one: an include guard is around a whole file."""
    while (outer := node.parent) is not None and outer.parent is not None:
        if outer.end_point.row - outer.start_point.row >= _STATEMENT_LINES:
            break
        node = outer
    end = node.end_point
    return range(node.start_point.row, end.row + (end.column > 0))


def _qualified(name: str, captures: Mapping[str, Sequence[Node]]) -> str:
    """With the class before it where the definition itself says which: `Class::name`."""
    return f"{text_of(captures['receiver'][0])}::{name}" if "receiver" in captures else name


def _imported(captures: Mapping[str, Sequence[Node]]) -> Iterable[Import]:
    if "submodule" in captures:
        return [Import(f"self::{text_of(captures['submodule'][0])}")]
    if "module" not in captures:
        return []
    module = text_of(captures["module"][0]).strip().strip(_STRIPPED)
    if "prefix" in captures:
        module = f"{text_of(captures['prefix'][0])}\\{module}"
    alias = text_of(captures["alias"][0]) if "alias" in captures else ""
    if captures["module"][0].type in _USE_TREES:
        return list(_used(module))
    if "all" in captures:
        return [Import(module, "*")]
    return [Import(module, text_of(node).strip(_STRIPPED), alias) for node in captures.get("imported", ())] or [
        Import(module, alias=alias)
    ]


def _used(tree: str) -> Iterable[Import]:
    """The names of a Rust use tree: `a::{b, c as d}`. A Java name is a module as it stands."""
    tree = tree.strip()
    if "{" not in tree:
        path, _, alias = tree.partition(" as ")
        module, _, name = path.strip().rpartition("::")
        return [Import(module, name.strip(), alias.strip())] if module else [Import(path.strip(), alias=alias.strip())]
    start, _, inner = tree.partition("{")
    inner = inner.rpartition("}")[0]
    parts, depth, begun = list[str](), 0, 0
    for at, character in enumerate(inner):
        depth += (character == "{") - (character == "}")
        if character == "," and not depth:
            parts.append(inner[begun:at])
            begun = at + 1
    parts.append(inner[begun:])
    return [one for part in parts if part.strip() for one in _used(start.strip() + part.strip())]


def _merged(imports: Sequence[Import]) -> tuple[Import, ...]:
    """Without the bare module where names are taken from it, and each once."""
    named = {one.module for one in imports if one.name or one.alias}
    aliases = {one.alias for one in imports}
    return tuple(
        dict.fromkeys(
            one for one in imports if one.name or one.alias or (one.module not in named and one.module not in aliases)
        )
    )


def _add(same: list[tuple[str, str, Node]], kind: str, name: str, node: Node) -> None:
    """To what was found for the same node: one statement may assign several values, and a value may be a class."""
    if same and (same[0][:2] == ("value", name) and kind != "value"):
        same[0] = (kind, name, node)
    elif not same or (kind == same[0][0] == "value" and all(name != other for _, other, _ in same)):
        same.append((kind, name, node))


def _symbols(found: Mapping[tuple[int, int], list[tuple[str, str, Node]]], data: bytes) -> Iterable[Symbol]:
    """Those that other files may use: what is defined within a function is its own business. `found`: (kind, name,
    node) by its first byte and the negative of its end, so that what is around another comes before it."""
    around: list[tuple[str, str, int]] = []
    for (start, below), same in sorted(found.items(), key=itemgetter(0)):
        while around and around[-1][2] <= start:
            around.pop()
        inside = [one for one in around if one[2] >= -below]
        around.append((*same[0][:2], -below))
        if any(kind_around == "function" for kind_around, _, _ in inside):
            continue
        outer = inside[-1] if inside else None
        is_member = outer is not None and (outer[0] != "value" or same[0][0] == "function")
        parent = outer[1] if outer is not None and is_member else ""
        for kind, name, node in same:
            yield _symbol(kind, name, node, parent, data)


def _symbol(kind: str, name: str, node: Node, parent: str, data: bytes) -> Symbol:
    if "::" in name:  # C++ and Go say the class in the name
        parent, _, name = name.rpartition("::")
    text, first = signature(node, name, kind, data)
    end = whole(node).end_point
    last = end.row - (end.column == 0 and end.row > first)  # a #define ends behind its line end
    return Symbol(name, kind, parent, first, last, text, documentation(node))
