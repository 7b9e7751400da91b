"""A suggestion on the screen: what is left of it while text is typed along it or taken from it piece by piece."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

MOST_CHOICES = 3
"""Suggestions at one place."""
_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")


@dataclass(frozen=True, slots=True)
class Ghost:
    """Text that shows behind the cursor and is not in the document."""

    text: str
    """LF line endings; never empty."""
    line: int
    column: int
    """0-based, where it stands."""
    whole: bool = False
    """Whether its generation has ended."""

    def typed(self, text: str) -> Ghost | None:
        """What is left after this was typed; None when that is something else, or all of it."""
        if not text or not self.text.startswith(text) or len(text) == len(self.text):
            return None
        rows = text.count("\n")
        column = len(text) - text.rfind("\n") - 1 if rows else self.column + len(text)
        return replace(self, text=self.text[len(text) :], line=self.line + rows, column=column)

    def more(self, text: str) -> Ghost:
        """With what else has come."""
        return replace(self, text=self.text + text)

    @property
    def first_word(self) -> str:
        """Up to the end of its first word or run of signs, with the space before it."""
        match = _WORD.match(self.text)
        return match.group() if match else self.text

    @property
    def first_line(self) -> str:
        """Up to its first line end; one that begins with a line end gives that and the line behind it."""
        end = self.text.find("\n", 1 if self.text.startswith("\n") else 0)
        return self.text if end < 0 else self.text[:end]


@dataclass(slots=True)
class Choices:
    """The ghosts that were shown at one place, in the order in which they came; one of them shows."""

    ghosts: list[Ghost]
    at: int = 0
    awaits: bool = False
    """Whether others have been asked for, and the first of them is to show."""
    is_asked: bool = False
    """Whether others have been asked for."""
    is_all: bool = False
    """Whether no more of them are to be had."""

    def is_of(self, ghost: Ghost) -> bool:
        """Whether it is the one that shows, and nothing was taken of it."""
        return self.ghosts[self.at] == ghost

    def step(self, by: int) -> Ghost | None:
        """The next one or the one before, around the ends; None behind the last one where more may come."""
        if by > 0 and self.at == len(self.ghosts) - 1 and not self.is_all:
            self.awaits = True
            return None
        self.at = (self.at + by) % len(self.ghosts)
        return self.ghosts[self.at]

    def add(self, text: str) -> Ghost:
        """Another one has come; the one that shows now."""
        self.ghosts.append(replace(self.ghosts[0], text=text))
        if self.awaits:
            self.awaits, self.at = False, len(self.ghosts) - 1
        return self.ghosts[self.at]

    def end(self) -> None:
        """There are no other ones than these."""
        self.awaits, self.is_all = False, True
