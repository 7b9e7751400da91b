"""All keys, from the action table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from coder_tui.config.keymap import Action, Conflict, Where
from coder_tui.ui.bindings import bindings, keys_shown, said
from coder_tui.ui.screens.dialog import Dialog

_INTRODUCTION = (
    "A suggestion appears in grey while you type, at the end of a line or before little text. It is not in the file "
    "until you take it. Ask about code in the chat: @ attaches a file, / is a command. Nothing is written to a file "
    "that you have not seen: changes from the chat come as a review, and Save writes what you typed.\n\n"
    "Keys are changed in the [keys] section of the settings: coder config set keys.save ctrl+s\n"
)


class Help(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.HELP)]

    def __init__(self, actions: Sequence[Action], conflicts: Sequence[Conflict] = ()) -> None:
        super().__init__()
        self._actions, self._conflicts = actions, conflicts

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", classes="dialog") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = said(self._actions, {"close_help": "closes"})
            yield Static(Content(_INTRODUCTION))
            if self._conflicts:
                yield Static(Content("\n".join(map(str, self._conflicts)) + "\n"), classes="warning")
            yield Static(table(self._actions))

    def action_close_help(self) -> None:
        self.dismiss(None)

    def action_help_down(self) -> None:
        self._scroll(1)

    def action_help_up(self) -> None:
        self._scroll(-1)

    def _scroll(self, by: int) -> None:
        self.query_one("#help").scroll_relative(y=by, animate=False)


def table(actions: Sequence[Action]) -> Content:
    """Keys and titles, place by place."""
    width = max((len(keys_shown(action)) for action in actions), default=0)
    parts: list[Content | tuple[str, str]] = []
    for where in Where:
        here = [action for action in actions if action.where is where and action.keys]
        parts.append((f"{where[:1].upper()}{where[1:]}\n", "bold $text-accent"))
        for action in here:
            parts += [(f"  {keys_shown(action):<{width}}  ", "$text-success"), Content(f"{action.title}\n")]
        parts.append(Content("\n"))
    return Content.assemble(*parts)
