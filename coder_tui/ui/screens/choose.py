"""Choosing one of many lines, with a field that narrows them down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from coder_tui.config.keymap import Where
from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import bindings, said, table_of
from coder_tui.ui.fields import Field
from coder_tui.ui.lists import Rows
from coder_tui.ui.screens.dialog import Dialog
from coder_tui.ui.telling import in_thread


@dataclass(frozen=True, slots=True)
class Row:
    """One line."""

    value: str
    """What the screen returns."""
    text: str
    more: str = ""
    """Shown behind it, in a lighter colour."""


class Choose(Dialog[str | None]):
    """Returns the value of a row; None for Escape. Rows come from a function of what was typed, asked in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    def __init__(
        self, title: str, rows: Callable[[str], Sequence[Row]], *, placeholder: str, none: str, start: str = ""
    ) -> None:
        """`none` is said where there is no row for an empty field."""
        super().__init__()
        self._title, self._rows, self._placeholder, self._none = title, rows, placeholder, none
        self._start = start
        self._found: Sequence[Row] = ()
        self._is_looking = self._has_chosen = False

    def compose(self) -> ComposeResult:
        with Vertical(id="pick", classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = said(table_of(self), {"list_choose": "chooses", "list_close": "closes"})
            rows = Rows(name="pick-list", focusable=False)
            yield Field(self._start, self._placeholder, Where.LIST, self, rows, name="pick-text", changed=self._narrow)
            yield rows
            yield Static(id="pick-hint", classes="dialog-detail")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(Field))
        self._narrow(self._start)

    def action_list_choose(self) -> None:
        self._has_chosen = True
        if not self._is_looking:
            self._choose(self.query_one(Rows).highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_list_close(self) -> None:
        self.dismiss(None)

    def _narrow(self, text: str) -> None:
        self._is_looking = True
        self._look(text)

    @work(group="rows", exclusive=True, exit_on_error=False)
    async def _look(self, text: str) -> None:
        problem = ""
        try:
            self._found = await in_thread(lambda: self._rows(text.strip()))
        except CoderError as error:
            self._found, problem = (), str(error)
        self.query_one(Rows).show(_content(row) for row in self._found)
        hint = problem or ("" if self._found else "nothing found" if text.strip() else self._none)
        below = self.query_one("#pick-hint", Static)
        below.update(Content(plain(hint)))
        below.display = bool(hint)
        self._is_looking = False
        if self._has_chosen:
            self._choose(0)

    def _choose(self, at: int | None) -> None:
        self._has_chosen = False
        if at is not None and at < len(self._found):
            self.dismiss(self._found[at].value)


def _content(row: Row) -> Content:
    return Content.assemble(_line(row.text), ("  " + _line(row.more) if row.more else "", "$foreground 60%"))


def _line(text: str) -> str:
    return plain(text).replace("\n", " ")
