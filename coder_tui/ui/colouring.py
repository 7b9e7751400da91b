"""What colours the text of a file: tree-sitter where its language has a grammar, Pygments elsewhere. No widget is in
here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from coder_tui.context import grammars
from coder_tui.context.colours import Piece, SyntaxColours

MAX_CHARS = 2_000_000
"""Larger texts stay plain."""
MAX_LINE = 10_000
"""So do texts with longer lines: regular expressions may take quadratic time on them."""
STYLES = ("comment", "keyword", "constant", "type", "string", "number", "function", "builtin", "heading")


class Colours(Protocol):
    """The colours of one text. It is told of every edit, and works in slices."""

    @property
    def is_plain(self) -> bool:
        """Whether it has none, now and later."""

    @property
    def is_doubtful(self) -> bool:
        """Whether `renew` might lead to other colours."""

    def renew(self) -> None:
        """Read all of the text again."""

    def pieces(self, line: int) -> list[Piece]:
        """The coloured parts of a line, in order. Those of a line not yet reached are from before the edit."""

    def edited(self, first: int, old: int, new: int) -> None:
        """Lines from `first` on were replaced: `old` of them by `new`."""

    def advance(self, lines: Sequence[str], start: int, stop: int, budget_ms: float) -> bool:
        """Work on until the lines from `start` to `stop` have their colours or the time is over; whether there is
        nothing left to do."""


class Plain:
    """No colours."""

    is_plain, is_doubtful = True, False

    def renew(self) -> None:
        """Nothing to do."""

    def pieces(self, line: int) -> list[Piece]:
        del line
        return []

    def edited(self, first: int, old: int, new: int) -> None:
        """Nothing to do."""

    def advance(self, lines: Sequence[str], start: int, stop: int, budget_ms: float) -> bool:
        del lines, start, stop, budget_ms
        return True


def colours_of(path: str, lines: Sequence[str]) -> Colours:
    """For the text of a file of that name."""
    if sum(map(len, lines)) > MAX_CHARS or any(len(line) > MAX_LINE for line in lines):
        return Plain()
    language = grammars.language_of(path)
    if language:
        return SyntaxColours(language, lines)
    from coder_tui.ui.highlight import Highlighter, lexer_for  # 50 ms that a file with a grammar need not wait for

    lexer = lexer_for(path)
    return Plain() if lexer is None else Highlighter(lexer, lines)
