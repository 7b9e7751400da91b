"""A question with a few answers, and one for a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from coder_tui.core.plain import plain
from coder_tui.core.standins import held, released

_AROUND = 10
"""Cells of a button besides its title."""
_DIALOG = 72


@dataclass(frozen=True, slots=True)
class Answer:
    """One button."""

    name: str
    """What the screen returns."""
    title: str
    key: str
    """A letter that chooses it."""
    danger: bool = False


class Ask(ModalScreen[str]):
    """Returns the name of the answer; an empty one for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, answers: Sequence[Answer], detail: str = "") -> None:
        super().__init__()
        self._question, self._detail = question, detail
        self._answers = {answer.name: answer for answer in answers}

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(plain(self._question)), classes="dialog-title")
            if self._detail:
                yield Static(Content(plain(self._detail)), classes="dialog-detail")
            with Horizontal(classes="dialog-buttons"):
                for answer in self._answers.values():
                    button = Button(Content(f"{answer.title} ({answer.key})"), id=f"answer-{answer.name}", compact=True)
                    if answer.danger:
                        button.variant = "error"
                    yield button

    def on_resize(self, event: events.Resize) -> None:
        """One below the other where they do not fit side by side."""
        wide = sum(len(answer.title) + _AROUND for answer in self._answers.values())
        self.query_one(".dialog-buttons").set_class(wide > min(event.size.width, _DIALOG) - _AROUND, "-stacked")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def key_pressed(self, key: str) -> bool:
        """Choose by letter."""
        chosen = next((name for name, answer in self._answers.items() if answer.key == key), None)
        if chosen is not None:
            self.dismiss(chosen)
        return chosen is not None

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if self.key_pressed(key) and hasattr(event, "stop"):
            event.stop()

    def action_cancel(self) -> None:
        self.dismiss("")


class AskText(ModalScreen[str | None]):
    """Returns a line of text; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, question: str, value: str = "", detail: str = "", *, placeholder: str = "") -> None:
        super().__init__()
        self._question, self._value, self._detail, self._placeholder = question, value, detail, placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(plain(self._question)), classes="dialog-title")
            yield Input(held(self._value), placeholder=self._placeholder, select_on_focus=False)
            yield Static(Content(plain(self._detail) or "Enter accepts, Esc cancels"), classes="dialog-detail")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(released(event.value))

    def action_cancel(self) -> None:
        self.dismiss(None)
