"""Pieces by what was worked on: the working tree's changes, the last commits of a file, files that change together, and
files that the user has named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.outlines import SOME, members_of, outline
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.sources import excerpt

_HUNK = re.compile(r"^@@ -\S+ \+", re.MULTILINE)
_PLACE = re.compile(r"(\d+)(?:,(\d+))? @@")
_FILE = re.compile(r'^\+\+\+ (?:b/([^\t\n]*)|"b/((?:\\.|[^"])*)")', re.MULTILINE)
_WHOLE_LINES = 60
_HUNK_LINES = 20
_HUNKS = 6
_HUNKS_OF_A_COMMIT = 2
_FILES_OF_A_COMMIT = 12
"""A commit of more says nothing about which lines belong together."""
_SUBJECT_CHARS = 60
_SYMBOLS = 6


def changes(around: Around, known: Knowledge) -> Iterator[Piece]:
    """What the working tree changes in other files: the new lines."""
    reason = "changed since the last commit"
    hunks = (one for one in _hunks(known.git.changes()) if one.path != around.buffer.path)
    yield from islice(_current(hunks, known, Source.CHANGES, reason, 1.6, volatile=True), _HUNKS)


def commits(around: Around, known: Knowledge) -> Iterator[Piece]:
    """What the last commits that changed this file have written elsewhere, as far as it is still there."""
    for age, (subject, diff) in enumerate(known.git.touching(around.buffer.path)):
        hunks = [one for one in _hunks(diff) if one.path != around.buffer.path]
        if len({one.path for one in hunks}) > _FILES_OF_A_COMMIT:
            continue
        reason = f'written in the commit "{subject[:_SUBJECT_CHARS]}", which changed this file too'
        yield from islice(_current(hunks, known, Source.COMMITS, reason, 1.2 - 0.1 * age), _HUNKS_OF_A_COMMIT)


@dataclass(frozen=True, slots=True)
class _Hunk:
    path: str
    first_line: int
    """0-based, in the file as it was then."""
    count: int
    """Lines, context among them."""
    added: str
    """The lines that are new, each with its end."""


def _hunks(diff: str) -> Iterator[_Hunk]:
    """As the files are afterwards; those that only remove lines are none."""
    for block in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        named = _FILE.search(block)
        for hunk in _HUNK.split(block)[1:] if named and named[1] else ():
            head, _, body = hunk.partition("\n")
            place = _PLACE.match(head)
            added = "".join(f"{line[1:]}\n" for line in body.split("\n") if line.startswith("+"))
            if named and place and added.strip():
                yield _Hunk(named[1], max(0, int(place[1]) - 1), int(place[2] or 1), added)


def _current(
    hunks: Iterable[_Hunk], known: Knowledge, source: Source, reason: str, score: float, *, volatile: bool = False
) -> Iterator[Piece]:
    """Where the lines of hunks are now."""
    for one in hunks:
        text, first, count = known.text(one.path), one.first_line, one.count
        if not volatile:  # others have come before it since
            at, count = text.find(one.added), one.added.count("\n")
            if at < 0:
                continue
            first = text.count("\n", 0, at)
        last = first + min(count, _HUNK_LINES) - 1
        piece = excerpt(known, one.path, first, last, source, reason, score, volatile=volatile)
        if piece is not None:
            yield piece


def together(around: Around, known: Knowledge) -> Iterator[Piece]:
    """Public definitions of files that change in the same commits."""
    for other, times in known.together(around.buffer.path):
        entry = known.entry(other)
        tops = [s for s in entry.facts.symbols if not s.parent and not s.name.startswith("_")] if entry else []
        for symbol in tops[:_SYMBOLS]:
            if not known.has_secret(other, symbol.first_line, symbol.first_line + symbol.signature.count("\n")):
                reason = f"changed together with this file in {times} commits"
                text = outline(other, symbol)
                yield Piece(other, symbol.first_line, symbol.last_line, text, Source.TOGETHER, reason, 0.8)


def pinned(paths: Sequence[str], around: Around, known: Knowledge) -> Iterator[Piece]:
    """Files that the user has named, before everything else: whole, of long ones what they define."""
    for place, path in enumerate(paths):
        lines, score = known.lines(path), 10 - 0.01 * place
        if path == around.buffer.path or not lines:
            continue
        entry = known.entry(path)
        symbols = entry.facts.symbols if entry is not None else ()
        if len(lines) <= _WHOLE_LINES or not symbols:
            piece = excerpt(known, path, 0, len(lines) - 1, Source.PINNED, "pinned", score)
            if piece is not None:
                yield piece
            continue
        for number, symbol in enumerate(one for one in symbols if not one.parent):
            if not known.has_secret(path, symbol.first_line, symbol.first_line + symbol.signature.count("\n")):
                short, at = outline(path, symbol, members_of(symbol, symbols), most=SOME), score - 0.0001 * number
                reason = "pinned, in short"
                yield Piece(path, symbol.first_line, symbol.last_line, short, Source.PINNED, reason, at)
