"""The editor panel: a row of tabs, the open files, and the bar for find and replace."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from coder_tui.core.plain import plain
from coder_tui.ui.editor.area import CodeArea
from coder_tui.ui.editor.find import FindBar
from coder_tui.ui.open_file import OpenFile

WELCOME = """coder

{open}  open a file
{new}  new file
{chat}  ask about code
{commands}  all commands
{help}  help"""


class TabBar(Widget):
    """Names of the open files in one row; the active one stands out, unsaved ones have a dot."""

    can_focus = False

    @dataclass
    class Chosen(Message):
        number: int

    def __init__(self) -> None:
        super().__init__(id="tab-bar")
        self._tabs: list[tuple[int, str, bool]] = []
        self._active = 0
        self._edges: list[tuple[int, int, int]] = []

    def show(self, files: list[OpenFile], active: int) -> None:
        tabs = [(file.number, plain(file.name).replace("\n", " "), file.modified) for file in files]
        if (tabs, active) != (self._tabs, self._active):
            self._tabs, self._active = tabs, active
            self.refresh()

    def render(self) -> Content:
        """As many tabs as fit, the active one always among them."""
        texts = [(number, f" {name}{' ●' if modified else ''} ") for number, name, modified in self._tabs]
        first, width = 0, max(1, self.size.width)
        at = next((index for index, (number, _) in enumerate(texts) if number == self._active), 0)
        while first < at and sum(len(text) for _, text in texts[first : at + 1]) > width:
            first += 1
        parts: list[tuple[str, str]] = []
        self._edges, cell = [], 0
        for number, text in texts[first:]:
            style = "$foreground on $background bold" if number == self._active else "$foreground 60%"
            parts.append((text, style))
            self._edges.append((cell, cell + Content(text).cell_length, number))
            cell = self._edges[-1][1]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        for start, end, number in self._edges:
            if start <= event.x < end:
                self.post_message(self.Chosen(number))


class Editors(Vertical):
    """All open files, one of them in view."""

    @dataclass
    class Switched(Message):
        """Another file is in view, or none."""

        file: OpenFile | None

    def __init__(self, welcome: str) -> None:
        super().__init__(id="editors")
        self.files: list[OpenFile] = []
        self.active: OpenFile | None = None
        self._welcome = welcome

    def compose(self) -> ComposeResult:
        yield TabBar()
        with ContentSwitcher(id="areas", initial="welcome"):
            yield Static(Content(self._welcome), id="welcome")
        yield FindBar()

    async def add(self, file: OpenFile) -> None:
        """A new tab, in view."""
        file.area.id = f"area-{file.number}"
        at = self.files.index(self.active) + 1 if self.active in self.files else len(self.files)
        self.files.insert(at, file)
        switcher = self.query_one("#areas", ContentSwitcher)
        file.area.display = False
        await switcher.mount(file.area)
        self.show(file)

    def show(self, file: OpenFile) -> None:
        """Bring a file into view, with the focus in it."""
        self.active = file
        self.query_one("#areas", ContentSwitcher).current = file.area.id
        self.query_one(FindBar).search_in(file.area)
        self.focus_area()
        self.update_tabs()
        self.post_message(self.Switched(file))

    async def close_tab(self, file: OpenFile) -> None:
        """Close a tab, whatever is in it; nothing when that has been done, by a key that came with another one."""
        if file not in self.files:
            return
        at = self.files.index(file)
        self.files.remove(file)
        if self.active is file:
            self.active = None
            if self.files:
                self.show(self.files[min(at, len(self.files) - 1)])
            else:
                self.query_one("#areas", ContentSwitcher).current = "welcome"
                self.query_one(FindBar).search_in(None)
                self.post_message(self.Switched(None))
        await file.area.remove()
        self.update_tabs()

    def step(self, by: int) -> None:
        """The next or the last tab."""
        if self.active in self.files and len(self.files) > 1:
            self.show(self.files[(self.files.index(self.active) + by) % len(self.files)])

    def update_tabs(self) -> None:
        bar = self.query_one_optional(TabBar)
        if bar is not None:  # None when something has changed while the app ends
            bar.display = bool(self.files)
            bar.show(self.files, self.active.number if self.active else 0)

    def file_of(self, area: CodeArea) -> OpenFile | None:
        return next((file for file in self.files if file.area is area), None)

    def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        event.stop()
        for file in self.files:
            if file.number == event.number:
                self.show(file)

    def focus_area(self) -> None:
        """Put the focus where text is typed."""
        if self.active is not None:
            self.screen.set_focus(self.active.area)  # at once: the next key may have been typed already
