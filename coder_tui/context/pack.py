"""Which pieces are sent, within a budget of tokens, and in which order. Pure but for the counting of tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from coder_tui.context.order import dependencies_first
from coder_tui.context.pieces import Piece, Source
from coder_tui.core.context import Snippet

CountTokens = Callable[[str], int]
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SHINGLE = 4
"""Tokens that follow each other in the same order: what two texts must share to repeat each other."""
_REPEATS = 0.6
"""A piece of which more is already there is left out. Exact containment of shingles: with a few dozen pieces
MinHash, which estimates it, would cost more and say less."""
_ENOUGH = 0.9
"""Part of the budget that, once used, is not filled further with new pieces while somebody types."""
_SHARE = 0.6
"""Part of the budget that one source may use before others have had their turn."""
_FILLING = frozenset({Source.USES, Source.SIMILAR, Source.CALLERS, Source.TESTS, Source.COMMITS, Source.TOGETHER})
"""What comes when there is room left: definitions with their bodies are worth more than any of these."""
_NEW_SCORE = 2.5
"""A new piece that scores less does not move what the KV cache knows."""


@dataclass(frozen=True, slots=True)
class Taken:
    piece: Piece
    tokens: int
    """With its part of the header of its file."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    piece: Piece
    reason: str
    """For the user."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What is sent along, in the order of the prompt."""

    snippets: tuple[Snippet, ...] = ()
    taken: tuple[Taken, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    tokens: int = 0
    files: Collection[str] = field(default=frozenset[str]())


def pack(
    pieces: Sequence[Piece],
    window: str,
    count: CountTokens,
    budget: int,
    imports: Callable[[str], Collection[str]],
    kept: Packed | None = None,
) -> Packed:
    """The best pieces that fit, the best first; what repeats the window or a better piece is left out.

    `imports` gives the files that a file imports, for the order. Of `kept`, an earlier result, everything stays where
    it is, and only what scores high comes behind it: the beginning of the prompt stays the same.
    """
    bag = _Bag(count, budget, shingles(window))
    if kept is not None:
        bag.used = kept.tokens
        for old in kept.taken:
            bag.seen |= shingles(old.piece.text)
        known = {(old.piece.path, old.piece.text) for old in kept.taken}
        pieces = [one for one in pieces if (one.path, one.text) not in known and one.score >= _NEW_SCORE]
        if bag.used >= _ENOUGH * budget:
            pieces = []
    for piece in _in_turn([one for one in pieces if one.source not in _FILLING], count, budget):
        bag.put(piece)
    if kept is None:
        bag.fill_out()
    for piece in _in_turn([one for one in pieces if one.source in _FILLING], count, budget):
        bag.put(piece)
    ordered = _ordered(bag.taken, imports)
    if kept is not None:
        snippets = (*kept.snippets, *_snippets(ordered))
        taken, left = (*kept.taken, *ordered), (*kept.left_out, *bag.left)
        return Packed(snippets, taken, left, bag.used, bag.files | set(kept.files))
    return Packed(_snippets(ordered), tuple(ordered), tuple(bag.left), bag.used, bag.files)


def _in_turn(pieces: Sequence[Piece], count: CountTokens, budget: int) -> list[Piece]:
    """The pieces in the order in which they are tried: by score, but what one source has beyond its share of the budget
    comes last. One kind of context does not push out all others."""
    first: list[Piece] = []
    last: list[Piece] = []
    used: Counter[Source] = Counter()
    for piece in sorted(pieces, key=lambda one: (-one.score, one.path, one.first_line)):
        within = piece.source is Source.PINNED or used[piece.source] < _SHARE * budget
        used[piece.source] += count(piece.text)
        (first if within else last).append(piece)
    return [*first, *last]


class _Bag:
    """What has been taken so far."""

    def __init__(self, count: CountTokens, budget: int, seen: set[int]) -> None:
        self.taken: list[Taken] = []
        self.left: list[LeftOut] = []
        self.used = 0
        self.files: set[str] = set()
        self.seen = seen
        self._count = count
        self._budget = budget

    def put(self, piece: Piece) -> None:
        """Take a piece, if it fits and says something new."""
        own = shingles(piece.text)
        if own and len(own & self.seen) > _REPEATS * len(own):
            self.left.append(LeftOut(piece, "is there already"))
            return
        tokens = self._count(piece.text + "\n\n")
        held = [one for one in self.taken if _holds(piece, own, one.piece)]
        if not any(one.piece.path == piece.path and one not in held for one in self.taken):
            tokens += self._count(f"# {piece.path}\n")
        if self.used + tokens - sum(one.tokens for one in held) > self._budget:
            self.left.append(LeftOut(piece, f"{tokens} tokens do not fit"))
            return
        for one in held:
            self.taken.remove(one)
            self.left.append(LeftOut(one.piece, "is in a larger piece"))
            self.used -= one.tokens
        self.seen |= own
        self.files.add(piece.path)
        self.used += tokens
        self.taken.append(Taken(piece, tokens))

    def fill_out(self) -> None:
        """Definitions with their bodies, the best first, as far as half of what is left goes."""
        room = (self._budget - self.used) // 2
        for at, one in enumerate(self.taken):
            if one.piece.fuller:
                more = self._count(one.piece.fuller + "\n\n") - self._count(one.piece.text + "\n\n")
                if 0 < more <= room:
                    room -= more
                    self.used += more
                    self.seen |= shingles(one.piece.fuller)
                    self.taken[at] = Taken(replace(one.piece, text=one.piece.fuller), one.tokens + more)


def _holds(piece: Piece, own: set[int], other: Piece) -> bool:
    """Whether a piece, with these shingles, has all the lines of another one and says all that it says."""
    within = piece.path == other.path and piece.first_line <= other.first_line and other.last_line <= piece.last_line
    return within and shingles(other.text) <= own


def shingles(text: str) -> set[int]:
    """The runs of four tokens in a text, as hashes."""
    tokens = _TOKEN.findall(text)
    if len(tokens) < _SHINGLE:
        return {hash(tuple(tokens))} if tokens else set()
    return {hash(run) for run in zip(*(tokens[at:] for at in range(_SHINGLE)), strict=False)}


def _ordered(taken: Sequence[Taken], imports: Callable[[str], Collection[str]]) -> list[Taken]:
    """By file, dependencies first, those behind that change often; within a file by line."""
    by_file: dict[str, list[Taken]] = {}
    for one in taken:
        by_file.setdefault(one.piece.path, []).append(one)
    keys = {path: int(any(one.piece.is_volatile for one in ones)) for path, ones in by_file.items()}
    needs: Mapping[str, Collection[str]] = {path: imports(path) for path in by_file}
    order = dependencies_first(keys, needs)
    return [one for path in order for one in sorted(by_file[path], key=lambda one: one.piece.first_line)]


def _snippets(ordered: Sequence[Taken]) -> tuple[Snippet, ...]:
    """One for each file."""
    found: dict[str, list[Piece]] = {}
    for one in ordered:
        found.setdefault(one.piece.path, []).append(one.piece)
    return tuple(
        Snippet(
            path,
            "\n\n".join(piece.text for piece in pieces),
            "; ".join(dict.fromkeys(piece.reason for piece in pieces)),
            pieces[0].first_line,
        )
        for path, pieces in found.items()
    )
