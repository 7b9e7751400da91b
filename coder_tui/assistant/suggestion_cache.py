"""Suggestions that were computed before, found again without the model.

A suggestion is kept under the text before the cursor and all else that it depends on (its scope). Text typed along it
finds what is left of it; another text behind the cursor, or anywhere before the typed part, finds nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

TYPED_CHARACTERS = 128
"""How far somebody may have typed along a suggestion."""
_ENTRY_BYTES = 300
"""What an entry takes besides its text: key, two objects, a number, and its place in the dictionary."""


@dataclass(frozen=True, slots=True)
class Known:
    """A suggestion that is still good."""

    text: str
    """Empty when the model had nothing to say there."""
    is_whole: bool
    """False when its generation was ended early: more may come behind it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    known: Known
    number: int
    """Of later ones it is higher."""


class SuggestionCache:
    """At most `max_bytes` of suggestions; the least recently used go first. Not for several threads at once."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._numbers = itertools.count()
        self.size_bytes = 0

    def put(self, scope: bytes, prefix: str, text: str, *, is_whole: bool = True) -> None:
        """Keep a suggestion. One that was ended early replaces none that is whole."""
        key = _hash(scope, prefix).digest()
        old = self._entries.get(key)
        if old is not None:
            if old.known.is_whole and not is_whole:
                return
            self._drop(key)
        known = Known(text, is_whole)
        if _size(known) <= self._max_bytes:
            self._entries[key] = _Entry(known, next(self._numbers))
            self.size_bytes += _size(known)
        while self.size_bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def get(self, scope: bytes, prefix: str) -> Known | None:
        """The best suggestion for this place: the longest rest of one that was typed along, the latest of equals."""
        best: tuple[int, int, bytes, Known] | None = None
        for typed, key in _keys(scope, prefix):
            entry = self._entries.get(key)
            if entry is None or not entry.known.text.startswith(typed):
                continue
            rest = Known(entry.known.text[len(typed) :], entry.known.is_whole)
            if typed and not rest.text:
                continue
            rank = len(rest.text), entry.number
            if best is None or rank > best[:2]:
                best = (*rank, key, rest)
        if best is None:
            return None
        self._entries.move_to_end(best[2])
        return best[3]

    def _drop(self, key: bytes) -> None:
        self.size_bytes -= _size(self._entries.pop(key).known)


def scope_of(*parts: str) -> bytes:
    """What a suggestion depends on besides the text before the cursor, as a key."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


def _hash(scope: bytes, prefix: str) -> hashlib.blake2b:
    digest = hashlib.blake2b(scope, digest_size=16)
    digest.update(prefix.encode("utf-8", "surrogatepass"))
    return digest


def _keys(scope: bytes, prefix: str) -> Iterator[tuple[str, bytes]]:
    """(what was typed since, key) of every place from which somebody may have come, the nearest last."""
    start = max(0, len(prefix) - TYPED_CHARACTERS)
    digest = _hash(scope, prefix[:start])
    for at in range(start, len(prefix) + 1):
        yield prefix[at:], digest.digest()
        digest.update(prefix[at : at + 1].encode("utf-8", "surrogatepass"))


def _size(known: Known) -> int:
    return _ENTRY_BYTES + sys.getsizeof(known.text)
