"""The one place that touches what Textual does not promise to keep. `textual` is pinned; a test names each of these.

EditorArea is a TextArea that draws nothing itself any more: rows come from `draw_row`, and hooks stand where TextArea
would query a syntax tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import App
from textual.document._document import Document, EditResult, Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.document._edit import Edit
from textual.document._wrapped_document import WrappedDocument
from textual.dom import DOMNode
from textual.expand_tabs import get_tab_widths
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from coder_tui.core import brackets

PRIVATE = (
    "_build_highlight_map", "_refresh_size", "_cursor_offset", "_draw_cursor", "_replace_via_keyboard", "_theme",
    "_find_columns_to_next_tab_stop", "_undo_batch", "_redo_batch", "_matching_bracket_location", "_restart_blink",
    "_rewrap_and_refresh_virtual_size", "_delete_via_keyboard", "_set_document", "_watch_language",
    "_scroll_update", "_component_styles",
)  # fmt: skip
"""Names of TextArea that are used here."""
PRIVATE_OF_APP = ("_exit_renderables", "_close_messages_no_wait", "_fatal_error", "_driver", "_clipboard")
"""Names of App that are used here, or replaced in CoderApp."""

__all__ = [
    "PRIVATE", "PRIVATE_OF_APP", "Edit", "EditResult", "EditorArea", "Location", "Selection", "end_with",
    "remember_clipboard", "run_in_turn", "write_to_terminal",
]  # fmt: skip


_WIDTH_STEP = 16


class _Wrapped(WrappedDocument):
    """Without wrapping it looks into lines with tabs only, which is five times as fast."""

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        if width:
            super().wrap(width, tab_width)
            return
        self._width, self._tab_width = 0, tab_width or self._tab_width
        lines = self.document.lines
        self._wrap_offsets = [[] for _ in lines]
        self._offset_to_line_info = [(number, 0) for number in range(len(lines))]
        self._line_index_to_offsets = [[number] for number in range(len(lines))]
        self._tab_width_cache = [
            [cells for _, cells in get_tab_widths(line, self._tab_width)] if "\t" in line else [0] * bool(line)
            for line in lines
        ]


class EditorArea(TextArea, inherit_bindings=False):
    """What an editor needs of TextArea, under names that can be relied on."""

    is_changing = False
    """The text is being changed, of which `edited` has not been told: it may be scrolled in the middle of that."""

    _is_size_due = False

    # What follows is for subclasses.

    def draw_row(self, row: int) -> Strip:
        """A row of the document as it is wrapped, counted from its top; as wide as the widget."""
        raise NotImplementedError

    def edited(self, first: int, old: int, new: int) -> None:
        """Lines from `first` on were replaced: `old` of them by `new`."""

    def extra_size(self) -> Size:
        """What is drawn besides the document: the width it needs at least, and rows more than the document has."""
        return Size(0, 0)

    # What a subclass may use.

    @property
    def cursor_row(self) -> int:
        """Row of the cursor, counted from the top of the document as it is wrapped."""
        return self._cursor_offset[1]

    @property
    def cursor_x(self) -> int:
        """Cell of the cursor in its row, behind the gutter."""
        return self._cursor_offset[0]

    @property
    def shows_cursor(self) -> bool:
        return self._draw_cursor

    @property
    def row_count(self) -> int:
        """Rows of the document as it is wrapped."""
        return len(self.wrapped_document._offset_to_line_info)  # noqa: SLF001

    def line_at(self, row: int) -> tuple[int, int] | None:
        """(line, which of its rows) that stands at a row; None below the end."""
        info = self.wrapped_document._offset_to_line_info  # noqa: SLF001
        return info[row] if 0 <= row < len(info) else None

    def first_row(self, line: int) -> int:
        """The row with which a line begins."""
        return self.wrapped_document._line_index_to_offsets[line][0]  # noqa: SLF001

    def area_style(self, name: str) -> Style:
        """One of the TextArea theme's styles: cursor, cursor_line, gutter, selection ..."""
        style: Style | None = getattr(self._theme, f"{name}_style", None)
        return style or Style.null()

    def type_text(self, text: str) -> None:
        """As if it came from the keyboard: in place of the selection."""
        self._replace_via_keyboard(text, *self.selection)

    def cells_to_tab_stop(self) -> int:
        return self._find_columns_to_next_tab_stop()

    def resized(self) -> None:
        """What is drawn besides the document has changed."""
        self._refresh_size()
        self.refresh()

    def show_cursor_now(self) -> None:
        """A key was pressed: the cursor does not blink for a moment."""
        self._restart_blink()

    # How this is done.

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing as long as it has no styles: a screen above it, through which it shows, may be drawn before."""
        if "text-area--gutter" not in self._component_styles:
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return self.draw_row(self.scroll_offset.y + y)

    def _build_highlight_map(self) -> None:
        """TextArea queries its syntax tree here; the colours of this one come from elsewhere."""
        self._line_cache.clear()

    def _set_document(self, text: str, language: str | None) -> None:
        del language  # what TextArea does for a language is done elsewhere here
        self.document = Document(text)
        self.wrapped_document = _Wrapped(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def _watch_language(self, language: str | None) -> None:
        """TextArea makes another document here."""

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """TextArea calls it for all that might have to do with wrapping."""
        wrapped = self.wrapped_document
        if (wrapped._width, wrapped._tab_width) == (self.wrap_width, self.indent_width):  # noqa: SLF001
            self._refresh_size()
        else:
            super()._rewrap_and_refresh_virtual_size()

    def _refresh_size(self) -> None:
        """Does not lay the whole screen out anew, as setting `virtual_size` would: that takes longer than all else that
        a key does, and only scrollbars depend on it, which tell when they come or go. There is no width as long as the
        view is wide enough, and from there on it grows in steps."""
        if self.is_changing and self.cursor_location[0] >= self.document.line_count:
            self._is_size_due = True  # a scrollbar that goes scrolls to the cursor, whose line is gone
            return
        extra = self.extra_size()
        if self.soft_wrap:
            size = Size(0, self.wrapped_document.height + extra.height)
        else:
            width, height = self.document.get_size(self.indent_width)
            width, view = max(width + self.gutter_width + 1, extra.width), self.scrollable_content_region.width
            size = Size(-(-width // _WIDTH_STEP) * _WIDTH_STEP * (width > view), height + extra.height)
        if size != self.virtual_size:
            self.set_reactive(TextArea.virtual_size, size)
            self._scroll_update(size)

    def edit(self, edit: Edit) -> EditResult:
        first, last = edit.top[0], edit.bottom[0]
        old = min(last, self.document.line_count - 1) - first + 1
        with self._changing():
            result = super().edit(edit)
        self.edited(first, old, result.end_location[0] - first + 1)
        return result

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self.is_changing = True
        try:
            yield
        finally:
            self.is_changing = False
            if self._is_size_due:
                self._is_size_due = False
                self._refresh_size()

    def _undo_batch(self, edits: Sequence[Edit]) -> None:
        self._whole_batch(edits, undo=True)

    def _redo_batch(self, edits: Sequence[Edit]) -> None:
        self._whole_batch(edits, undo=False)

    def _whole_batch(self, edits: Sequence[Edit], *, undo: bool) -> None:
        """Rewraps all of the document where TextArea works out one range for edits at several places, which may leave
        rows behind; one edit, the common case, is left to it."""
        before = list(self.document.lines)
        with self._changing():
            if undo:
                super()._undo_batch(edits)
            else:
                super()._redo_batch(edits)
            if len(edits) > 1:
                self.wrapped_document.wrap(self.wrap_width, self.indent_width)
                self._refresh_size()
        self.edited(*_changed(before, self.document.lines))

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Looks at no more than some lines: TextArea would walk through the whole document."""
        if bracket not in brackets.CLOSERS and bracket not in brackets.OPENERS:
            return None
        return brackets.match(self.document.lines, bracket, search_from)

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        """TextArea leaves the row to the document; what is drawn besides it moves rows."""
        x = event.x - self.gutter_width + self.scroll_offset.x - self.gutter.left
        y = self.document_row(event.y + self.scroll_offset.y - self.gutter.top)
        return self.wrapped_document.offset_to_location(Offset(x, y))

    def document_row(self, row: int) -> int:
        """The row of the document that is drawn at a row."""
        return row


