"""Suggestions that were computed before, found again without the model.

A suggestion is kept under the text before the cursor and all else that it depends on (its scope). Text typed along it
finds what is left of it; another text behind the cursor, or anywhere before the typed part, finds nothing.
"""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

TYPED_CHARACTERS = 128
"""How far somebody may have typed along a suggestion."""
_ENTRY_BYTES = 240
"""What an entry takes besides its text: key, object, and its place in the dictionary."""


@dataclass(frozen=True, slots=True)
class Known:
    """A suggestion that is still good."""

    text: str
    """Empty when the model had nothing to say there."""
    is_whole: bool
    """False when its generation was ended early: more may come behind it."""
    typed: int = 0
    """Characters that were typed along it: the model has not seen them when it was asked."""


class SuggestionCache:
    """At most `max_bytes` of suggestions; the least recently used go first. Not for several threads at once."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[bytes, Known] = OrderedDict()
        self.size_bytes = 0

    def put(self, scope: bytes, prefix: str, text: str, *, is_whole: bool = True) -> None:
        """Keep a suggestion. One that was ended early replaces none that is whole."""
        key = _hash(scope, prefix).digest()
        old = self._entries.get(key)
        if old is not None:
            if old.is_whole and not is_whole:
                return
            self._drop(key)
        known = Known(text, is_whole)
        if _size(known) <= self._max_bytes:
            self._entries[key] = known
            self.size_bytes += _size(known)
        while self.size_bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def get(self, scope: bytes, prefix: str) -> Known | None:
        """The best suggestion for this place: of those that were typed along the one for which the model has seen most
        of what was typed. Where that was ended early, one that goes on as it does."""
        found = list(self._along(scope, prefix))
        best = next((one for one in reversed(found) if one[1].text), found[-1] if found else None)
        if best is None:
            return None
        if not best[1].is_whole:
            longer = [one for one in found if one[1].text.startswith(best[1].text)]
            best = max(reversed(longer), key=lambda one: len(one[1].text))
        self._entries.move_to_end(best[0])
        return best[1]

    def _along(self, scope: bytes, prefix: str) -> Iterator[tuple[bytes, Known]]:
        """(key, what is left) of all that were typed along, the one asked for at the nearest place last."""
        for typed, key in _keys(scope, prefix):
            entry = self._entries.get(key)
            if entry is not None and entry.text.startswith(typed):
                rest = Known(entry.text[len(typed) :], entry.is_whole, len(typed))
                if rest.text or not typed:
                    yield key, rest

    def _drop(self, key: bytes) -> None:
        self.size_bytes -= _size(self._entries.pop(key))


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
