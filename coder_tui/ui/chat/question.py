"""A question in the conversation: it can be asked again, or changed and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from coder_tui.config.keymap import Where
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import bindings

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment


@dataclass
class LeaveWish(Message):
    """The focus is to go back to the prompt."""


class QuestionView(Static):
    """One question."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.QUESTION)]
    can_focus = True
    auto_links = False

    @dataclass
    class Wish(Message):
        """Something is to be done with a question."""

        action: str
        """`edit` or `again`."""
        number: int

    def __init__(self, text: str, attachments: Sequence[Attachment], number: int, keys: Content) -> None:
        """`number`: its place among the turns of the chat. `keys`: what can be done, for the line below it."""
        self._text = text
        self.number, self._keys = number, keys
        self._content = self._with(attachments)
        super().__init__(self._content, classes="question")

    def _with(self, attachments: Sequence[Attachment]) -> Content:
        names = "".join(f"\n+ {one.reference}" for one in attachments)
        return Content.assemble(plain(self._text), (plain(names), "$foreground 60%"))

    def goes_with(self, attachments: Sequence[Attachment]) -> None:
        """This is what the model is sent with it."""
        self._content = self._with(attachments)
        if self.has_focus:
            self.on_focus()
        else:
            self.on_blur()

    def on_focus(self) -> None:
        self.update(Content.assemble(self._content, "\n", self._keys))

    def on_blur(self) -> None:
        self.update(self._content)

    def action_question_leave(self) -> None:
        self.post_message(LeaveWish())

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.focus()

    def action_question_edit(self) -> None:
        self.post_message(self.Wish("edit", self.number))

    def action_question_again(self) -> None:
        self.post_message(self.Wish("again", self.number))
