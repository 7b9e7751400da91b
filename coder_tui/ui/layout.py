"""Which panels are on the screen: all that were asked for where there is room, one at a time where there is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.widget import Widget

from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.tree import FileTree

ONE_WIDTH, ONE_HEIGHT = 72, 18
"""A terminal that is narrower or lower shows one panel at a time."""
SIDE_WIDTH = 120
"""From here on the chat is at the side, with `app.chat` "auto"."""
_LEAST, _LEAST_CHAT, _LEAST_ROWS = 14, 28, 6
"""Cells that are left of a panel, of the chat at the side, of the chat and the editor one above the other."""
TREE_WIDTH, ALL_WIDTH = 100, 150
"""Below, the tree is shown on request only: the second where the chat is at the side. Code is 80 wide."""


class Panels:
    """The tree, the editor and the chat."""

    def __init__(self, app: App[Any], editors: Editors, tree: FileTree, chat: ChatPanel, side: str) -> None:
        self._app, self._editors, self._tree, self._chat, self._side = app, editors, tree, chat, side
        self._wanted: dict[Widget, bool | None] = {tree: None, chat: None}
        """What the user has asked for; None leaves it to the room there is."""
        self._sizes: dict[tuple[Widget, bool], int] = {}
        """Cells that the user has given a panel, by whether they are rows."""
        self._size = (0, 0)
        self._in_front: Widget = editors
        self.arranged: Callable[[], object] = lambda: None
        """Is told when other panels may be on the screen."""

    @property
    def is_one(self) -> bool:
        """Whether there is room for one panel only."""
        return self._size[0] < ONE_WIDTH or self._size[1] < ONE_HEIGHT

    def fit(self, width: int, height: int) -> None:
        """The terminal has this size."""
        self._size = (width, height)
        self._arrange()

    def toggle(self, panel: Widget) -> None:
        """Show a panel with the focus in it; hide it when it has the focus."""
        if self._has_focus(panel):
            self._wanted[panel] = False
            self._in_front = self._editors
            self._arrange()
            self._editors.focus_area()
        else:
            self.show(panel)

    def show(self, panel: Widget) -> None:
        """Show a panel, with the focus in it."""
        if panel in self._wanted:
            self._wanted[panel] = True
        self._in_front = panel
        self._arrange()
        self._focus(panel)

    def step(self) -> None:
        """The focus to the next panel that can be shown."""
        order: list[Widget] = [self._editors, self._chat, self._tree]
        shown = order if self.is_one else [panel for panel in order if panel.display]
        at = next((index for index, panel in enumerate(shown) if self._has_focus(panel)), -1)
        self.show(shown[(at + 1) % len(shown)])

    def resize(self, by: int) -> None:
        """Make the panel with the focus larger by some cells; with the focus in the editor the chat smaller."""
        # Not from what is on the screen: keys may come faster than that is laid out.
        if self._has_focus(self._tree):
            self.resize_to(self._tree, self._sizes.get((self._tree, False), self._tree.outer_size.width) + by)
        elif self._chat.display:
            now, rows = self._chat.outer_size, self._is_below
            by = by if self._has_focus(self._chat) else -by
            self.resize_to(self._chat, self._sizes.get((self._chat, rows), now.height if rows else now.width) + by)

    def resize_to(self, panel: Widget, cells: int) -> None:
        """Give a panel a width, or a height where it stands below; what is too much or too little is not taken."""
        width, height = self._size
        rows = panel is self._chat and self._is_below
        if rows:
            least, most = _LEAST_ROWS, height - 1 - _LEAST_ROWS
        elif panel is self._chat:
            least, most = _LEAST_CHAT, width - _LEAST_CHAT - self._tree.outer_size.width * self._tree.display
        else:
            beside = self._chat.outer_size.width * (self._chat.display and not self._is_below)
            least, most = _LEAST, min(width // 2, width - _LEAST_CHAT - beside)
        self._sizes[panel, rows] = max(least, min(cells, most))
        self._arrange()

    @property
    def _is_below(self) -> bool:
        return not (self._side == "side" or (self._side == "auto" and self._size[0] >= SIDE_WIDTH))

    def _apply_sizes(self) -> None:
        """As the user wants them where there is room; else as the style sheet has them."""
        for panel, rows in ((self._tree, False), (self._chat, False), (self._chat, True)):
            cells = self._sizes.get((panel, rows))
            fits = cells is not None and not self.is_one and cells < self._size[rows] - _LEAST
            if panel is self._chat and rows is not self._is_below:
                fits = False
            rule = "height" if rows else "width"
            if fits:
                setattr(panel.styles, rule, cells)
            else:
                panel.styles.clear_rule(rule)

    def focused(self) -> None:
        """The focus has moved, perhaps by the mouse or to a file that was opened."""
        for panel in (self._editors, self._chat, self._tree):
            if self._has_focus(panel) and panel is not self._in_front:
                self._in_front = panel
                self._arrange()

    @property
    def is_chat_seen(self) -> bool:
        return self._chat.display and (not self.is_one or self._in_front is self._chat)

    def _arrange(self) -> None:
        self._place()
        self.arranged()

    def _place(self) -> None:
        width = self._size[0]
        work = self._app.screen_stack[0].query_one("#work")
        work.set_class(self._is_below, "-bottom")
        self._apply_sizes()
        self._app.screen_stack[0].set_class(self.is_one, "-one")
        if self.is_one:
            work.display = self._in_front is not self._tree
            self._tree.display = self._in_front is self._tree
            self._editors.display = self._in_front is self._editors
            self._chat.display = self._in_front is self._chat
            return
        work.display = self._editors.display = True
        self._tree.display = self._want(self._tree, room=width >= (TREE_WIDTH if self._is_below else ALL_WIDTH))
        self._chat.display = self._want(self._chat, room=width >= SIDE_WIDTH)

    def _want(self, panel: Widget, *, room: bool) -> bool:
        wanted = self._wanted[panel]
        return room if wanted is None else wanted

    def _has_focus(self, panel: Widget) -> bool:
        focused = self._app.screen_stack[0].focused
        return focused is not None and panel in focused.ancestors_with_self

    def _focus(self, panel: Widget) -> None:
        if panel is self._editors:
            self._editors.focus_area()
        elif panel is self._chat:
            self._set_focus(self._chat.prompt)
        else:
            self._set_focus(panel)

    def _set_focus(self, widget: Widget) -> None:
        """At once, not in a later turn as `Widget.focus` does: the next key may have been typed already."""
        self._app.screen_stack[0].set_focus(widget)