async def run_in_turn(
    widget: Widget, actions: Sequence[str], event: events.Key, owners: Sequence[DOMNode] = ()
) -> bool:
    """Carry out the first of a key's actions that is possible, in the key's turn among those that are typed. They are
    the widget's own, or those of the first of `owners` that can.

    Textual runs bindings when the key has come up to the app, or, those with priority, before the widget has seen the
    keys before it: a key that is typed fast behind or before text would change places with it. Keys that were already
    on their way when one of them moved the focus go where the focus is now.
    """
    target = widget.app.focused or widget.app.screen
    if target is not widget:
        event.stop()
        event.prevent_default()
        moved = events.Key(event.key, event.character)
        moved._set_forwarded()  # noqa: SLF001 - or the app would send it to the focus once more when nothing wants it
        target.post_message(moved)
        return True
    for action, owner in product(actions, owners or (widget,)):
        if await widget.app.run_action(action, owner):
            event.stop()
            event.prevent_default()
            return True
    return False


def remember_clipboard(app: App[Any], text: str) -> None:
    """What pasting in the app gives."""
    app._clipboard = text  # noqa: SLF001


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Control sequences, straight to the terminal."""
    if app._driver is not None:  # noqa: SLF001
        app._driver.write(sequence)  # noqa: SLF001


def end_with(app: App[Any], text: str) -> None:
    """End an app that has met a fault, with a text for the user."""
    app._exit_renderables.append(Text(text))  # noqa: SLF001
    app._close_messages_no_wait()  # noqa: SLF001


def _changed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int, int]:
    """(first line that differs, lines there were, lines there are)."""
    shorter = min(len(old), len(new))
    head = next((index for index in range(shorter) if old[index] != new[index]), max(0, shorter - 1))
    tail = next((index for index in range(shorter - head) if old[-1 - index] != new[-1 - index]), shorter - head)
    tail = min(tail, shorter - head - 1) if shorter > head else 0
    return head, len(old) - head - tail, len(new) - head - tail
