"""Choosing from a list by typing a part of it: files, commands (`>`), a line (`:`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from coder_tui.config.keymap import Action
from coder_tui.core.fuzzy import Match, search
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import keys_shown

_ROWS = 50


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen."""

    kind: str
    """`file`, `action` or `line`."""
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list."""

    content: Content
    picked: Picked


class Pick(ModalScreen[Picked | None]):
    """Returns what was chosen; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("down,ctrl+n", "step(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "step(10)", "Page down", show=False, priority=True),
        Binding("pageup", "step(-10)", "Page up", show=False, priority=True),
    ]

    def __init__(self, files: Sequence[str], actions: Sequence[Action], start: str = "") -> None:
        super().__init__()
        self._files, self._actions, self._start = files, [one for one in actions if one.listed], start
        self._lines: list[Line] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="pick", classes="dialog"):
            yield Input(self._start, placeholder="a file, > a command, : a line", id="pick-text", select_on_focus=False)
            yield OptionList(id="pick-list", compact=True)
            yield Static(id="pick-hint", classes="dialog-detail")

    def on_mount(self) -> None:
        self.query_one("#pick-list").can_focus = False
        field = self.query_one(Input)
        self.set_focus(field)
        field.cursor_position = len(self._start)
        self._show(self._start)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._lines):
            self.dismiss(self._lines[at].picked)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._lines[event.option_index].picked)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self._lines:
            options.highlighted = min(max(0, (options.highlighted or 0) + by), len(self._lines) - 1)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def _show(self, text: str) -> None:
        if text.startswith(">"):
            self._lines = list(self._commands(text[1:].strip()))
        elif text.startswith(":"):
            self._lines = _line(text[1:].strip())
        else:
            self._lines = [_file(match) for match in search(text, self._files, _ROWS)]
        options = self.query_one(OptionList)
        options.set_options([Option(line.content) for line in self._lines])
        options.highlighted = 0 if self._lines else None
        hint = "" if self._lines else "a line number" if text.startswith(":") else "nothing of that name"
        self.query_one("#pick-hint", Static).update(Content(hint))

    def _commands(self, text: str) -> list[Line]:
        by_title = {action.title: action for action in self._actions}
        lines = []
        for match in search(text, list(by_title), _ROWS):
            action = by_title[match.text]
            keys = Content.styled(f"  {keys_shown(action)}", "$text-muted")
            lines.append(Line(_marked(match) + keys, Picked("action", action.name)))
        return lines


def _line(text: str) -> list[Line]:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not int(text):
        return []
    return [Line(Content(f"Go to line {int(text)}"), Picked("line", text))]


def _file(match: Match) -> Line:
    return Line(_marked(match), Picked("file", match.text))


def _marked(match: Match) -> Content:
    """A text with the characters that were typed standing out; what a terminal must not get is a dot."""
    text = "".join(
        character if character == plain(character) and character != "\n" else "·" for character in match.text
    )
    content = Content(text)
    for place in match.places:
        content = content.stylize("bold $text-accent", place, place + 1)
    return content
