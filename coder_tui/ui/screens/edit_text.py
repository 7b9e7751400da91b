"""A text of several lines that is looked over before something is done with it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from coder_tui.config.keymap import Where
from coder_tui.core.plain import plain
from coder_tui.core.standins import held, released
from coder_tui.ui.bindings import bindings, said, table_of
from coder_tui.ui.fields import TextField
from coder_tui.ui.screens.dialog import Dialog


class EditText(Dialog[str | None]):
    """Returns the text as it was left; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.TEXT)]

    def __init__(self, title: str, text: str, detail: str, verb: str) -> None:
        """`verb`: what accepting it does."""
        super().__init__()
        self._title, self._text, self._detail, self._verb = title, text, detail, verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            words = {"accept_text": self._verb, "cancel_text": "leaves all as it is"}
            box.border_subtitle = said(table_of(self), words)
            yield TextField(held(self._text), Where.TEXT, self, name="edit-text")
            yield Static(Content(plain(self._detail)), classes="dialog-detail")

    def action_accept_text(self) -> None:
        self.dismiss(released(self.query_one(TextField).text))

    def action_cancel_text(self) -> None:
        self.dismiss(None)
