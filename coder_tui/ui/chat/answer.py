"""An answer as it streams: Markdown whose code blocks can be focused and used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownStream

from coder_tui.config.keymap import Where
from coder_tui.ui.bindings import bindings
from coder_tui.ui.chat.question import LeaveWish
from coder_tui.ui.markdown_compat import MarkdownFence

_COLOURED_LINES = 150
"""A longer block stays plain while it streams: it would be coloured anew with each piece that comes."""


class CodeBlock(MarkdownFence):
    """Code in an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.ANSWER)]
    can_focus = True

    @dataclass
    class Wish(Message):
        """Something is to be done with the code."""

        action: str
        """`copy`, `insert`, `apply` or `save`."""
        code: str
        language: str
        number: int
        """Place of the answer's question among the turns of the chat."""
        answer: str
        """All of it."""

    def on_mount(self) -> None:
        self.border_title = Content(self.lexer)
        self.border_subtitle = self._view.keys

    @property
    def _view(self) -> AnswerView:
        return next(one for one in self.ancestors if isinstance(one, AnswerView))

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        if code.count("\n") > _COLOURED_LINES:
            return Content(code)
        return super().highlight(code, language, ansi, dark)

    def action_block_copy(self) -> None:
        self._wish("copy")

    def action_block_insert(self) -> None:
        self._wish("insert")

    def action_block_apply(self) -> None:
        self._wish("apply")

    def action_block_save(self) -> None:
        self._wish("save")

    def action_block_leave(self) -> None:
        self.post_message(LeaveWish())

    def recolour(self) -> None:
        """Of a long block that has ended."""
        if self.code.count("\n") > _COLOURED_LINES:
            dark, ansi = self.app.current_theme.dark, self.app.native_ansi_color
            self.set_content(super().highlight(self.code, self.lexer, ansi, dark))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.focus()

    def _wish(self, action: str) -> None:
        words = (self.lexer or "").split()
        code, view = self.code.rstrip("\n") + "\n", self._view
        self.post_message(self.Wish(action, code, words[0] if words else "", view.number, view.text))


class AnswerView(Markdown):
    """One answer. Its text comes in pieces; links are not followed."""

    def __init__(self, number: int, keys: Content) -> None:
        """`number`: place of its question among the turns. `keys`: what can be done with a code block."""
        super().__init__(open_links=False, classes="answer")
        self.number, self.keys = number, keys
        self.BLOCKS = {**Markdown.BLOCKS, "fence": CodeBlock, "code_block": CodeBlock}
        self._stream: MarkdownStream | None = None
        self.text = ""

    async def add(self, text: str) -> None:
        """More of it."""
        self.text += text
        if self._stream is None:
            self._stream = Markdown.get_stream(self)
        await self._stream.write(text)

    async def end(self) -> None:
        """That was all."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()
            for block in self.query(CodeBlock):
                block.recolour()
