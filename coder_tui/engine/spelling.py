"""Token healing: which tokens may come next while a given text has to be spelled.

Text that ends in the middle of what training data has as one token (`retu`, `x = `, four spaces of eight) makes a model
answer badly. So these last characters are not given to it as tokens; it generates them again, in tokens with which a
tokenizer would begin them, the last of which may go past their end. Where there is no choice they are given.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import Protocol

_IN_A_LINE = ("", "e", "x", "_", "1", " ", "(", "=")
_GOING_ON = (*_IN_A_LINE, "\n")
"""What may come behind a text, as far as it changes the tokens before it: pre-tokenizers tell these apart."""


class Vocabulary:
    """The byte strings of all ordinary tokens, sorted for prefix search.

    In three arrays: 150,000 bytes objects would take 15 MB.
    """

    def __init__(self, pieces: Iterable[tuple[int, bytes]]) -> None:
        ordered = sorted((piece, token) for token, piece in pieces if piece)
        self._text = b"".join(piece for piece, _ in ordered)
        self._ends = array("I", accumulate(len(piece) for piece, _ in ordered))
        self._tokens = array("i", (token for _, token in ordered))

    def compatible(self, wanted: bytes) -> Sequence[int]:
        """Tokens whose bytes are a beginning of `wanted`, or begin with all of `wanted`."""
        found: list[int] = []
        for length in range(1, len(wanted)):
            found += self._like(wanted[:length], whole=True)
        return [*found, *self._like(wanted, whole=False)]

    def _like(self, wanted: bytes, *, whole: bool) -> Sequence[int]:
        """The tokens whose bytes are these, or only begin with them."""
        start = end = bisect_left(range(len(self._ends)), wanted, key=self._piece)
        while end < len(self._ends) and self._belongs(self._piece(end), wanted, whole=whole):
            end += 1
        return self._tokens[start:end]

    @staticmethod
    def _belongs(piece: bytes, wanted: bytes, *, whole: bool) -> bool:
        return piece == wanted if whole else piece.startswith(wanted)

    def _piece(self, index: int) -> bytes:
        return self._text[self._ends[index - 1] if index else 0 : self._ends[index]]


class Tokenizer(Protocol):
    """Text to tokens, and back."""

    def tokens(self, text: str) -> Sequence[int]:
        """Of a plain text by itself."""

    def spelled(self, token: int) -> bytes:
        """The text of a token; empty where it has none."""


def openings(text: bytes, words: Tokenizer) -> Collection[bytes]:
    """The tokens with which the tokenizer begins a text, whatever it may go on with, if they are a part of it.

    A model has been trained on these only. Where eight spaces are to be spelled and it would rather write a line that
    begins behind four, it gives the token of four; but what then follows them is hardly ever a space, and anything may
    come. (Of all ways to spell a text in tokens it is the tokenizer's that carries nearly all probability: Vieira et
    al., "From language models over tokens to language models over characters", 2024.)
    """
    try:
        whole = text.decode()
    except UnicodeDecodeError:  # the rest of a character
        return ()
    ways = [words.tokens(whole + more) for more in _GOING_ON]
    found = {words.spelled(tokens[0]) for tokens in ways if tokens}
    return {piece for piece in found if text.startswith(piece)}


def settled(text: bytes, words: Tokenizer) -> Sequence[int]:
    """The tokens of line ends with which a text begins whatever stands in its last line, where something does: there is
    nothing to choose, so they need not be generated."""
    found: list[int] = []
    while 0 < (ends := len(text) - len(text.lstrip(b"\r\n"))) < len(text):
        whole = text.decode("utf-8", "replace")
        first, *others = {token for more in _IN_A_LINE for token in words.tokens(whole + more)[:1]} or {-1}
        piece = words.spelled(first) if first >= 0 else b""
        if others or not piece or piece != text[:ends][: len(piece)]:
            break
        found.append(first)
        text = text.removeprefix(piece)
    return found


class Spelling:
    """How much of a text is still to be spelled. An empty text constrains nothing."""

    def __init__(self, text: bytes) -> None:
        self.rest = text

    def takes(self, piece: bytes, beginnings: Collection[bytes] = ()) -> bool:
        """Whether a token with these bytes may come next. One that is only a part of the text must be among its
        `openings`, if there are any."""
        if not self.rest.startswith(piece):
            return piece.startswith(self.rest)
        return bool(piece) and (piece == self.rest or not beginnings or piece in beginnings)

    def accept(self, piece: bytes) -> None:
        """A token with these bytes, one of the compatible ones, was chosen."""
        self.rest = self.rest[len(piece) :]
