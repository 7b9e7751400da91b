"""A question with a few answers, and one for a line of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from coder_tui.assistant.commands import word_at
from coder_tui.config.keymap import Where
from coder_tui.core.plain import plain
from coder_tui.core.standins import held, released
from coder_tui.ui.bindings import bindings, key_of, keys_of, said, table_of
from coder_tui.ui.choices import Choices, files_for
from coder_tui.ui.fields import Field
from coder_tui.ui.screens.dialog import Dialog

_AROUND = 10
"""Cells of a button besides its title."""
_DIALOG = 72


@dataclass(frozen=True, slots=True)
class Answer:
    """One button."""

    name: str
    """What the screen returns; its key is that of the action `answer_NAME`."""
    title: str
    danger: bool = False


class Ask(Dialog[str]):
    """Returns the name of the answer; an empty one for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.DIALOG)]

    def __init__(self, question: str, answers: Sequence[Answer], detail: str = "", *, by_letter: bool = True) -> None:
        """Without `by_letter` by Enter only: for a question that comes by itself, while somebody may be typing."""
        super().__init__()
        self._by_letter = by_letter
        self._question, self._detail = question, detail
        self._answers = {answer.name: answer for answer in answers}

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(plain(self._question)), classes="dialog-title")
            if self._detail:
                yield Static(Content(plain(self._detail)), classes="dialog-detail")
            with Horizontal(classes="dialog-buttons"):
                for answer in self._answers.values():
                    key = key_of(table_of(self), _action(answer.name)) if self._by_letter else ""
                    button = Button(
                        Content(f"{answer.title} ({key})" if key else answer.title),
                        id=f"answer-{answer.name}",
                        compact=True,
                    )
                    if answer.danger:
                        button.variant = "error"
                    yield button

    def on_resize(self, event: events.Resize) -> None:
        """One below the other where they do not fit side by side."""
        wide = sum(len(answer.title) + _AROUND for answer in self._answers.values())
        self.query_one(".dialog-buttons").set_class(wide > min(event.size.width, _DIALOG) - _AROUND, "-stacked")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def on_key(self, event: events.Key) -> None:
        """Choose by letter, or the first answer by Enter where no button has the focus."""
        meant = keys_of(table_of(self), Where.DIALOG).get(event.key, ()) if self._by_letter else ()
        chosen = next((name for name in self._answers if _action(name) in meant), None)
        if chosen is None and event.key == "enter" and self.focused is None:
            chosen = next(iter(self._answers))
        if chosen is not None:
            event.stop()
            self.dismiss(chosen)

    def action_next_button(self) -> None:
        self.focus_next()

    def action_previous_button(self) -> None:
        self.focus_previous()

    def action_close_dialog(self) -> None:
        self.dismiss("")


def _action(answer: str) -> str:
    return f"answer_{answer}"


class AskText(Dialog[str | None]):
    """Returns a line of text; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.DIALOG)]

    def __init__(
        self,
        question: str,
        value: str = "",
        detail: str = "",
        *,
        placeholder: str = "",
        files: Callable[[], Sequence[str]] = tuple,
        changed: Callable[[str], object] = lambda _: None,
    ) -> None:
        """`files` are offered behind an `@`; `changed` is told of what is written."""
        super().__init__()
        self._question, self._detail = question, detail
        moves = {"up": ["choice_up"], "down": ["choice_down"], "tab": ["take_choice"]}
        self._field = Field(held(value), placeholder, Where.DIALOG, self, also=moves)
        self._files, self._changed = files, changed
        self._choices = Choices()
        self._closed_for = ""
        """The word for which the list has been closed."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(plain(self._question)), classes="dialog-title")
            yield self._field
            yield self._choices
            words = {"accept_answer": "accepts", "close_dialog": "cancels"}
            yield Static(Content(plain(self._detail) or said(table_of(self), words)), classes="dialog-detail")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"choice_up", "choice_down", "take_choice"}:
            return self._is_offering
        return super().check_action(action, parameters)

    def on_input_changed(self, event: Field.Changed) -> None:
        event.stop()
        self._closed_for = self._closed_for if self._word == self._closed_for else ""
        self._offer()
        self._changed(released(event.value))

    @property
    def _word(self) -> str:
        """The `@` word before the cursor; empty for none."""
        return word_at(self._field.value, self._field.cursor_position)

    @property
    def _is_offering(self) -> bool:
        """As the text is now: it may have changed since the list was shown."""
        self._offer()
        return bool(self._choices.display)

    def _offer(self) -> None:
        word = self._word
        if not word or word == self._closed_for:
            self._choices.offer([])
        elif word != self._choices.word:
            self._choices.offer(files_for(word, self._files()))
        self._choices.word = word

    def action_choice_up(self) -> None:
        self._choices.action_cursor_up()

    def action_choice_down(self) -> None:
        self._choices.action_cursor_down()

    def action_take_choice(self) -> None:
        """Put what is chosen in the list in place of the word."""
        value, end = self._choices.chosen, self._field.cursor_position
        if value:
            self._field.replace(f"{held(value)} ", end - len(self._word), end)
            self._offer()

    def action_accept_answer(self) -> None:
        if self._is_offering and released(self._word) not in self._choices.values:
            self.action_take_choice()
        else:
            self.dismiss(released(self._field.value))

    def action_close_dialog(self) -> None:
        if self._is_offering:
            self._closed_for = self._word
            self._offer()
        else:
            self.dismiss(None)
