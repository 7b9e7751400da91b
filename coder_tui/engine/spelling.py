"""Token healing: which tokens may come next while a given text has to be spelled.

Text that ends in the middle of what training data has as one token (`retu`, `x = `, four spaces of eight) makes a model
answer badly. So these last characters are not given to it as tokens; it generates them again, free to choose any tokens
that spell them, the last of which may go past their end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence


class Vocabulary:
    """The byte strings of all ordinary tokens, sorted for prefix search."""

    def __init__(self, pieces: Iterable[tuple[int, bytes]]) -> None:
        ordered = sorted((piece, token) for token, piece in pieces if piece)
        self._pieces = [piece for piece, _ in ordered]
        self._tokens = [token for _, token in ordered]

    def compatible(self, wanted: bytes) -> Sequence[int]:
        """Tokens whose bytes are a beginning of `wanted`, or begin with all of `wanted`."""
        found: list[int] = []
        for length in range(1, len(wanted)):
            found += self._equal(wanted[:length])
        start = bisect_left(self._pieces, wanted)
        end = start
        while end < len(self._pieces) and self._pieces[end].startswith(wanted):
            end += 1
        return found + self._tokens[start:end]

    def _equal(self, piece: bytes) -> Sequence[int]:
        start = bisect_left(self._pieces, piece)
        end = start
        while end < len(self._pieces) and self._pieces[end] == piece:
            end += 1
        return self._tokens[start:end]


class Spelling:
    """How much of a text is still to be spelled. An empty text constrains nothing."""

    def __init__(self, text: bytes) -> None:
        self.rest = text

    def accept(self, piece: bytes) -> None:
        """A token with these bytes, one of the compatible ones, was chosen."""
        self.rest = self.rest[len(piece) :]
