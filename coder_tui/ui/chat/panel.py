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
from textual.widgets import OptionList, Static

from coder_tui.config.keymap import Action
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import clickable, in_rows, key_of
from coder_tui.ui.chat.meter import Meter
from coder_tui.ui.chat.prompt import Prompt
from coder_tui.ui.chat.question import LeaveWish, QuestionView

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.ui.chat.answer import AnswerView

_HINT = """Ask about your code.

        @  attach a file
        /  commands
{attach:>9}  attach selection or file
{to_code:>9}  go to code in an answer"""
_BLOCK = {"block_copy": "copy", "block_insert": "insert", "block_apply": "apply", "block_save": "save"}
_QUESTION = {"question_edit": "edit and send again", "question_again": "answer again"}


class ChatPanel(Vertical):
    """Shows a chat; what is said in it is decided elsewhere."""

    def __init__(self, files: Callable[[], tuple[str, ...]], table: Sequence[Action]) -> None:
        super().__init__(id="chat")
        self.prompt = Prompt(files, table)
        self.meter = Meter()
        self._hint = _HINT.format(attach=key_of(table, "attach") or "/add", to_code=key_of(table, "to_code"))
        self._block_keys, self._question_keys = (
            in_rows(clickable(table, _BLOCK), 80),
            in_rows(clickable(table, _QUESTION), 80),
        )
        self.answer: AnswerView | None = None
        """The one that is being given."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="conversation", can_focus=False):
            yield Static(Content(self._hint), id="chat-hint")
        yield Static(id="chat-line")
        yield Static(id="waiting")
        yield self.prompt.choices
        yield Static(id="attachments")
        yield self.prompt
        yield self.meter

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
        self.waiting(())
        self.say("")
        self._conversation.anchor()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Clicked."""
        event.stop()
        self.prompt.focus()
        self.prompt.action_take_choice()

    def on_leave_wish(self, event: LeaveWish) -> None:
        event.stop()
        self.prompt.focus()

    def on_prompt_scroll_wish(self, event: Prompt.ScrollWish) -> None:
        event.stop()
        if event.pages < 0:
            self._conversation.scroll_page_up(animate=False, on_complete=self._hold_end)
        else:
            self._conversation.scroll_page_down(animate=False, on_complete=self._hold_end)

    def _hold_end(self) -> None:
        """Textual lets go of the end when it is to scroll, also where nothing moves."""
        if self._conversation.scroll_y >= self._conversation.max_scroll_y:
            self._conversation.anchor()

    @property
    def _conversation(self) -> VerticalScroll:
        return self.query_one("#conversation", VerticalScroll)

    def _views(self, text: str, attachments: Sequence[Attachment], number: int) -> tuple[QuestionView, AnswerView]:
        from coder_tui.ui.chat.answer import AnswerView  # Markdown takes 40 ms, before the first picture

        return QuestionView(text, attachments, number, self._question_keys), AnswerView(number, self._block_keys)

    async def asked(self, text: str, attachments: Sequence[Attachment], number: int) -> None:
        """A question, by its place among the turns, and an empty answer below it."""
        self.query_one("#chat-hint").display = False
        question, self.answer = self._views(text, attachments, number)
        await self._conversation.mount(question, self.answer)
        self._conversation.anchor()

    async def shown(self, turns: Sequence[tuple[int, str, Sequence[Attachment], str]]) -> None:
        """A chat that goes on: (number, question, what went with it, answer) of its turns."""
        await self.clear()
        self.query_one("#chat-hint").display = not turns
        for number, text, attachments, answer in turns:
            question, view = self._views(text, attachments, number)
            await self._conversation.mount(question, view)
            await view.add(answer)
            await view.end()
        self._conversation.anchor()

    async def rewound(self, number: int) -> None:
        """The questions from this one on, and what follows them, are gone."""
        first = next((one for one in self._conversation.query(QuestionView) if one.number == number), None)
        if first is not None:
            children = list(self._conversation.children)
            await self._conversation.remove_children(children[children.index(first) :])

    def sent(self, attachments: Sequence[Attachment]) -> None:
        """What goes with the question that was asked last."""
        self._conversation.query(QuestionView).last().goes_with(attachments)

    async def said(self, text: str) -> None:
        if self.answer is not None:
            await self.answer.add(text)

    async def ended(self, notes: Sequence[str] = ()) -> None:
        """The answer has ended; what the user should know of it is said below."""
        if self.answer is not None:
            await self.answer.end()
            if notes and self.answer.text:
                await self._conversation.mount(Static(Content(plain("\n".join(notes))), classes="note"))
            if not self.answer.text:  # the question goes back to the prompt
                await self._conversation.query(QuestionView).last().remove()
                await self.answer.remove()
        self.answer = None

    async def clear(self) -> None:
        """A new chat."""
        self.answer = None
        await self._conversation.remove_children(".question, .answer, .note")
        self.query_one("#chat-hint").display = True

    def attached(self, attachments: Sequence[Attachment], here: Attachment | None = None) -> None:
        """What goes with the next question: what was attached, or else the code at the cursor."""
        self.prompt.attached = [one.name for one in (*attachments, *([here] if here is not None else ()))]
        shown = [f"+ {one.reference}" for one in attachments] or ([f"here: {here.reference}"] if here else [])
        self._line("#attachments", "  ".join(shown))

    def waiting(self, questions: Sequence[str]) -> None:
        """What is asked when the answer at hand has ended."""
        self._line("#waiting", "\n".join(f"next: {one.splitlines()[0]}" for one in questions), rows=3)

    def say(self, text: str) -> None:
        """What is going on, in a line above the prompt."""
        self._line("#chat-line", text)

    def _line(self, name: str, text: str, *, rows: int = 1) -> None:
        """Text in rows that are there only when they are needed."""
        line = self.query_one(name, Static)
        shown = plain(text).split("\n")
        line.update(Content("\n".join(shown[:rows]) if rows > 1 else " ".join(shown)))
        line.display = bool(text)
