"""How full the model's window is: what the conversation uses of it, what did not fit, what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.content import Content
from textual.widget import Widget

_BAR = 10


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
        numbers: list[tuple[str, str]] = [(f"{used:,} used", "")]
        if use.cut:
            numbers += [(" · ", ""), (f"{use.cut:,} cut", "bold $text-warning")]
        numbers.append((f" · {use.window - used:,} left", ""))
        bar = [("━" * filled, "$text-accent"), ("━" * (_BAR - filled), "$foreground 20%"), (" ", "")]
        named = [("context: ", ""), *numbers]
        rows = (Content.assemble(*parts) for parts in ([*bar, *named], named, numbers))
        return next((row for row in rows if row.cell_length <= self.size.width), Content.assemble(*numbers))
