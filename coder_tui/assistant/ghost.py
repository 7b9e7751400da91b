"""A suggestion on the screen: what is left of it while text is typed along it or taken from it piece by piece."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

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
