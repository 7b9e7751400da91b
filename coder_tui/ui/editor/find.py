"""Find and replace, in a bar below the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Checkbox, Input, Static

from coder_tui.config.keymap import Where
from coder_tui.core.document import Document, Position, Span
from coder_tui.core.errors import UsageError
from coder_tui.core.search import MAX_MATCHES, Wanted, matches, nearest, replaced, replacement
from coder_tui.core.standins import held
from coder_tui.ui.bindings import bindings, key_of, said, table_of
from coder_tui.ui.editor.area import CodeArea
from coder_tui.ui.fields import Field
from coder_tui.ui.textual_compat import Selection


class _Switch(Checkbox, can_focus=False):
    """Switched by its key or the mouse, so that Tab leads from one field to the other. What is off is told from what is
    on without colours."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()


class FindBar(Vertical):
    """Looks in one area at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.FIND)]

    def __init__(self) -> None:
        super().__init__(id="find-bar")
        self._area: CodeArea | None = None
        self._found: list[Span] = []
        self._text = ""
        """Of the area, when the matches were looked for."""

    async def _make(self) -> None:
        """What is in it, when it is opened first: the app's first picture does without."""
        table = table_of(self)
        keys = said(table, {"find_regex": "regex", "find_case": "case", "find_words": "words"})
        find = Horizontal(
            self._field("find-text", f"Find · {keys}", self._sought),
            self._switch("regex", ".*", "Regular expression"),
            self._switch("case", "Aa", "Upper and lower case differ"),
            self._switch("words", "\\b", "Whole words"),
            Static(id="find-count"),
            id="find-row",
        )
        replace = Horizontal(
            self._field("replace-text", "Replace with · \\1 is a group of a regex"),
            Static(Content(said(table, {"replace_one": "one", "replace_all": "all"}, ", ")), id="replace-hint"),
            id="replace-row",
        )
        await self.mount(find, replace)

    def _field(self, name: str, placeholder: str, changed: Callable[[str], object] | None = None) -> Field:
        again = {"find", "find_next", "find_previous"}  # the editor's keys for them mean the same here
        also = {key: [f"app.{one.name}"] for one in table_of(self) if one.name in again for key in one.keys}
        return Field(
            "", placeholder, Where.FIND, self, name=name, changed=changed, also=also, compact=True, select=True
        )

    def _switch(self, name: str, sign: str, title: str) -> _Switch:
        key = key_of(table_of(self), f"find_{name}")
        tip = f"{title} ({key})" if key else title
        return _Switch(Content(sign), id=f"find-{name}", compact=True, tooltip=tip)

    async def open(self, *, replace: bool) -> None:
        """Show the bar, with the selection as what is looked for."""
        area = self._area
        if area is None:
            return
        if not self.children:
            await self._make()
        self.display = True
        self.query_one("#replace-row").display = replace
        field = self.query_one("#find-text", Input)
        chosen = area.selected_text
        if chosen and "\n" not in chosen:
            field.value = chosen
        self.screen.set_focus(field)
        self._look()

    def search_in(self, area: CodeArea | None) -> None:
        """Another file is in view."""
        if self._area is not None and self._area is not area:
            self._area.found = ()
        self._area = area
        if area is None:
            self.display = False
        elif self.display:
            self._look()

    def action_find_close(self) -> None:
        self.display = False
        if self._area is not None:
            self._area.found = ()
            self._area.refresh()
            self.screen.set_focus(self._area)

    def action_find_regex(self) -> None:
        self.query_one("#find-regex", Checkbox).toggle()

    def action_find_case(self) -> None:
        self.query_one("#find-case", Checkbox).toggle()

    def action_find_words(self) -> None:
        self.query_one("#find-words", Checkbox).toggle()

    async def action_find_forward(self) -> None:
        await self.step(forward=True)

    async def action_find_back(self) -> None:
        await self.step(forward=False)

    def on_checkbox_changed(self) -> None:
        self._sought()

    def _sought(self, _text: str = "") -> None:
        """Something else is looked for."""
        self._look()
        self._go(forward=True, from_start=True)

    async def step(self, *, forward: bool) -> None:
        """To the next match or the one before; opens the bar when nothing is looked for yet."""
        if not self.children or not self._wanted().text:
            await self.open(replace=False)
            return
        self._look()
        self._go(forward=forward)

    async def action_replace_one(self) -> None:
        """Replace the match that is selected, and go to the next one."""
        area = self._area
        if area is None or area.read_only:
            return
        if not self.query_one("#replace-row").display:
            await self.open(replace=True)
            return
        self._look()
        start, end = sorted(area.selection)
        document = Document(self._text)
        here = Span(document.offset(Position(*start)), document.offset(Position(*end)))
        if here in self._found:
            template = self.query_one("#replace-text", Input).value
            try:
                area.replace(held(replacement(self._wanted(), self._text, here, template)), start, end)
            except UsageError as error:
                self._say(str(error))
                return
            self._look()
        self._go(forward=True)

    def action_replace_all(self) -> None:
        area = self._area
        if area is None or area.read_only or not self._wanted().text or not self.query_one("#replace-row").display:
            return
        try:
            text, count = replaced(self._wanted(), area.text, self.query_one("#replace-text", Input).value)
        except UsageError as error:
            self._say(str(error))
            return
        if count:
            area.replace_all(text)
        self._look()
        self._say(f"{count} replaced")

    def _wanted(self) -> Wanted:
        on = {name: self.query_one(f"#find-{name}", Checkbox).value for name in ("regex", "case", "words")}
        return Wanted(held(self.query_one("#find-text", Input).value), **on)

    def _look(self) -> None:
        """Find all matches and mark those in the text."""
        area = self._area
        if area is None:
            return
        self._text = area.text
        try:
            self._found = matches(self._wanted(), self._text)
        except UsageError as error:
            self._found = []
            self._say(str(error))
        else:
            count = len(self._found)
            self._say("" if not self._wanted().text else f"{count}{'+' if count >= MAX_MATCHES else ''} found")
        area.found = list(_in_lines(self._text, self._found))
        area.refresh()

    def _go(self, *, forward: bool, from_start: bool = False) -> None:
        area = self._area
        if area is None:
            return
        document = Document(self._text)
        start, end = sorted(area.selection)
        at = start if from_start or not forward else end
        index = nearest(self._found, document.offset(Position(*at)), forward=forward)
        if index is None:
            return
        span = self._found[index]
        first, last = document.position(span.start), document.position(span.end)
        area.selection = Selection((first.line, first.column), (last.line, last.column))
        area.scroll_cursor_visible(center=True)
        self._say(f"{index + 1} of {len(self._found)}")

    def _say(self, text: str) -> None:
        self.query_one("#find-count", Static).update(Content(text))


def _in_lines(text: str, spans: list[Span]) -> list[tuple[int, int, int]]:
    """(line, first column, column behind the last) of each part of a match."""
    parts: list[tuple[int, int, int]] = []
    line, start = 0, 0
    for span in spans:
        while (end := text.find("\n", start)) >= 0 and end < span.start:
            line, start = line + 1, end + 1
        at, row, row_start = span.start, line, start
        while at < span.end:
            row_end = text.find("\n", row_start)
            row_end = len(text) if row_end < 0 else row_end
            parts.append((row, at - row_start, min(span.end, row_end) - row_start))
            at, row, row_start = row_end + 1, row + 1, row_end + 1
    return parts
