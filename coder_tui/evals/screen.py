"""What stands on the screen of a terminal, from what a program has written to it: as much of a terminal as Textual uses
(places, colours, text), and not more."""

from __future__ import annotations

import codecs
import re

from rich.cells import cell_len

_PARTS = re.compile(
    r"\x1b\[(?P<parameters>[0-9;:?<=>]*)[ -/]*(?P<final>[@-~])|\x1b[\]P_^X].*?(?:\x07|\x1b\\)|\x1b[()#%]."
    r"|\x1b[^\[\]P_^X]|(?P<control>[\r\n\b])|(?P<text>[^\x00-\x1f\x7f]+)|[\x00-\x1f\x7f]",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*|[\]P_^X](?:(?!\x07|\x1b\\).)*)?$", re.DOTALL)


class Screen:
    """Rows of cells."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._cells = [[" "] * width for _ in range(height)]
        self._italics = [[False] * width for _ in range(height)]
        self._row = self._column = 0
        self._is_italic = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """More output. What is cut off in the middle of a sequence waits for the rest."""
        text = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        self._rest = text[unfinished.start() :] if unfinished else ""
        for part in _PARTS.finditer(text[: len(text) - len(self._rest)]):
            if part["text"]:
                self._put(part["text"])
            elif part["control"]:
                self._row += part["control"] == "\n"
                self._column = {"\r": 0, "\n": 0}.get(part["control"], max(0, self._column - 1))
            elif part["final"] == "H":
                row, _, column = part["parameters"].partition(";")
                self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
            elif part["final"] == "m":
                self._style(part["parameters"])

    @property
    def text(self) -> str:
        """Row by row."""
        return "\n".join("".join(row).rstrip() for row in self._cells)

    @property
    def italics(self) -> int:
        """Cells with something in italics in them: how the app shows a suggestion."""
        return sum(
            slanted and cell != " "
            for cells, slants in zip(self._cells, self._italics, strict=True)
            for cell, slanted in zip(cells, slants, strict=True)
        )

    def _put(self, text: str) -> None:
        width, height = self._size
        for character in text:
            if 0 <= self._row < height and 0 <= self._column < width:
                self._cells[self._row][self._column] = character
                self._italics[self._row][self._column] = self._is_italic
            self._column += cell_len(character)

    def _style(self, parameters: str) -> None:
        """Only whether it is italic; numbers of a colour are no styles."""
        numbers = [int(one) for one in parameters.split(";") if one.isdigit()] or [0]
        at = 0
        while at < len(numbers):
            number = numbers[at]
            if number in (38, 48):
                at += {5: 2, 2: 4}.get(numbers[at + 1] if at + 1 < len(numbers) else 0, 0)
            elif number in (0, 23):
                self._is_italic = False
            elif number == 3:
                self._is_italic = True
            at += 1
