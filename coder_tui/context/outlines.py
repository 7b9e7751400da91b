"""How definitions are written down in short: outline, outlines of a file, and the comment above one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from coder_tui.context import grammars
from coder_tui.context.symbols import Symbol

ALL = 64
"""Methods of a class that somebody asks about."""
SOME = 16
"""Where it is one of many things that may matter."""
_METHODS_APART = ("go", "rust")
"""Where methods do not stand in the braces of their type."""
_VALUE_CHARS = 120
_COMMENT = ("//", "/*", "*", "#")
_DOC_LINES = 30
"""A longer comment above a definition is a manual: it stays behind."""
_WANTED = 8
"""Methods and fields whose names are used around the cursor, the nearest ones."""
_NONE: Mapping[str, float] = MappingProxyType({})
_CONSTRUCTORS = 2
_CALLED = ("__init__", "__call__")
_INDENT = "    "
ENCLOSING = ("class", "extension")
"""Kinds with members inside of them. Those of an object, or of a prototype, are assigned somewhere."""


def outline(
    path: str,
    symbol: Symbol,
    members: Sequence[Symbol] = (),
    wanted: Mapping[str, float] = _NONE,
    *,
    most: int | None = None,
) -> str:
    """A definition in short: signature, first sentence of its documentation, and of a class the signatures of its
    constructor and of members that are `wanted`, those sooner that weigh more; with `most` of so many methods and twice
    as many fields, then public ones."""
    language = grammars.language_of(path)
    chosen = _chosen(symbol, members, wanted, most) if symbol.kind in ENCLOSING else []
    apart = [one for one in chosen if language in _METHODS_APART and not _is_within(one, symbol)]
    inside = [one for one in chosen if one not in apart]
    lines = _with_members(symbol, inside, wanted, language)
    if apart and language == "rust":
        block = replace(symbol, kind="extension", signature=f"impl {symbol.name}", doc="")
        return "\n".join([*lines, *_with_members(block, apart, wanted, language)])
    return "\n".join([*lines, *(_short(one, wanted, language, "") for one in apart)])


def _with_members(symbol: Symbol, members: Sequence[Symbol], wanted: Mapping[str, float], language: str) -> list[str]:
    lines = _described(symbol, language, "", opened=bool(members))
    for member in members:
        short = _short(member, wanted, language, _INDENT)
        if member.kind != "value" or short != lines[-1]:  # `a, b int` is two
            lines.append(short)
    if members and language != "python":
        lines.append("}")
    elif language == "python" and symbol.kind == "class" and len(lines) == 1 + symbol.signature.count("\n"):
        lines[-1] += " ..."
    return lines


def _short(member: Symbol, wanted: Mapping[str, float], language: str, indent: str) -> str:
    return "\n".join(_described(member, language, indent, short=member.name not in wanted))


def members_of(symbol: Symbol, symbols: Sequence[Symbol]) -> list[Symbol]:
    """Members of one of the definitions of a file; where it has several of that name (a struct and its `impl`), those
    within its lines."""
    inside = [one for one in symbols if one.parent == symbol.name]
    if sum(one.name == symbol.name and one.kind in ENCLOSING for one in symbols) < 2:
        return inside
    return [one for one in inside if _is_within(one, symbol)]


def _is_within(member: Symbol, symbol: Symbol) -> bool:
    return symbol.first_line <= member.first_line <= symbol.last_line


def outlines(path: str, symbols: Sequence[Symbol]) -> list[str]:
    """The lines of a file in short: all that it defines, in its order. A statement that assigns several values is there
    once."""
    enclosing = {one.name for one in symbols if one.kind in ENCLOSING}
    lines: list[str] = []
    for one in symbols:
        if one.parent not in enclosing:
            short = outline(path, one, members_of(one, symbols), most=ALL).split("\n")
            lines += short if one.kind != "value" or short != lines[-len(short) :] else []
    return lines


def doc_line(lines: Sequence[str], symbol: Symbol) -> int:
    """Where the comment begins that stands above a definition and documents it; where there is none, or a very long
    one, where the definition begins."""
    first = at = symbol.first_line
    while symbol.doc and at and first - at <= _DOC_LINES:
        line = lines[at - 1].strip()
        if not line.startswith(_COMMENT) and not line.endswith("*/"):
            return at
        at -= 1
        if line.endswith("*/"):
            while at and "/*" not in lines[at]:
                at -= 1
    return at if first - at <= _DOC_LINES else first


def _described(symbol: Symbol, language: str, indent: str, *, short: bool = False, opened: bool = False) -> list[str]:
    """`opened`: its members follow."""
    signature, python = symbol.signature, language == "python"
    if symbol.kind == "value":
        return [indent + signature.split("\n")[0][:_VALUE_CHARS]]
    if opened and not python and "{" not in signature:
        signature += " {"
    doc = "" if short or symbol.name in ("__init__", symbol.parent) else symbol.doc
    lines = [indent + line for line in signature.split("\n")]
    if python:
        if doc:
            lines.append(f'{indent}{_INDENT}"""{doc}"""')
        elif symbol.kind == "function" and not signature.endswith(" ..."):
            lines[-1] += " ..."
        return lines
    mark = "#" if symbol.kind == "function" and signature.startswith("def ") else "//"
    return [f"{indent}{mark} {doc}", *lines] if doc else lines


def _chosen(symbol: Symbol, members: Sequence[Symbol], wanted: Mapping[str, float], most: int | None) -> list[Symbol]:
    inside = [member for member in members if member.parent == symbol.name]
    if most is None:
        inside = [member for member in inside if member.name in wanted or member.name in (*_CALLED, symbol.name)]
        inside = _with_few_constructors(inside, symbol)
    inside = [member for member in inside if not _is_dunder(member.name) or member.name in wanted]
    ranked = sorted(
        inside, key=lambda member: (-wanted.get(member.name, 0.0), _is_private(member.name), member.first_line)
    )
    fields = [member for member in ranked if member.kind == "value"][: 2 * most if most else _WANTED]
    methods = [member for member in ranked if member.kind != "value"][: most or _WANTED]
    return [member for member in inside if member in fields or member in methods]


def _with_few_constructors(members: Sequence[Symbol], symbol: Symbol) -> list[Symbol]:
    named = [one for one in members if one.name == symbol.name]
    return [one for one in members if one not in named[_CONSTRUCTORS:]]


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _CALLED


def _is_private(name: str) -> bool:
    return name.startswith(("_", "#")) and name not in _CALLED
