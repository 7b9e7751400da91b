"""The bottom line: where one is, what the model is, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from textual.content import Content
from textual.widget import Widget

from coder_tui.core.plain import plain


@dataclass(frozen=True, slots=True)
class Facts:
    """What the line says; empty parts are left out."""

    branch: str = ""
    file: str = ""
    modified: bool = False
    place: str = ""
    """Line and column, 1-based."""
    language: str = ""
    encoding: str = ""
    model: str = ""
    device: str = ""
    suggestion: str = ""
    """What the suggestion at hand does or cost."""
    context: str = ""
    """How much of its window a suggestion's context took last."""
    chat: str = ""
    """What the chat does, or how full its window is; left out while the chat says it itself."""
    note: str = ""
    """Something the editor does not do with this file."""


class StatusBar(Widget):
    """One row; what matters least goes first where there is no room."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self.facts = Facts()
        self.is_chat_seen: Callable[[], bool] = lambda: False

    def say(self, **parts: str | bool) -> None:
        """Change some parts."""
        facts = replace(self.facts, **parts)  # type: ignore[arg-type] # names and kinds are checked by Facts
        if facts != self.facts:
            self.facts = facts
            self.refresh()

    def render(self) -> Content:
        facts = self.facts
        left = [
            (_line(facts.file) + (" ●" if facts.modified else ""), "bold", 0),
            (facts.place, "", 1),
            (_line(facts.branch), "$text-accent", 5),
            (facts.note, "$text-warning", 3),
        ]
        right = [
            (facts.suggestion, "$text-success", 2),
            (facts.context, "$foreground 60%", 10),
            ("" if self.is_chat_seen() else facts.chat, "$text-accent", 4),
            (facts.language, "", 8),
            (facts.encoding, "", 7),
            (_line(facts.model), "", 6),
            (facts.device, "$foreground 60%", 9),
        ]
        return _fitted(left, right, max(1, self.size.width))


Part = tuple[str, str, int]
"""(text, style, rank: higher ones go first)."""


def _line(text: str) -> str:
    return plain(text).replace("\n", " ")


def _fitted(left: list[Part], right: list[Part], width: int) -> Content:
    parts = [part for part in [*left, *right] if part[0]]
    while len(parts) > 1 and _width(parts) > width:
        parts.remove(max(parts, key=lambda part: part[2]))
    shown_left = [part for part in left if part in parts]
    shown_right = [part for part in right if part in parts]
    one, two = _joined(shown_left), _joined(shown_right)
    gap = max(0, width - one.cell_length - two.cell_length)
    return Content.assemble(one, " " * gap, two)


def _width(parts: list[Part]) -> int:
    return sum(Content(text).cell_length + 2 for text, _, _ in parts)


def _joined(parts: list[Part]) -> Content:
    return Content("").join([Content.styled(f" {text} ", style) for text, style, _ in parts])
