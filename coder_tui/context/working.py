"""Pieces by what was worked on: the working tree's changes, files that change together, chunks that were edited, opened
or copied lately, and files that the user has named."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coder_tui.context import grammars, repository
from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source, outline
from coder_tui.context.sources import excerpt
from coder_tui.context.symbols import IDENTIFIER

_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_FILE = re.compile(r'^\+\+\+ (?:b/([^\t\n]*)|"b/((?:\\.|[^"])*)")', re.MULTILINE)
_WHOLE_LINES = 60
_HUNK_LINES = 20
_HUNKS = 6
_SYMBOLS = 6
_CHUNK_LINES = 64
_CHUNKS = 16
_SAME = 0.9
"""Chunks that share so many of their words are the same, the later one stays (llama.vim, PEERS.md 5.2)."""


def changes(diff: str, around: Around, known: Knowledge) -> Iterator[Piece]:
    """What the working tree changes in other files: the new lines. `diff` as of `repository.changes`."""
    found = 0
    for path, first, count in _hunks(diff):
        if path == around.buffer.path or not count or found == _HUNKS:
            continue
        last = first + min(count, _HUNK_LINES) - 1
        piece = excerpt(known, path, first, last, Source.CHANGES, "changed since the last commit", 1.6, volatile=True)
        if piece is not None:
            found += 1
            yield piece


def _hunks(diff: str) -> Iterator[tuple[str, int, int]]:
    """(path, 0-based first line, lines) of each hunk, as the files are now."""
    for block in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        named = _FILE.search(block)
        if named and named[1]:
            for hunk in _HUNK.finditer(block):
                yield named[1], max(0, int(hunk[1]) - 1), int(hunk[2] or 1)


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
                members = [one for one in symbols if one.parent == symbol.name]
                text, at = outline(path, symbol, members, whole=True), score - 0.0001 * number
                reason = "pinned, in short"
                yield Piece(path, symbol.first_line, symbol.last_line, text, Source.PINNED, reason, at)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that somebody had to do with."""

    path: str
    first_line: int
    last_line: int
    what: str
    """edited, opened or copied."""


class Recent:
    """What was edited, opened or copied lately, the latest last: the ring of chunks of llama.vim. For one thread."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[Chunk, frozenset[str]]] = deque(maxlen=_CHUNKS)

    def add(self, path: str, line: int, lines: Sequence[str], what: str) -> None:
        """The lines around a 0-based line of a file."""
        first = max(0, min(line - _CHUNK_LINES // 2, len(lines) - _CHUNK_LINES))
        last = min(len(lines), first + _CHUNK_LINES) - 1
        words = frozenset(IDENTIFIER.findall("\n".join(lines[first : last + 1])))
        if last - first < 2 or not words:
            return
        same = [one for one in self._chunks if likeness(one[1], words) > _SAME]
        for one in same:
            self._chunks.remove(one)
        self._chunks.append((Chunk(path, first, last, what), words))

    def pieces(self, around: Around, known: Knowledge) -> Iterable[Piece]:
        family = grammars.family_of(around.buffer.path)
        for age, (chunk, _) in enumerate(reversed(self._chunks)):
            if chunk.path == around.buffer.path or grammars.family_of(chunk.path) != family:
                continue
            reason, score = f"{chunk.what} lately", 1.4 - 0.05 * age
            piece = excerpt(
                known, chunk.path, chunk.first_line, chunk.last_line, Source.RECENT, reason, score, volatile=True
            )
            if piece is not None:
                yield piece


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Twice what two sets share, of all that they have (Sørensen-Dice)."""
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)


def current_changes(known: Knowledge) -> str:
    """The diff for `changes`."""
    return repository.changes(known.root) if (known.root / ".git").exists() else ""
