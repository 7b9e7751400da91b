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
from coder_tui.core.document import reference
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
        names = "".join(f"\n+ {described(one)}" for one in attachments)
        self._content = Content.assemble(plain(text), (plain(names), "$foreground 60%"))
        self.number, self._keys = number, keys
        super().__init__(self._content, classes="question")

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


def described(attachment: Attachment) -> str:
    """A name, with lines where it is a part."""
    if not attachment.first_line:
        return attachment.name
    last = attachment.first_line + attachment.line_count
    return reference(attachment.name, attachment.first_line + 1, last)
