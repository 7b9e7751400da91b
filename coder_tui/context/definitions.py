"""Definitions of the names that are used around a cursor: those that its file imports, those that it sees without
that, and those that no other file of the repository has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from coder_tui.context import grammars, imports
from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.outlines import SOME, outline
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.symbols import Symbol
from coder_tui.context.tree import is_test

_BODY_LINES = 24
"""A longer body is not worth its room."""
_UNUSED = 1.5
"""What is imported and nowhere used is likely to be what is going to be written."""
_OF_RECEIVER = 8
"""Methods, and twice as many fields, of what stands before a dot at the cursor: one of them is likely to follow."""
_LOOKED_UP = 100
"""Names around the cursor, the nearest ones."""
_TOP, _METHOD = 2.5, 1.7
"""Scores, to which the weight of the name is added."""
_IMPORTED_BY_NAME = ("python", "javascript", "typescript", "tsx")
"""Where a name that is not imported means something else."""
_PRIVATE = "private "
_NOTHING = ("= default;", "= delete;")
"""Ends of what C++ leaves to the compiler."""
_C_ENUM = re.compile(r"(?:typedef )?enum\b(?! class| struct)")


def definitions(around: Around, known: Knowledge) -> Iterator[Piece]:
    """What the names that the file imports are; then of other names that are used around the cursor, those that one of
    the imported or neighbouring files defines."""
    path, names = around.buffer.path, around.names
    done: set[tuple[str, str]] = set()
    visible: dict[str, None] = {}
    for one in around.facts.imports:
        for target in known.resolve(one, path):
            visible[target] = None
        if not one.name or one.name == "*":
            continue
        found = known.found(one, path)
        if found is not None and (found[0], found[1].name) not in done:
            done.add((found[0], found[1].name))
            weight = names.get(one.local, 0.0)
            if not weight and one.local not in around.used:
                score, where = 3 + _UNUSED, "and not used yet"
            else:
                score, where = 3 + 2 * weight, "and used here" if weight else "at the top of the file"
            yield from defined(found, known, around, score, f"definition of {one.name}, imported {where}")
    for sibling in imports.siblings(path, known.tree):
        visible[sibling] = None
    seen = [one for one in visible if is_test(path) or not is_test(one)]
    yield from _of_visible(around, known, seen, done)
    yield from _by_name(around, known, done)


def _of_visible(
    around: Around, known: Knowledge, visible: Sequence[str], done: set[tuple[str, str]]
) -> Iterator[Piece]:
    local = {symbol.name for symbol in around.facts.symbols}
    owners = _owners(visible, known)
    for target in visible:
        entry = known.entry(target)
        symbols = entry.facts.symbols if entry is not None else ()
        enums = {one.name for one in symbols if grammars.family_of(target) == "c" and _C_ENUM.match(one.signature)}
        for symbol in symbols:
            weight = around.names.get(symbol.name, 0.0)
            key = (target, f"{symbol.parent}.{symbol.name}" if symbol.parent else symbol.name)
            if not weight or key in done or symbol.name in local or _needs_its_class(symbol, enums):
                continue
            if symbol.parent and (target, symbol.parent) in done:
                continue  # its class shows it
            if symbol.parent and owners[symbol.name] > 1 and symbol.parent not in around.used:
                continue  # it may be any of them
            done.add(key)
            base = 2 if symbol.parent else _TOP
            yield from defined(
                (target, symbol), known, around, base + weight, f"definition of {symbol.name}, used here"
            )


def _owners(visible: Sequence[str], known: Knowledge) -> Counter[str]:
    """Of how many classes a name is a member."""
    entries = (known.entry(target) for target in visible)
    members = {(one.name, one.parent) for entry in entries if entry for one in entry.facts.symbols if one.parent}
    return Counter(name for name, _ in members)


def _by_name(around: Around, known: Knowledge, done: set[tuple[str, str]]) -> Iterator[Piece]:
    """What has a name that is used around the cursor, and that nothing else in the repository has: types and functions
    in languages that do not import each name, and methods, whose class nobody has to name."""
    path = around.buffer.path
    family, in_test = grammars.family_of(path), is_test(path)
    passed = {symbol.name for symbol in around.facts.symbols} | {name.rpartition(".")[2] for _, name in done}
    nearest = sorted(around.in_code - passed, key=lambda name: (-around.names[name], name))
    for name, found in known.named(nearest[:_LOOKED_UP]).items():
        same = [one for one in found if grammars.family_of(one[0]) == family and (in_test or not is_test(one[0]))]
        tops = [one for one in same if not one[1].parent and one[1].kind in ("class", "function")]
        if tops and around.language in _IMPORTED_BY_NAME:
            continue
        alike = tops or [one for one in same if one[1].parent and name in around.called]
        if len({(target, symbol.parent) for target, symbol in alike}) != 1:
            continue
        target, symbol = next((one for one in alike if one[1].kind != "value"), alike[0])
        key = (target, f"{symbol.parent}.{name}" if symbol.parent else name)
        current = _as_it_is(target, symbol, known)
        if current is None or current.kind == "value" or key in done or (target, symbol.parent) in done:
            continue
        if symbol.parent and symbol.signature.startswith(_PRIVATE):
            continue
        done.add(key)
        base = _TOP if tops else _METHOD
        reason = f"definition of {name}, used here, the only one"
        yield from defined((target, current), known, around, base + around.names[name], reason)


def _as_it_is(path: str, symbol: Symbol, known: Knowledge) -> Symbol | None:
    """What the index knows of a file may be older than the file, and than what the user says of it."""
    entry = known.entry(path)
    same = (one for one in entry.facts.symbols if one.name == symbol.name) if entry is not None else ()
    return next((one for one in same if (one.parent, one.kind) == (symbol.parent, symbol.kind)), None)


def _needs_its_class(symbol: Symbol, enums: Collection[str]) -> bool:
    """Whether a name is that of a member without behaviour: mostly it is something else elsewhere. What an enum of C
    lists has no other name."""
    return bool(symbol.parent) and symbol.kind == "value" and symbol.parent not in enums


def defined(
    found: tuple[str, Symbol],
    known: Knowledge,
    around: Around,
    score: float,
    reason: str,
    source: Source = Source.DEFINITIONS,
) -> Iterator[Piece]:
    """A piece that shows it, unless it is of the buffer itself or has a credential in it."""
    path, symbol = found
    if path == around.buffer.path or _is_secret(known, path, symbol) or symbol.signature.endswith(_NOTHING):
        return
    entry = known.entry(path)
    members = [one for one in entry.facts.symbols if one.parent == symbol.name] if entry is not None else []
    members = [one for one in members if not (_is_secret(known, path, one) or one.signature.startswith(_PRIVATE))]
    tops = [one for one in entry.facts.symbols if not one.parent and one.kind == "class"] if entry is not None else []
    owner = next((one for one in tops if one.name == symbol.parent), None)
    fuller = _body(known, path, symbol)
    if owner is not None:  # a method says little without its class
        text = outline(path, owner, [symbol], {symbol.name: 1.0})
    else:
        most = _OF_RECEIVER if symbol.name == around.receiver else None
        text = outline(path, symbol, members, around.names, most=most)
        fuller = fuller or outline(path, symbol, members, around.names, most=SOME)
    if text.strip(",; ") != symbol.name:  # what an enum lists, where the enum is not known
        fuller = fuller if fuller != text else ""
        yield Piece(path, symbol.first_line, symbol.last_line, text, source, reason, score, fuller)


def _body(known: Knowledge, path: str, symbol: Symbol) -> str:
    """The whole of it, if it is short."""
    if symbol.last_line - symbol.first_line >= _BODY_LINES or symbol.parent:
        return ""
    if known.has_secret(path, symbol.first_line, symbol.last_line):
        return ""
    return "\n".join(known.lines(path)[symbol.first_line : symbol.last_line + 1])


def _is_secret(known: Knowledge, path: str, symbol: Symbol) -> bool:
    return known.has_secret(path, symbol.first_line, symbol.first_line + symbol.signature.count("\n"))
