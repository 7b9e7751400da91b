"""Pieces of what somebody has edited, opened or copied lately: the ring of chunks of llama.vim, with its sizes and
its rules for what is the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from coder_tui.context import exclude, grammars, secrets
from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.similar import best_window
from coder_tui.context.symbols import IDENTIFIER

_CHUNK_LINES = 64
_CHUNKS = 16
_PIECE_LINES = 20
"""Of a chunk as much is sent: those lines that share most with the cursor's surroundings."""
_SAME = 0.9
"""Chunks that share so many of their words are the same, the later one stays."""
_REPEATS = 0.5
"""One that shares so many with what is written is left out: the model would only repeat it."""
_SCORE, _OLDER, _FITTING = 1.4, 0.05, 1.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that somebody had to do with, as they were then: they may not be saved yet."""

    path: str
    first_line: int
    """0-based."""
    lines: tuple[str, ...]
    at: int
    """Of these lines, the one where the cursor was."""
    what: str
    """edited, opened or copied."""
    words: frozenset[str]


class Recent:
    """What was edited, opened or copied lately, the latest last. For one thread."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque(maxlen=_CHUNKS)

    def add(self, path: str, line: int, lines: Sequence[str], what: str) -> None:
        """The lines around a 0-based line of a file."""
        first = max(0, min(line - _CHUNK_LINES // 2, len(lines) - _CHUNK_LINES))
        taken = tuple(lines[first : first + _CHUNK_LINES])
        words = frozenset(IDENTIFIER.findall("\n".join(taken)))
        if len(taken) < 3 or not words:
            return
        for one in [one for one in self._chunks if likeness(one.words, words) > _SAME]:
            self._chunks.remove(one)
        self._chunks.append(Chunk(path, first, taken, min(line - first, len(taken) - 1), what, words))

    def pieces(self, around: Around, known: Knowledge) -> Iterator[Piece]:
        """The part of each chunk that fits best; nothing of files that are not sent, nor of this one."""
        family, here = grammars.family_of(around.buffer.path), frozenset(around.names)
        for age, chunk in enumerate(reversed(self._chunks)):
            if chunk.path == around.buffer.path or grammars.family_of(chunk.path) != family:
                continue
            if likeness(chunk.words, here) > _REPEATS or not _may_be_sent(chunk, known):
                continue
            yield from _piece(chunk, around, _SCORE - _OLDER * age)


def _piece(chunk: Chunk, around: Around, score: float) -> Iterator[Piece]:
    weights = {name: around.names[name] for name in chunk.words & around.names.keys()}
    found, first = best_window("\n".join(chunk.lines), weights, _PIECE_LINES)
    if not found:
        first = max(0, chunk.at - _PIECE_LINES // 2)
    last = min(first + _PIECE_LINES, len(chunk.lines)) - 1
    while first <= last and not chunk.lines[first].strip():
        first += 1
    while last >= first and not chunk.lines[last].strip():
        last -= 1
    text = "\n".join(chunk.lines[first : last + 1])
    if not text or secrets.lines(text, grammars.language_of(chunk.path)):
        return
    score += _FITTING * found / (sum(around.names.values()) or 1)
    piece = Piece(chunk.path, first, last, text, Source.RECENT, f"{chunk.what} lately", score, is_volatile=True)
    yield replace(piece, first_line=chunk.first_line + first, last_line=chunk.first_line + last)


def _may_be_sent(chunk: Chunk, known: Knowledge) -> bool:
    if known.rules.reason(chunk.path) or exclude.by_content("\n".join(chunk.lines)):
        return False
    return known.entry(chunk.path) is not None or not (known.root / chunk.path).exists()


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Twice what two sets share, of all that they have (Sørensen-Dice)."""
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)
