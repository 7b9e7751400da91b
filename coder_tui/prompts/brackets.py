"""Which bracket closes which, with strings and comments left out; as far as that goes without a parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from coder_tui.prompts.indentation import width
from coder_tui.prompts.languages import Language, Quotes

PAIRS = {")": "(", "]": "[", "}": "{"}
_OPENING = frozenset(PAIRS.values())
MAX_CLOSERS = 16

_DOUBLE = r'"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'(?:\\.|[^'\\\n])*'"
_CHARACTER = r"'(?:\\[^\n']{1,8}|[^'\\\n])'"
_BACKTICK = r"`(?:\\.|[^`\\])*(?:`|\Z)"
_TRIPLE = (r'"""(?:\\.|[^\\])*?(?:"""|\Z)', r"'''(?:\\.|[^\\])*?(?:'''|\Z)")
_STRINGS = {
    Quotes.PYTHON: (*_TRIPLE, _DOUBLE, _SINGLE),
    Quotes.SCRIPT: (_DOUBLE, _SINGLE, _BACKTICK),
    Quotes.CHARACTER: (_DOUBLE, _CHARACTER, _BACKTICK),
    Quotes.PLAIN: (_DOUBLE, _SINGLE),
}
_SPANNING = ('"""', "'''", "<!--", "/*", "`")
MASKED = "\x00"
"""Stands for each character of a string or comment; no cleaned text has it."""


@dataclass(frozen=True, slots=True)
class Opener:
    """A bracket before the hole that is not closed before it."""

    bracket: str
    width: int
    """Indentation of its line."""
    here: bool
    """On the current line."""


@dataclass(frozen=True, slots=True)
class Closer:
    """A bracket after the hole that closes one before it."""

    bracket: str
    width: int | None
    """Indentation, where it is the first thing on its line."""
    here: bool
    """On the rest of the current line."""


@cache
def _hidden(language: Language) -> re.Pattern[str]:
    parts = list(_STRINGS[language.quotes])
    comment = re.escape(language.comment.strip())
    if language.comment_end:
        parts.append(rf"{comment}.*?(?:{re.escape(language.comment_end.strip())}|\Z)")
    elif language.comment == "//":
        parts += [r"/\*.*?(?:\*/|\Z)", r"//[^\n]*"]
    elif language.quotes is Quotes.PYTHON:
        parts.append(r"\#[^\n]*")
    elif language.name != "unknown":
        parts.append(rf"(?<!\S){comment}[^\n]*")
    return re.compile("|".join(parts), re.DOTALL)


def mask(text: str, language: Language) -> str:
    """The text with every character in a string or a comment replaced, line ends excepted."""

    def hide(found: re.Match[str]) -> str:
        return "".join("\n" if character == "\n" else MASKED for character in found.group())

    return _hidden(language).sub(hide, text)


class Masker:
    """Masks a text line by line, as `mask` would mask the whole."""

    def __init__(self, language: Language, lines: str) -> None:
        """`lines` are those that stand before the first one to be masked."""
        self._language = language
        self.open = ""
        """What began the string or comment that the next line begins in, or nothing."""
        self.line(lines)

    def line(self, text: str) -> str:
        """The text, whole lines, masked."""
        begun = len(self.open)
        whole = f"{self.open}{text}\n "
        masked = mask(whole, self._language)
        self.open = ""
        if masked.endswith(MASKED):
            last = [found.group() for found in _hidden(self._language).finditer(whole)][-1]
            self.open = next((mark for mark in _SPANNING if last.startswith(mark)), "")
        return masked[begun : begun + len(text)]


def open_before(masked: str) -> list[Opener]:
    """Brackets that are open at the end of the text, outermost first."""
    found: list[Opener] = []
    lines = masked.split("\n")
    for number, line in enumerate(lines):
        for character in line:
            if character in _OPENING:
                found.append(Opener(character, width(line), number == len(lines) - 1))
            elif character in PAIRS:
                _close(found, PAIRS[character])
    return found


def _close(found: list[Opener], bracket: str) -> None:
    for at in range(len(found) - 1, -1, -1):
        if found[at].bracket == bracket:
            del found[at:]
            return


def close_after(masked: str) -> list[Closer]:
    """Brackets in the text that close something before it, innermost first, the first few."""
    found: list[Closer] = []
    stack: list[str] = []
    for number, line in enumerate(masked.split("\n")):
        for column, character in enumerate(line):
            if character in _OPENING:
                stack.append(character)
            elif character in PAIRS and stack:
                stack.pop()
            elif character in PAIRS:
                first = number > 0 and not line[:column].strip()
                found.append(Closer(character, width(line) if first else None, number == 0))
                if len(found) == MAX_CLOSERS:
                    return found
    return found


def closable(openers: Sequence[Opener], closers: Sequence[Closer]) -> int:
    """How many of the innermost open brackets the text after the hole leaves for the hole to close."""
    if not closers:
        return len(openers)
    there = sum(closer.here for closer in closers)
    least = max(0, sum(opener.here for opener in openers) - there) if there else 0
    for count in range(least, len(openers) + 1):
        if _fits(openers[: len(openers) - count], closers):
            return count
    return least


def _fits(openers: Sequence[Opener], closers: Sequence[Closer]) -> bool:
    for opener, closer in zip(reversed(openers), closers, strict=False):
        if PAIRS[closer.bracket] != opener.bracket:
            return False
        # A bracket further out than the line that would have opened it belongs to an outer one.
        if closer.width is not None and closer.width < opener.width:
            return False
    return True


class Balance:
    """Follows the brackets of a text that is put into a hole."""

    def __init__(self, openers: Sequence[Opener], closers: Sequence[Closer], *, strict: bool) -> None:
        self._openers = list(openers)
        self._closers = closers
        self._strict = strict
        self._left = closable(openers, closers)
        self._own: list[str] = []
        self.closed = 0
        """How many brackets from before the hole the text has closed, which the suffix does not."""

    @property
    def inside(self) -> bool:
        """Whether a bracket of the text itself is open."""
        return bool(self._own)

    @property
    def in_statement(self) -> bool:
        """Whether the statement goes on: the text has a bracket open, or the line it begins on has one but a brace."""
        return self.inside or any(opener.here and opener.bracket != "{" for opener in self._openers)

    def can_close(self, bracket: str) -> bool:
        """Whether a bracket from before the hole is left for this one to close."""
        return self._left > 0 and self._openers[-1].bracket == PAIRS.get(bracket)

    def surplus(self, masked: str) -> int | None:
        """Column of the first bracket of a line that closes what the text after the hole closes, or nothing."""
        for column, character in self._brackets(masked):
            if character in _OPENING:
                self._own.append(character)
            elif self._own:
                self._own.pop()
            elif self._left and self._openers[-1].bracket == PAIRS[character]:
                self._openers.pop()
                self._left -= 1
                self.closed += 1
            elif self._strict or (self._closers and self._closers[0].bracket == character):
                return column
        return None

    @staticmethod
    def _brackets(masked: str) -> Iterator[tuple[int, str]]:
        return ((column, c) for column, c in enumerate(masked) if c in _OPENING or c in PAIRS)
