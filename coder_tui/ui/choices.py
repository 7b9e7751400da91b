"""The list below a field or prompt: what the word at the cursor may be meant to be."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from coder_tui.core.fuzzy import search
from coder_tui.core.standins import held, released, seen

ROWS = 8


class Choices(OptionList):
    """What the word at the cursor may be meant to be."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="choices", compact=True)
        self.values: list[str] = []
        self.word = ""
        """That it was offered for."""

    def offer(self, choices: list[tuple[str, str]], *, keep: bool = False) -> None:
        """Texts that would be put in, and what is shown for each; with `keep` the choice stays where it was."""
        at = self.highlighted if keep else 0
        self.values = [value for value, _ in choices]
        self.set_options([Option(Content(seen(held(text).replace("\n", " ")))) for _, text in choices])
        self.display = bool(choices)
        self.highlighted = at if choices else None

    @property
    def chosen(self) -> str:
        """Empty for nothing."""
        at = self.highlighted
        return self.values[at] if at is not None and at < len(self.values) else ""


def files_for(word: str, files: Sequence[str]) -> list[tuple[str, str]]:
    """Files that an `@` word may mean, the likeliest first, as Choices offers them."""
    return [(f"@{match.text}", f"@{match.text}") for match in search(released(word[1:]), files, ROWS)]
