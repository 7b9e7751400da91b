"""Choosing one of many lines, with a field that narrows them down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain
from coder_tui.ui.telling import in_thread


@dataclass(frozen=True, slots=True)
class Row:
    """One line."""

    value: str
    """What the screen returns."""
    text: str
    more: str = ""
    """Shown behind it, in a lighter colour."""


class Choose(ModalScreen[str | None]):
    """Returns the value of a row; None for Escape. Rows come from a function of what was typed, asked in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("down,ctrl+n", "step(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "step(10)", "Page down", show=False, priority=True),
        Binding("pageup", "step(-10)", "Page up", show=False, priority=True),
    ]

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
            box.border_subtitle = "Enter chooses · Esc closes"
            yield Input(self._start, placeholder=self._placeholder, id="pick-text", select_on_focus=False)
            yield OptionList(id="pick-list", compact=True)
            yield Static(id="pick-hint", classes="dialog-detail")

    def on_mount(self) -> None:
        self.query_one("#pick-list").can_focus = False
        self.set_focus(self.query_one(Input))
        self._look(self._start)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._look(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._has_chosen = True
        if not self._is_looking:
            self._choose(self.query_one(OptionList).highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self._found:
            options.highlighted = min(max(0, (options.highlighted or 0) + by), len(self._found) - 1)

    @work(group="rows", exclusive=True, exit_on_error=False)
    async def _look(self, text: str) -> None:
        self._is_looking = True
        problem = ""
        try:
            self._found = await in_thread(lambda: self._rows(text.strip()))
        except CoderError as error:
            self._found, problem = (), str(error)
        options = self.query_one(OptionList)
        options.set_options([Option(_content(row)) for row in self._found])
        options.highlighted = 0 if self._found else None
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
