"""How full the model's window is: what the conversation uses of it, what did not fit, what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.content import Content
from textual.widget import Widget

_BAR = 10
_ROOMY = 46
"""Cells from which there is room for the bar and for whole words."""


@dataclass(frozen=True, slots=True)
class Use:
    """All in tokens."""

    window: int = 0
    """0 while no model is there."""
    used: int = 0
    """By what was said last, question and answer with all that went along."""
    attached: int = 0
    """To the next question."""
    cut: int = 0
    """Of what should have gone along with the last question and did not fit."""


class Meter(Widget):
    """One row."""

    def __init__(self) -> None:
        super().__init__(id="chat-window")
        self.use = Use()

    def say(self, **parts: int) -> None:
        """Change some numbers."""
        self.use = replace(self.use, **parts)
        self.refresh()

    def render(self) -> Content:
        use = self.use
        if not use.window:
            return Content("")
        used = min(use.used + use.attached, use.window)
        filled = max(round(_BAR * used / use.window), 1 if used else 0)
        roomy = self.size.width >= _ROOMY
        parts: list[tuple[str, str]] = []
        if roomy:
            parts = [("━" * filled, "$text-accent"), ("━" * (_BAR - filled), "$foreground 20%"), (" ", "")]
        parts.append((f"{used:,} tokens used" if roomy else f"{used:,} used", ""))
        if use.cut:
            parts += [(" · ", ""), (f"{use.cut:,} cut", "bold $text-warning")]
        parts.append((f" · {use.window - used:,} left", ""))
        return Content.assemble(*parts)
