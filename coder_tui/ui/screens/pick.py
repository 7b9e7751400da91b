"""Choosing from a list by typing a part of it: files, symbols of the file (`@`) and of the
repository (`#`), commands (`>`), a line (`:`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from coder_tui.assistant.symbols import Defined, ranked
from coder_tui.config.keymap import Action, Where
from coder_tui.core.fuzzy import Match, search
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import bindings, key_of, keys_shown
from coder_tui.ui.fields import Field
from coder_tui.ui.lists import Rows, Spread
from coder_tui.ui.screens.dialog import Dialog
from coder_tui.ui.telling import in_thread

_ROWS = 50
_DIM = "$foreground 60%"


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen."""

    kind: str
    """`file`, `action`, `line` or `symbol`."""
    value: str
    """A path, or the name of an action; empty for a line of the file in view."""
    line: int = 0
    """1-based."""


@dataclass(frozen=True, slots=True)
class Symbols:
    """Where symbols come from; both may take a moment, and are asked in a thread."""

    here: Callable[[], Sequence[Defined]] | None = None
    """Of the file in view; None when there is none."""
    anywhere: Callable[[str], Sequence[Defined]] | None = None
    """Those of the repository for a query."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list."""

    content: Content | Spread
    picked: Picked


class Pick(Dialog[Picked | None]):
    """Returns what was chosen; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    def __init__(
        self, files: Sequence[str], actions: Sequence[Action], symbols: Symbols | None = None, start: str = ""
    ) -> None:
        super().__init__()
        self._symbols = symbols or Symbols()
        self._here: Sequence[Defined] | None = None
        """Once they are known."""
        self._is_looking = False
        self._has_chosen = False
        """Enter was pressed while it was looking."""
        self._files, self._actions, self._start = files, [one for one in actions if one.listed], start
        self._lines: list[Line] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="pick", classes="dialog") as box:
            box.border_subtitle = "@ symbol here · # symbol · : line · > command"
            rows = Rows(name="pick-list", focusable=False)
            yield Field(
                self._start, "a part of a file's name", Where.LIST, self, rows, name="pick-text", changed=self._show
            )
            yield rows
            yield Static(id="pick-hint", classes="dialog-detail")

    def on_mount(self) -> None:
        field = self.query_one(Field)
        self.set_focus(field)
        field.cursor_position = len(self._start)
        self._show(self._start)

    def action_list_choose(self) -> None:
        if self._is_looking:
            self._has_chosen = True
            return
        at = self.query_one(Rows).highlighted
        if at is not None and at < len(self._lines):
            self.dismiss(self._lines[at].picked)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._lines[event.option_index].picked)

    def action_list_close(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def _show(self, text: str) -> None:
        self.workers.cancel_group(self, "symbols")
        self._is_looking = self._has_chosen = False
        if text.startswith(">"):
            self._fill(self._commands(text[1:].strip()))
        elif text.startswith(":"):
            self._fill(_line(text[1:].strip()), "a line number")
        elif text[:1] in {"@", "#"}:
            self._is_looking = True
            self._look(text[0], text[1:].strip())
        else:
            self._fill([_file(match) for match in search(text, self._files, _ROWS)])

    def _fill(self, lines: Iterable[Line], hint: str = "nothing of that name") -> None:
        """Show lines, or the hint where there are none."""
        self._lines = list(lines)
        self.query_one(Rows).show(line.content for line in self._lines)
        below = self.query_one("#pick-hint", Static)
        below.update(Content("" if self._lines else hint))
        below.display = not self._lines

    @work(group="symbols", exclusive=True, exit_on_error=False)
    async def _look(self, where: str, text: str) -> None:
        """Symbols: what was shown before stays until they are there."""
        if where == "@":
            if self._here is None and self._symbols.here is not None:
                self._here = await in_thread(self._symbols.here)
            lines = [
                _symbol(match, one, Picked("line", "", one.first_line + 1))
                for match, one in ranked(text, self._here or (), _ROWS)
            ]
            self._fill(lines, "no symbol of that name in this file" if self._symbols.here else "no file is open")
        else:
            anywhere = self._symbols.anywhere
            found = await in_thread(lambda: anywhere(text)) if anywhere is not None else ()
            self._fill(
                [
                    _symbol(match, one, Picked("symbol", one.path, one.first_line + 1))
                    for match, one in ranked(text, found, _ROWS)
                ],
                "no symbol of that name" if text else "a part of the name of a symbol",
            )
        self._is_looking = False
        if self._has_chosen and self._lines:
            self.dismiss(self._lines[0].picked)

    def _commands(self, text: str) -> list[Line]:
        by_title = {action.title: action for action in self._actions}
        lines = []
        for match in search(text, list(by_title), _ROWS):
            action = by_title[match.text]
            keys = [Content.styled(shown, _DIM) for shown in (keys_shown(action), key_of(self._actions, action.name))]
            lines.append(Line(Spread(_marked(match), *keys), Picked("action", action.name)))
        return lines


def _line(text: str) -> list[Line]:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not int(text):
        return []
    return [Line(Content(f"Go to line {int(text)}"), Picked("line", "", int(text)))]


def _file(match: Match) -> Line:
    return Line(_marked(match), Picked("file", match.text))


def _symbol(match: Match, one: Defined, picked: Picked) -> Line:
    where = one.kind if picked.kind == "line" else plain(one.path)
    place = Content.styled(f"{where}:{one.first_line + 1}".replace("\n", " "), _DIM)
    return Line(Spread(_marked(match), place), picked)


def _marked(match: Match) -> Content:
    """A text with the characters that were typed standing out; what a terminal must not get is a dot."""
    text = "".join(
        character if character == plain(character) and character != "\n" else "·" for character in match.text
    )
    content = Content(text)
    for place in match.places:
        content = content.stylize("bold $text-accent", place, place + 1)
    return content
