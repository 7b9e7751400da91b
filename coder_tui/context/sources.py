"""Pieces by what code refers to: modules that are imported as a whole, how other files use what this one imports, who
uses what is being written, and its tests. `definitions.py` has the rest."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice

from coder_tui.context import grammars
from coder_tui.context.around import Around
from coder_tui.context.definitions import defined
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.tree import is_test

_MODULE_SYMBOLS = 6
_FILES = 60
"""In which a name is looked for, at most: one that more files mention is everybody's."""
_USES_OF_A_NAME = 2
_NAMES = 4
_LINES_BEFORE, _LINES_AFTER = 1, 3


def modules(around: Around, known: Knowledge) -> Iterator[Piece]:
    """The first public definitions of what is imported as a whole, those that are named in the buffer before others."""
    path = around.buffer.path
    for one in around.facts.imports:
        if one.name not in ("", "*"):
            continue
        used = (
            set(re.findall(rf"\b{re.escape(one.local)}(?:\.|::|->)(\w+)", around.buffer.text))
            if one.local
            else set[str]()
        )
        for target in known.resolve(one, path)[:4]:
            entry = known.entry(target)
            tops = [s for s in entry.facts.symbols if not s.parent] if entry is not None else []
            ranked = sorted(tops, key=lambda s: (s.name not in used, s.name.startswith("_"), s.first_line))
            for symbol in ranked[:_MODULE_SYMBOLS]:
                score = 2.8 if symbol.name in used else 1.2 + around.names.get(symbol.name, 0.0)
                reason = f"from {one.local or target}, which is imported"
                yield from defined((target, symbol), known, around, score, reason, Source.MODULES)


def uses(around: Around, known: Knowledge) -> Iterator[Piece]:
    """Lines of other files in which what this one imports is used."""
    path, names = around.buffer.path, around.names
    own = [one for one in around.facts.imports if one.name not in ("", "*") and known.resolve(one, path)]
    ranked = sorted(own, key=lambda one: -names.get(one.local, 0.0))
    for one in ranked[:_NAMES]:
        weight = names.get(one.local, 0.0)
        reason = f"uses {one.name}, which is imported here"
        yield from _using(one.name, path, known, Source.USES, reason, 1.5 + weight)


def callers(around: Around, known: Knowledge) -> Iterator[Piece]:
    """Lines of files that import this one, in which what is being written is used."""
    name = around.written
    if len(name) < 3:
        return
    importers = set(known.importers(around.buffer.path))
    reason = f"uses {name}, which is being written"
    found = (
        one
        for one in _using(name, around.buffer.path, known, Source.CALLERS, reason, 2.2, importers)
        if not is_test(one.path)
    )
    yield from islice(found, _USES_OF_A_NAME)


def tests(around: Around, known: Knowledge) -> Iterator[Piece]:
    """Where tests use what is being written."""
    name = around.written
    if len(name) < 3:
        return
    stem = posixpath.splitext(posixpath.basename(around.buffer.path))[0]
    near = {path for path in known.mentioning(name, _FILES) if is_test(path)}
    best = sorted(near, key=lambda path: (stem not in posixpath.basename(path), path))[:2]
    yield from islice(
        _using(name, around.buffer.path, known, Source.TESTS, f"tests {name}", 1.8, set(best)), _USES_OF_A_NAME
    )


def _using(
    name: str, path: str, known: Knowledge, source: Source, reason: str, score: float, only: set[str] | None = None
) -> Iterator[Piece]:
    """A few lines around the calls of a name, one place in each file, the files nearest to `path` first. In files that
    are known to mean it (`only`) it may be called as a part of something: `shape.area()`."""
    family = grammars.family_of(path)
    found = known.mentioning(name, _FILES + 1)
    if len(found) > _FILES and only is None:
        return
    paths = [
        one for one in found if one != path and grammars.family_of(one) == family and (only is None or one in only)
    ]
    paths.sort(key=lambda one: (-len(posixpath.commonprefix([one, path])), one))
    call = re.compile(rf"{re.escape(name)}\s*[(.\[{{<]")  # begins with plain text: that is searched for quickly
    defines = re.compile(
        rf"\b(?:def|class|func|function|fn|struct|interface|trait|enum|type|import|from|use)\s[^(]*\b{re.escape(name)}\b"
    )
    apart = "_." if only is None else "_"
    count = 0
    for one in paths[:8]:
        text, lines = known.text(one), known.lines(one)
        starts = (match.start() for match in call.finditer(text))
        rows = (
            text.count("\n", 0, at) for at in starts if not at or not (text[at - 1].isalnum() or text[at - 1] in apart)
        )
        hit = next((row for row in rows if not defines.search(lines[row])), None)
        if hit is None:
            continue
        first, last = max(0, hit - _LINES_BEFORE), min(len(lines) - 1, hit + _LINES_AFTER)
        piece = excerpt(known, one, first, last, source, reason, score - 0.1 * count)
        if piece is not None:
            yield piece
            count += 1
        if count == _USES_OF_A_NAME:
            return


def excerpt(
    known: Knowledge,
    path: str,
    first: int,
    last: int,
    source: Source,
    reason: str,
    score: float,
    *,
    volatile: bool = False,
) -> Piece | None:
    """Lines of a file without blank ones around them; None when nothing is left, or a credential is among them."""
    lines = known.lines(path)
    last = min(last, len(lines) - 1)
    while first <= last and not lines[first].strip():
        first += 1
    while last >= first and not lines[last].strip():
        last -= 1
    if first > last or known.has_secret(path, first, last):
        return None
    text = "\n".join(lines[first : last + 1])
    return Piece(path, first, last, text, source, reason, score, is_volatile=volatile)
