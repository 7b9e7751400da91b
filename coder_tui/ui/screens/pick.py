"""Choosing from a list by typing a part of it: files, symbols of the file (`@`) and of the
repository (`#`), commands (`>`), a line (`:`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

from coder_tui.assistant.symbols import Defined, ranked
from coder_tui.config.keymap import Action
from coder_tui.core.fuzzy import Match, search
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import keys_shown
from coder_tui.ui.telling import in_thread

_ROWS = 50


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
            yield Input(
                self._start,
                placeholder="a part of a file's name",
                id="pick-text",
                select_on_focus=False,
            )
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
        if self._is_looking:
            self._has_chosen = True
            return
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
        options = self.query_one(OptionList)
        options.set_options([Option(line.content) for line in self._lines])
        options.highlighted = 0 if self._lines else None
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
            keys = Content.styled(f"  {keys_shown(action)}", "$foreground 60%")
            lines.append(Line(_marked(match) + keys, Picked("action", action.name)))
        return lines


def _line(text: str) -> list[Line]:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not int(text):
        return []
    return [Line(Content(f"Go to line {int(text)}"), Picked("line", "", int(text)))]


def _file(match: Match) -> Line:
    return Line(_marked(match), Picked("file", match.text))


def _symbol(match: Match, one: Defined, picked: Picked) -> Line:
    where = f"  {one.kind}" if picked.kind == "line" else f"  {plain(one.path)}"
    place = Content.styled(f"{where}:{one.first_line + 1}".replace("\n", " "), "$foreground 60%")
    return Line(_marked(match) + place, picked)


def _marked(match: Match) -> Content:
    """A text with the characters that were typed standing out; what a terminal must not get is a dot."""
    text = "".join(
        character if character == plain(character) and character != "\n" else "·" for character in match.text
    )
    content = Content(text)
    for place in match.places:
        content = content.stylize("bold $text-accent", place, place + 1)
    return content
