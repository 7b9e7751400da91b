"""Pieces of other files that may be sent along, where they come from, and how definitions are written down in short."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from coder_tui.context import grammars
from coder_tui.context.symbols import Symbol

_MEMBERS = 16
_VALUE_CHARS = 120
_COMMENT = ("//", "/*", "*", "#")
_DOC_LINES = 30
"""A longer comment above a definition is a manual: it stays behind."""
_CALLED = ("__init__", "__call__")
_INDENT = "    "
ENCLOSING = ("class", "extension")
"""Kinds with members inside of them. Those of an object, or of a prototype, are assigned somewhere."""


class Source(StrEnum):
    """Where a piece comes from; the value is what users write in `context.sources` and `--sources`."""

    PINNED = "pinned"
    """Files that the user has named."""
    DEFINITIONS = "definitions"
    """Of names that are used around the cursor, and that the file imports."""
    MODULES = "modules"
    """What the files define that this one imports as a whole."""
    USES = "uses"
    """How other files use what this one imports."""
    CALLERS = "callers"
    """Files that use what is being written here."""
    TESTS = "tests"
    """Tests beside the code."""
    SIMILAR = "similar"
    """Code that mentions the same names."""
    RECENT = "recent"
    """What was edited, opened or copied lately."""
    CHANGES = "changes"
    """The working tree against the last commit."""
    COMMITS = "commits"
    """What the last commits of this file have written elsewhere."""
    TOGETHER = "together"
    """Files that change in the same commits as this one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of another file, or its definitions in short."""

    path: str
    first_line: int
    """0-based."""
    last_line: int
    """0-based, the last one."""
    text: str
    """LF line endings, none at its end."""
    source: Source
    reason: str
    """For the user."""
    score: float
    """The higher, the sooner it is taken."""
    fuller: str = ""
    """The same with bodies, for when there is room."""
    is_volatile: bool = False
    """Likely to be another one soon: it stands behind those that stay."""


def outline(
    path: str, symbol: Symbol, members: Sequence[Symbol] = (), wanted: Collection[str] = (), *, whole: bool = False
) -> str:
    """A definition in short: signature, first sentence of its documentation, and of a class the signatures of its
    constructor and of the members that are `wanted`; with `whole` of other public ones too."""
    python = grammars.language_of(path) == "python"
    lines = _described(symbol, python, "")
    chosen = _chosen(symbol, members, wanted, whole=whole) if symbol.kind in ENCLOSING else []
    for member in chosen:
        lines += _described(member, python, _INDENT, short=member.name not in wanted)
    if chosen and not python:
        lines.append("}")
    if python and symbol.kind == "class" and len(lines) == 1 + symbol.signature.count("\n"):
        lines[-1] += " ..."
    return "\n".join(lines)


def outlines(path: str, symbols: Sequence[Symbol]) -> list[str]:
    """The lines of a file in short: all that it defines, in its order. A statement that assigns several values is there
    once."""
    enclosing = {one.name for one in symbols if one.kind in ENCLOSING}
    lines: list[str] = []
    for one in symbols:
        if one.parent not in enclosing:
            short = outline(path, one, symbols, whole=True).split("\n")
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


def _described(symbol: Symbol, python: bool, indent: str, *, short: bool = False) -> list[str]:
    signature = symbol.signature
    if symbol.kind == "value":
        return [indent + signature.split("\n")[0][:_VALUE_CHARS]]
    if symbol.kind == "class" and not python and "{" not in signature:
        signature = f"{signature} {{"
    doc = "" if short or symbol.name == "__init__" else symbol.doc
    lines = [indent + line for line in signature.split("\n")]
    if python:
        if doc:
            lines.append(f'{indent}{_INDENT}"""{doc}"""')
        elif symbol.kind == "function" and not signature.endswith(" ..."):
            lines[-1] += " ..."
        return lines
    mark = "#" if symbol.kind == "function" and signature.startswith("def ") else "//"
    return [f"{indent}{mark} {doc}", *lines] if doc else lines


def _chosen(symbol: Symbol, members: Sequence[Symbol], wanted: Collection[str], *, whole: bool) -> list[Symbol]:
    inside = [member for member in members if member.parent == symbol.name]
    if not whole:
        inside = [member for member in inside if member.name in wanted or member.name in (*_CALLED, symbol.name)]
    inside = [member for member in inside if not _is_dunder(member.name) or member.name in wanted]
    ranked = sorted(inside, key=lambda member: (member.name not in wanted, _is_private(member.name), member.first_line))
    taken = ranked[:_MEMBERS]
    return [member for member in inside if member in taken]


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _CALLED


def _is_private(name: str) -> bool:
    return name.startswith(("_", "#")) and name not in _CALLED
