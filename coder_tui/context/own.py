"""What the file at hand defines itself and is used around the cursor, where that is too far away to be sent anyway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.outlines import ENCLOSING, outline
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.symbols import Symbol

_SHOWN = 3
_BARE = ("cpp", "csharp", "java", "ruby")
"""Where a class uses its members without a word before them."""
_BASE = 2.6
"""Before what other files define without being imported."""


def own(around: Around, known: Knowledge, window: str) -> Iterator[Piece]:
    """Signatures of functions, and types with those members, whose names are used around the cursor, as the file on
    disk has them. `window`: what is sent of the file."""
    path = around.buffer.path
    entry = known.entry(path)
    symbols = entry.facts.symbols if entry is not None else ()
    lines, there = known.lines(path), {line.strip() for line in window.split("\n")}
    used = [
        one
        for one in symbols
        if one.name in around.in_code
        and (not one.parent or around.language in _BARE or one.name in around.called)
        and lines[one.first_line : one.first_line + 1]
        and lines[one.first_line].strip() not in there
        and not known.has_secret(path, one.first_line, one.first_line + one.signature.count("\n"))
    ]
    enclosing = {one.name: one for one in reversed(symbols) if one.kind in ENCLOSING}
    for owner in enclosing.values():
        members = [one for one in used if one.parent == owner.name]
        if wanted := [*members, *(one for one in used if one is owner)]:
            yield _piece(path, owner, members, around, [one.name for one in wanted])
    for one in used:
        if one.parent not in enclosing and one.name not in enclosing:
            yield _piece(path, one, (), around, [one.name])


def _piece(path: str, symbol: Symbol, members: Sequence[Symbol], around: Around, used: Sequence[str]) -> Piece:
    text = outline(path, symbol, members, around.names)
    score = _BASE + max(around.names[name] for name in used)
    shown = list(dict.fromkeys(used))
    names = ", ".join([*shown[:_SHOWN], "..."] if len(shown) > _SHOWN else shown)
    reason = f"{names}: used here, defined further away in this file"
    return Piece(path, symbol.first_line, symbol.last_line, text, Source.OWN, reason, score)
