"""Pieces by their words: code elsewhere that mentions the names that are used at the cursor."""

from __future__ import annotations

import math
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest

from coder_tui.context import grammars
from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.sources import excerpt

_QUERY_NAMES = 14
_COMMON = 150
"""A name that so many files mention says nothing."""
_FILES = 6
_PIECES = 4
_WINDOW = 14
"""Lines of a piece."""
_TIMES = 60
"""So often a name is looked for in a file."""
_ROUNDING = 1e-9
_LEAST = 0.22
"""Of the weight of all names at the cursor, that a piece must have."""


def similar(around: Around, known: Knowledge) -> Iterator[Piece]:
    """The best window of each of the files that share most of the rare names at the cursor (weighted Jaccard, as the
    window retrieval of RepoCoder, arXiv:2303.12570)."""
    weights, files = _rare(around, known)
    total = sum(weights.values())
    best: list[tuple[float, str, int]] = []
    for path in files:
        score, first = best_window(known.text(path), weights, _WINDOW)
        if score >= _LEAST * total:
            best.append((score / total, path, first))
    for score, path, first in sorted(best, reverse=True)[:_PIECES]:
        reason = f"like the code at the cursor ({score:.0%} of its names)"
        piece = excerpt(known, path, first, first + _WINDOW - 1, Source.SIMILAR, reason, 1.0 + 2 * score)
        if piece is not None:
            yield piece


def _rare(around: Around, known: Knowledge) -> tuple[Mapping[str, float], list[str]]:
    """(names at the cursor with their weights: nearer and rarer ones more, the files that have most of them)."""
    near = sorted(around.names.items(), key=lambda item: (-item[1], item[0]))
    family, path = grammars.family_of(around.buffer.path), around.buffer.path
    weights: dict[str, float] = {}
    scores: Counter[str] = Counter()
    for name, weight in near[: 2 * _QUERY_NAMES]:
        files = [one for one in known.mentioning(name, _COMMON, family) if one != path]
        if not files or len(files) >= _COMMON:
            continue
        weights[name] = weight * math.log(_COMMON / len(files))
        for one in files:
            scores[one] += weights[name]  # type: ignore[assignment]
        if len(weights) == _QUERY_NAMES:
            break
    best = nlargest(3 * _FILES, scores, key=lambda one: (scores[one], one))
    nearest = sorted(best, key=lambda one: (-scores[one], -len(posixpath.commonprefix([one, path])), one))
    return weights, nearest[:_FILES]


def best_window(text: str, weights: Mapping[str, float], lines: int) -> tuple[float, int]:
    """Of so many lines: (weight of the names in it, its first line). A window begins somewhat before the names: what
    follows them is what is looked for."""
    hits: list[tuple[int, str]] = []
    line, counted = 0, 0
    for start, name in sorted(_occurrences(text, weights)):
        line, counted = line + text.count("\n", counted, start), start
        hits.append((line, name))
    best, score, behind = (0.0, 0), 0.0, 0
    inside: Counter[str] = Counter()
    for at, first in hits:
        while behind < len(hits) and hits[behind][0] - at < lines - 3:
            name = hits[behind][1]
            score += 0 if inside[name] else weights[name]
            inside[name] += 1
            behind += 1
        if score > best[0] + _ROUNDING:
            best = score, max(0, at - 1)
        inside[first] -= 1
        score -= 0 if inside[first] else weights[first]
    return best


def _occurrences(text: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(offset, name) wherever one of the names stands as a word, but not more than `_TIMES`: it is everywhere then. A
    search for each is many times faster than one pattern of them all."""
    find, size = text.find, len(text)
    for name in names:
        length, count, start = len(name), 0, find(name)
        while start >= 0 and count < _TIMES:
            end = start + length
            if not (start and _is_word(text[start - 1])) and not (end < size and _is_word(text[end])):
                yield start, name
                count += 1
            start = find(name, end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
