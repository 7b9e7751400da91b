"""The text of one file: its content, edits, and what becomes of a suggestion while somebody types.

The text is held with stand-ins for what must not reach a terminal (`core.standins`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import TextArea

from coder_tui.assistant.ghost import Ghost
from coder_tui.config.keymap import Action, Where
from coder_tui.core.lines import indent_unit
from coder_tui.core.standins import held, released
from coder_tui.prompts.languages import language
from coder_tui.ui.bindings import key_actions
from coder_tui.ui.colouring import colours_of
from coder_tui.ui.editor.drawing import DrawnArea
from coder_tui.ui.textual_compat import Edit, EditResult, Selection, run_in_turn

_MOVES = (
    "cursor_up", "cursor_down", "cursor_left", "cursor_right", "cursor_word_left", "cursor_word_right",
    "cursor_line_start", "cursor_line_end", "cursor_page_up", "cursor_page_down", "delete_left", "delete_right",
    "delete_word_left", "delete_word_right", "delete_to_start_of_line",
)  # fmt: skip
"""Actions whose keys everybody knows; they keep those that TextArea gives them, where the table does not use them."""
_GHOST_ACTIONS = frozenset(
    {"accept", "accept_word", "accept_line", "next_alternative", "previous_alternative", "dismiss"}
)


def _moves() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"tab": ["tab"], "enter": ["enter"], "shift+enter": ["enter"]}
    for binding in TextArea.BINDINGS:
        if isinstance(binding, Binding) and binding.action.partition("(")[0] in _MOVES:
            for key in binding.key.split(","):
                found.setdefault(key, []).append(binding.action)
    return found


class CodeArea(DrawnArea, inherit_bindings=False):
    """One file's text."""

    @dataclass
    class Edited(Message):
        """The text has changed."""

        area: CodeArea
        typed: bool
        """By a character or two, at the cursor."""
        along: bool
        """It was what the ghost said."""

    @dataclass
    class GhostGone(Message):
        """What was suggested is no longer shown, and not because it was all taken."""

        area: CodeArea

    @dataclass
    class AnotherWish(Message):
        """Another suggestion is wanted at the cursor."""

        area: CodeArea
        step: int
        """1: the next one, -1: the one before."""

    def __init__(
        self, text: str, path: str = "", *, table: Sequence[Action], wrap: bool = False, read_only: bool = False
    ) -> None:
        """`text` has LF line endings; `path` says the language; `table` has the keys."""
        self._keys = key_actions(table, Where.GHOST, Where.EDITOR, also=_moves())
        text = held(text)
        lines = text.split("\n")
        self._prepare(colours_of(path, lines))
        super().__init__(
            text, soft_wrap=wrap, show_line_numbers=True, read_only=read_only, max_checkpoints=1000, compact=True
        )
        self.kind = language(path)
        self.unit = indent_unit(lines, tabs=self.kind.tabs)
        self.indent_width = 4 if self.unit == "\t" else max(2, len(self.unit))
        self.path_name = PurePath(path).name
        self.cursor_blink = False

    @property
    def content(self) -> str:
        """The text with LF line endings, stand-ins turned back."""
        return released(self.text)

    def line_parts(self) -> tuple[str, str]:
        """The cursor's line, before and behind the cursor."""
        line, column = self.cursor_location
        text = self.document.get_line(line)
        return text[:column], text[column:]

    def renamed(self, path: str) -> None:
        """The file has another name, and perhaps another language."""
        self.kind = language(path)
        self.path_name = PurePath(path).name
        self.highlighter = colours_of(path, self.document.lines)
        self._colour()
        self.refresh()

    def replace_all(self, text: str) -> None:
        """Other content, which undo takes back."""
        place, scroll = self.cursor_location, self.scroll_offset
        self.history.checkpoint()
        self.replace(held(text), (0, 0), self.document.end)
        self.move_cursor(self.clamp_visitable(place))
        self.scroll_to(scroll.x, scroll.y, animate=False)

    # The ghost.

    def show_ghost(self, ghost: Ghost | None) -> None:
        """Draw a suggestion, or none. It belongs where the cursor is."""
        if ghost is None and self.ghost is None:
            return
        gone = ghost is None
        self.ghost = (
            ghost if ghost is not None and self.selection == Selection.cursor((ghost.line, ghost.column)) else None
        )
        self._ghost_rows = None
        self.resized()
        if gone:
            self.post_message(self.GhostGone(self))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _GHOST_ACTIONS and self.ghost is None:
            return False
        return super().check_action(action, parameters)

    def action_accept(self) -> None:
        self._take(self.ghost.text if self.ghost else "")

    def action_accept_word(self) -> None:
        self._take(self.ghost.first_word if self.ghost else "")

    def action_accept_line(self) -> None:
        self._take(self.ghost.first_line if self.ghost else "")

    def action_next_alternative(self) -> None:
        self.post_message(self.AnotherWish(self, 1))

    def action_previous_alternative(self) -> None:
        self.post_message(self.AnotherWish(self, -1))

    def action_dismiss(self) -> None:
        self.show_ghost(None)

    def _take(self, text: str) -> None:
        if text and not self.read_only:
            self.history.checkpoint()
            self.insert(text, maintain_selection_offset=False)
            self.history.checkpoint()

    # Editing.

    def edit(self, edit: Edit) -> EditResult:
        ghost, place = self.ghost, self.cursor_location
        at_cursor = edit.from_location == edit.to_location == place
        self.ghost = self._ghost_rows = None
        result = super().edit(edit)
        along = ghost is not None and at_cursor and ghost.text.startswith(edit.text) and bool(edit.text)
        rest = ghost.typed(edit.text) if ghost is not None and along else None
        if ghost is not None:
            self.ghost = rest
            self.resized()
            if rest is None and not along:
                self.post_message(self.GhostGone(self))
        typed = at_cursor and bool(edit.text) and (len(edit.text) <= 2 or edit.text.isspace())
        self.post_message(self.Edited(self, typed=typed and not along, along=along))
        return result

    def undo(self) -> None:
        super().undo()
        self.post_message(self.Edited(self, typed=False, along=False))

    def redo(self) -> None:
        super().redo()
        self.post_message(self.Edited(self, typed=False, along=False))

    def edited(self, first: int, old: int, new: int) -> None:
        self.found = ()
        self.highlighter.edited(first, old, new)
        self._colour()

    def watch_selection(self, _before: Selection, selection: Selection) -> None:
        if self.ghost is not None and selection != Selection.cursor((self.ghost.line, self.ghost.column)):
            self.show_ghost(None)

    async def _on_key(self, event: events.Key) -> None:
        if event.character and not (self.ghost and self.ghost.text.startswith(event.character)):
            self.outdent_for(event.character)
        await run_in_turn(self, self._keys.get(event.key, ()), event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text(event.text)

    def action_paste(self) -> None:
        self.insert_text(self.app.clipboard)

    def on_blur(self) -> None:
        self.show_ghost(None)

    def action_file_start(self) -> None:
        self.move_cursor((0, 0))

    def action_file_end(self) -> None:
        self.move_cursor(self.document.end)
