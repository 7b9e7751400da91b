"""Which pieces are sent, within a budget of tokens, and in which order. Pure but for the counting of tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from coder_tui.context.order import dependencies_first
from coder_tui.context.pieces import Piece
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
    seen = shingles(window)
    taken: list[Taken] = []
    left: list[LeftOut] = []
    used, files = 0, set[str]()
    if kept is not None:
        used = kept.tokens
        for old in kept.taken:
            seen |= shingles(old.piece.text)
        known = {(old.piece.path, old.piece.text) for old in kept.taken}
        pieces = [one for one in pieces if (one.path, one.text) not in known and one.score >= _NEW_SCORE]
        if used >= _ENOUGH * budget:
            pieces = []
    for piece in sorted(pieces, key=lambda one: (-one.score, one.path, one.first_line)):
        own = shingles(piece.text)
        if own and len(own & seen) > _REPEATS * len(own):
            left.append(LeftOut(piece, "is there already"))
            continue
        tokens = count(piece.text + "\n\n") + (0 if piece.path in files else count(f"# {piece.path}\n"))
        if used + tokens > budget:
            left.append(LeftOut(piece, f"{tokens} tokens do not fit"))
            continue
        seen |= own
        files.add(piece.path)
        used += tokens
        taken.append(Taken(piece, tokens))
    taken, used = _with_bodies(taken, count, budget, used) if kept is None else (taken, used)
    ordered = _ordered(taken, imports)
    if kept is not None:
        snippets = (*kept.snippets, *_snippets(ordered))
        return Packed(snippets, (*kept.taken, *ordered), (*kept.left_out, *left), used, files | set(kept.files))
    return Packed(_snippets(ordered), tuple(ordered), tuple(left), used, files)


def shingles(text: str) -> set[int]:
    """The runs of four tokens in a text, as hashes."""
    tokens = _TOKEN.findall(text)
    if len(tokens) < _SHINGLE:
        return {hash(tuple(tokens))} if tokens else set()
    return {hash(run) for run in zip(*(tokens[at:] for at in range(_SHINGLE)), strict=False)}


def _with_bodies(taken: Sequence[Taken], count: CountTokens, budget: int, used: int) -> tuple[list[Taken], int]:
    """Definitions with their bodies, the best first, as far as half of what is left goes."""
    room = (budget - used) // 2
    done: list[Taken] = []
    for one in taken:
        more = count(one.piece.fuller + "\n\n") - count(one.piece.text + "\n\n") if one.piece.fuller else 0
        if 0 < more <= room:
            room -= more
            used += more
            done.append(Taken(replace(one.piece, text=one.piece.fuller), one.tokens + more))
        else:
            done.append(one)
    return done, used


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
