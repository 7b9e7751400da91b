"""A text of several lines that is looked over before something is done with it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from coder_tui.core.plain import plain
from coder_tui.core.standins import held, released


class EditText(ModalScreen[str | None]):
    """Returns the text as it was left; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False, priority=True),
        Binding("ctrl+s", "accept", "Accept", show=False, priority=True),
    ]

    def __init__(self, title: str, text: str, detail: str, verb: str) -> None:
        """`verb`: what Ctrl+S does."""
        super().__init__()
        self._title, self._text, self._detail, self._verb = title, text, detail, verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = f"Ctrl+S {self._verb} · Esc leaves all as it is"
            yield TextArea(held(self._text), soft_wrap=True, compact=True, id="edit-text", highlight_cursor_line=False)
            yield Static(Content(plain(self._detail)), classes="dialog-detail")

    def action_accept(self) -> None:
        self.dismiss(released(self.query_one(TextArea).text))

    def action_cancel(self) -> None:
        self.dismiss(None)
