"""Where questions are written: several lines, a history, and a list for `@` files and `/` commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, work
from textual.message import Message
from textual.widgets import TextArea

from coder_tui.assistant.commands import beginning_with, word_at
from coder_tui.config.keymap import Action, Where
from coder_tui.core.fuzzy import search
from coder_tui.core.standins import held, released
from coder_tui.ui.bindings import key_actions
from coder_tui.ui.choices import ROWS, Choices, files_for
from coder_tui.ui.telling import in_thread
from coder_tui.ui.textual_compat import Edit, EditResult, run_in_turn

if TYPE_CHECKING:
    from coder_tui.assistant.symbols import Defined


class Prompt(TextArea):
    """The prompt of the chat."""

    @dataclass
    class Sent(Message):
        text: str

    @dataclass
    class Edited(Message):
        """The text has changed."""

    @dataclass
    class StopWish(Message):
        """Escape was pressed, with nothing of the prompt's own to end."""

    @dataclass
    class HistoryWish(Message):
        """Earlier prompts are to be searched."""

    @dataclass
    class AgainWish(Message):
        """The last question is to be answered again."""

    @dataclass
    class ScrollWish(Message):
        """The conversation is to be scrolled."""

        pages: int
        """Back where it is negative."""

    def __init__(self, files: Callable[[], tuple[str, ...]], table: Sequence[Action]) -> None:
        self._keys = key_actions(table, Where.PROMPT, also={"tab": ["app.focus_next"]})
        super().__init__(
            id="prompt", soft_wrap=True, compact=True, tab_behavior="focus", highlight_cursor_line=False,
            placeholder="Ask about code · @ file · / command",
        )  # fmt: skip
        self._files = files
        self.symbols: Callable[[str], Sequence[Defined]] = lambda _: ()
        """Definitions for a part of a name; may take a moment, and is asked in a thread."""
        self._history: list[str] = []
        self._at = 0
        """Place in the history; behind its end for what is being written."""
        self._draft = ""
        """What was being written when the history was gone through."""
        self.attached: Sequence[str] = ()
        """Names of what is attached, for `/drop`."""
        self.choices = Choices()
        self.cursor_blink = False

    def give_back(self, text: str) -> None:
        """Put a question back that got no answer, in front of what is being written."""
        if text:
            self.put("\n\n".join(one for one in (text, self.content.strip()) if one))

    def recall(self, texts: Sequence[str]) -> None:
        """What was sent in earlier runs, the latest first, is older than what is sent in this one."""
        own = self._history
        older = [one for one in reversed(texts) if one not in own]
        self._history, self._at = [*older, *own], self._at + len(older)

    def put(self, text: str) -> None:
        """Have this text, with the cursor at its end."""
        self.text = held(text)
        self.move_cursor(self.document.end)
        self.choices.offer([])

    @property
    def content(self) -> str:
        """The text, stand-ins turned back."""
        return released(self.text)

    @property
    def history_texts(self) -> list[str]:
        """What was sent, the latest first."""
        return self._history[::-1]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "take_choice":
            return bool(self.choices.display)
        if action == "history_back":
            return bool(self.choices.display) or (self.cursor_at_first_line and bool(self._history))
        if action == "history_forward":
            return bool(self.choices.display) or (self.cursor_at_last_line and self._at < len(self._history))
        return super().check_action(action, parameters)

    def action_send(self) -> None:
        if self.choices.display and self._word() not in self.choices.values:
            self.action_take_choice()
            return
        text = released(self.text).strip()
        if text:
            self._history = [*(one for one in self._history if one != text), text]
            self._at = len(self._history)
            self.text = ""
            self.choices.offer([])
            self.post_message(self.Sent(text))

    def action_newline(self) -> None:
        self.insert("\n", maintain_selection_offset=False)

    def action_stop(self) -> None:
        if self.choices.display:
            self.choices.offer([])
        else:
            self.post_message(self.StopWish())

    def action_history_search(self) -> None:
        self.post_message(self.HistoryWish())

    def action_scroll_back(self) -> None:
        self.post_message(self.ScrollWish(-1))

    def action_scroll_on(self) -> None:
        self.post_message(self.ScrollWish(1))

    def action_again_last(self) -> None:
        self.post_message(self.AgainWish())

    def action_take_choice(self) -> None:
        """Put what is chosen in the list in place of the word."""
        if not self.choices.chosen:
            return
        (row, column), word = self.cursor_location, held(self._word())
        value = held(self.choices.chosen) + " "
        self.replace(value, (row, column - len(word)), (row, column), maintain_selection_offset=False)
        self.choices.offer([])

    def action_to_code(self) -> None:
        self.screen.focus_previous()

    def action_history_back(self) -> None:
        if self.choices.display:
            self.choices.action_cursor_up()
        elif self._at > 0:
            self._show(self._at - 1)

    def action_history_forward(self) -> None:
        if self.choices.display:
            self.choices.action_cursor_down()
        else:
            self._show(self._at + 1)

    def edit(self, edit: Edit) -> EditResult:
        """The list changes with the text, not later: the next key may already mean it."""
        result = super().edit(edit)
        self._offer()
        self.post_message(self.Edited())
        return result

    def _word(self) -> str:
        """What may be taken from the list: the command or the `@` word before the cursor."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        return released(line[:column] if line.startswith("/") and row == 0 else word_at(line, column))

    def _offer(self) -> None:
        row, column = self.cursor_location
        line = self.document.get_line(row)
        word = word_at(line, column)
        self.workers.cancel_group(self, "symbols")
        if word:
            files = files_for(word, self._files())
            self.choices.offer(files)
            if len(word) > 1:
                self._offer_symbols(released(word[1:]), files)
        elif row == 0 and line[:column].startswith("/") and " " not in line[:column]:
            self.choices.offer([(f"/{one.name}", f"/{one.name}  {one.text}") for one in beginning_with(line[:column])])
        else:
            self.choices.offer(self._arguments(line[:column]) if row == 0 else [])

    def _arguments(self, line: str) -> list[tuple[str, str]]:
        """For a command that wants a name."""
        command, _, name = released(line).partition(" ")
        known = {"/add": self._files(), "/drop": self.attached}.get(command, ())
        if name.strip() in known:
            return []
        return [(f"{command} {match.text}", match.text) for match in search(name, known, ROWS)]

    @work(group="symbols", exclusive=True, exit_on_error=False)
    async def _offer_symbols(self, query: str, files: list[tuple[str, str]]) -> None:
        """Symbols below the files, when they have been found: the files do not wait for them."""
        found = await in_thread(lambda: self.symbols(query))
        symbols = [(f"@{one.place}", f"@{one.place}  {one.title}") for one in found]
        few = files[: max(ROWS // 2, ROWS - len(symbols))]
        self.choices.offer([*few, *symbols[: ROWS - len(few)]], keep=self.choices.display)

    async def _on_key(self, event: events.Key) -> None:
        await run_in_turn(self, self._keys.get(event.key, ()), event)

    def action_paste(self) -> None:
        self.insert(held(self.app.clipboard), maintain_selection_offset=False)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert(held(event.text), maintain_selection_offset=False)

    def _show(self, at: int) -> None:
        if self._at >= len(self._history):
            self._draft = self.content
        self._at = at
        self.put(self._history[at] if at < len(self._history) else self._draft)
