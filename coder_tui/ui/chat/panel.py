"""The chat panel: the conversation, what is attached, the prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from coder_tui.config.keymap import Action
from coder_tui.core.plain import plain
from coder_tui.ui.chat.prompt import Prompt
from coder_tui.ui.chat.question import QuestionView, described

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.ui.chat.answer import AnswerView

_HINT = """Ask about your code.

@ attaches a file, / lists commands, and the selection or the file in view goes along with {attach}.
Tab leads to code in an answer: copy it, insert it, or apply it to the file as a review."""


class ChatPanel(Vertical):
    """Shows a chat; what is said in it is decided elsewhere."""

    def __init__(self, files: Callable[[], tuple[str, ...]], table: Sequence[Action], attach_key: str) -> None:
        super().__init__(id="chat")
        self.prompt = Prompt(files, table)
        self._hint = _HINT.format(attach=attach_key)
        self.answer: AnswerView | None = None
        """The one that is being given."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="conversation", can_focus=False):
            yield Static(Content(self._hint), id="chat-hint")
        yield Static(id="chat-line")
        yield self.prompt.choices
        yield Static(id="attachments")
        yield self.prompt

    @dataclass
    class Dragged(Message):
        """Its edge was drawn to a place on the screen."""

        x: int
        y: int

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """On the border it is taken hold of."""
        if event.widget is self and (event.x <= 0 or event.y <= 0):
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self.post_message(self.Dragged(event.screen_x, event.screen_y))

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_mount(self) -> None:
        self.prompt.choices.offer([])
        self.attached(())
        self.say("")
        self.query_one("#conversation", VerticalScroll).anchor()

    async def asked(self, text: str, attachments: Sequence[Attachment], number: int) -> None:
        """A question, by its place among the turns, and an empty answer below it."""
        from coder_tui.ui.chat.answer import AnswerView  # Markdown takes 40 ms, before the first picture

        conversation = self.query_one("#conversation", VerticalScroll)
        self.query_one("#chat-hint").display = False
        self.answer = AnswerView()
        await conversation.mount(QuestionView(text, attachments, number), self.answer)
        conversation.anchor()

    async def shown(self, turns: Sequence[tuple[int, str, Sequence[Attachment], str]]) -> None:
        """A chat that goes on: (number, question, what went with it, answer) of its turns."""
        from coder_tui.ui.chat.answer import AnswerView

        await self.clear()
        self.query_one("#chat-hint").display = not turns
        conversation = self.query_one("#conversation", VerticalScroll)
        for number, text, attachments, answer in turns:
            view = AnswerView()
            await conversation.mount(QuestionView(text, attachments, number), view)
            await view.add(answer)
            await view.end()
        conversation.anchor()

    async def rewound(self, number: int) -> None:
        """The questions from this one on, and what follows them, are gone."""
        conversation = self.query_one("#conversation", VerticalScroll)
        first = next((one for one in conversation.query(QuestionView) if one.number == number), None)
        if first is not None:
            children = list(conversation.children)
            await conversation.remove_children(children[children.index(first) :])

    async def said(self, text: str) -> None:
        if self.answer is not None:
            await self.answer.add(text)

    async def ended(self, notes: Sequence[str] = ()) -> None:
        """The answer has ended; what the user should know of it is said below."""
        if self.answer is not None:
            await self.answer.end()
            empty = not self.answer.text
            if notes:
                conversation = self.query_one("#conversation", VerticalScroll)
                await conversation.mount(Static(Content(plain("\n".join(notes))), classes="note"))
            if empty:  # the question goes back to the prompt
                conversation = self.query_one("#conversation", VerticalScroll)
                await conversation.query(QuestionView).last().remove()
                await self.answer.remove()
        self.answer = None

    async def clear(self) -> None:
        """A new chat."""
        self.answer = None
        conversation = self.query_one("#conversation", VerticalScroll)
        await conversation.remove_children(".question, .answer, .note")
        self.query_one("#chat-hint").display = True

    def attached(self, attachments: Sequence[Attachment]) -> None:
        """What goes with the next question."""
        line = self.query_one("#attachments", Static)
        line.update(Content(plain("  ".join(f"+ {described(one)}" for one in attachments)).replace("\n", " ")))
        line.display = bool(attachments)

    def say(self, text: str) -> None:
        """What is going on, in a line above the prompt."""
        line = self.query_one("#chat-line", Static)
        line.update(Content(text))
        line.display = bool(text)
