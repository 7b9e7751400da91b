"""Fuzzy search over many short texts, paths above all: a query's characters in their order, the best places first."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

_START = 8
"""Bonus for a character at the beginning of a word."""
_FIRST = 4
"""For the first one of the last part of a path."""
_NEXT = 6
"""For one that stands right behind the last one."""
_NAME = 3
"""For one in the last part of a path."""
_SEPARATORS = "/_-. "
_SCORED = 2000
"""Candidates that are looked at closely. A query that more texts match says too little for an order to matter."""


@dataclass(frozen=True, slots=True)
class Match:
    """A text that matches."""

    text: str
    score: int
    places: tuple[int, ...]
    """Indices of the query's characters in the text."""


def search(query: str, texts: Sequence[str], limit: int = 50) -> list[Match]:
    """The best matches, the best first; of equals the shorter, then the earlier one. Case counts only in a query that
    has upper case. Spaces in the query are left out. Everything matches an empty one."""
    wanted = query.replace(" ", "")
    if not wanted:
        return [Match(text, 0, ()) for text in texts[:limit]]
    fold = wanted == wanted.lower()
    found: list[Match] = []
    for text in texts:
        subject = text.lower() if fold else text
        if len(subject) == len(text) and _contains(wanted, subject):
            found.append(_scored(wanted, subject, text))
            if len(found) >= _SCORED:
                break
    return heapq.nsmallest(limit, found, key=lambda match: (-match.score, len(match.text)))


def _contains(wanted: str, subject: str) -> bool:
    at = -1
    for character in wanted:
        at = subject.find(character, at + 1)
        if at < 0:
            return False
    return True


def _scored(wanted: str, subject: str, text: str) -> Match:
    """The better of the two greedy ways: the last part of the path first, else from the left."""
    name = subject.rfind("/") + 1
    ways = [_places(wanted, subject, 0)]
    if name and _contains(wanted, subject[name:]):
        ways.append(_places(wanted, subject, name))
    best = max(ways, key=lambda places: _score(places, subject, name))
    return Match(text, _score(best, subject, name), best)


def _places(wanted: str, subject: str, start: int) -> tuple[int, ...]:
    """Leftmost places, then drawn together from the right so that runs stay whole."""
    whole = subject.find(wanted, start)
    if whole >= 0:
        return tuple(range(whole, whole + len(wanted)))
    at, end = start - 1, []
    for character in wanted:
        at = subject.find(character, at + 1)
        end.append(at)
    places = [end[-1]]
    for character in reversed(wanted[:-1]):
        places.append(subject.rfind(character, start, places[-1]))
    return tuple(reversed(places))


def _score(places: tuple[int, ...], subject: str, name: int) -> int:
    score, last = 0, -2
    for place in places:
        score += _START * (place == 0 or subject[place - 1] in _SEPARATORS)
        score += _FIRST * (place == name)
        score += _NEXT * (place == last + 1) + _NAME * (place >= name)
        last = place
    return score
