"""How the text of a file is drawn: colours, marks, selection, and the ghost of a suggestion under the cursor.

A ghost is drawn, never part of the document: the rows below move down while it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.timer import Timer

from coder_tui.assistant.ghost import Ghost
from coder_tui.core.standins import held
from coder_tui.ui.colouring import STYLES, Colours
from coder_tui.ui.editor.editing import EditingArea
from coder_tui.ui.rows import cell_of, strip_of, with_ghost, wrapped

_SLICE_MS = 6.0
"""Colours are worked on for so long at a time."""
_AHEAD = 80
"""So many lines above and below the view get their colours with it."""
_RENEW_S = 0.5
"""After the last change, code with errors is read again from its beginning."""
_CACHED_ROWS = 1000
_MARKS = {"added": "▎", "changed": "▎", "deleted": "▔"}


class DrawnArea(EditingArea):
    """An area that draws itself. What it draws is set before TextArea's own constructor runs, which draws already."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"code--{name}" for name in STYLES),
        "code--ghost", "code--found", "code--added", "code--changed", "code--deleted",
    }  # fmt: skip

    highlighter: Colours
    ghost: Ghost | None
    marks: Mapping[int, str]
    """Lines that differ from HEAD: added, changed, or deleted (what stood above them is gone)."""
    found: Sequence[tuple[int, int, int]]
    """What find has found: (line, first column, column behind the last)."""

    def _prepare(self, highlighter: Colours) -> None:
        self.highlighter = highlighter
        self.ghost, self.marks, self.found = None, {}, ()
        self._ghost_rows: list[Strip] | None = None
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._styles: dict[str, Style] = {}
        self._soon: Timer | None = None
        """When colours are gone on with."""

    def _colour(self) -> None:
        """Work on the colours of what is in view; the rest of the work waits until nothing else is to be done."""
        if self.highlighter.is_plain or self.is_changing:
            return
        top = self.line_at(min(self.scroll_offset.y, self.row_count - 1))
        end = self.line_at(min(self.scroll_offset.y + max(1, self.size.height), self.row_count - 1))
        start = (top[0] if top else 0) - _AHEAD
        stop = (end[0] if end else self.document.line_count) + _AHEAD
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        done = self.highlighter.advance(self.document.lines, max(0, start), stop, _SLICE_MS)
        if self.is_mounted and not done:
            self._soon = self.set_timer(0.01, self._colour_on)
        elif self.is_mounted and self.highlighter.is_doubtful:
            self._soon = self.set_timer(_RENEW_S, self._renew)

    def _renew(self) -> None:
        self.highlighter.renew()
        self._colour_on()

    def _colour_on(self) -> None:
        self._colour()
        self.refresh()

    def on_mount(self) -> None:
        self._colour()

    def on_resize(self) -> None:
        self._colour()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._colour()

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._strips.clear()
        self._ghost_rows = None
        super().notify_style_update()

    @property
    def gutter_width(self) -> int:
        """Numbers, and a cell for the marks."""
        return super().gutter_width + 1 if self.show_line_numbers else 0

    def extra_size(self) -> Size:
        if self.ghost is None:
            return Size(0, 0)
        rows = self._ghost_rows_now()
        width = max(row.cell_length for row in rows) + self.gutter_width + 1
        return Size(width, len(rows) - self._own_rows(self.ghost.line))

    def document_row(self, row: int) -> int:
        if self.ghost is None:
            return row
        first, rows = self.first_row(self.ghost.line), len(self._ghost_rows_now())
        if row < first + rows:
            return min(row, self.cursor_row)
        return row - rows + self._own_rows(self.ghost.line)

    def draw_row(self, row: int) -> Strip:
        if self.ghost is not None:
            first, rows = self.first_row(self.ghost.line), self._ghost_rows_now()
            if first <= row < first + len(rows):
                return self._ghost_row(rows, row - first, self.ghost.line)
            if row >= first + len(rows):
                row = self.document_row(row)
        info = self.line_at(row)
        if info is None:
            return Strip.blank(self.size.width, self._base)
        line, section = info
        strip = self._line_strip(line)
        breaks = self._breaks(line)
        if breaks:
            strip = wrapped(strip, breaks)[section]
        return self._framed(strip, line, number=section == 0)

    def _own_rows(self, line: int) -> int:
        return len(self.wrapped_document.get_offsets(line)) + 1

    def _breaks(self, line: int) -> list[int]:
        """Cells at which a line is wrapped."""
        text = self.document.get_line(line)
        return [cell_of(text, column, self.indent_width) for column in self.wrapped_document.get_offsets(line)]

    def _ghost_rows_now(self) -> list[Strip]:
        ghost = self.ghost
        if self._ghost_rows is None and ghost is not None:
            style = self._base + self.area_style("cursor_line") + self._style("ghost")
            texts = ghost.text.split("\n")
            cursor = [(0, 1, self._style("cursor"))] if self.shows_cursor else []
            strips = [
                strip_of(text, [] if index else cursor, style, self.indent_width)
                for index, text in enumerate([held(texts[0]) or " ", *map(held, texts[1:])])
            ]
            line = self._line_strip(ghost.line, ghosted=True)
            at = cell_of(self.document.get_line(ghost.line), ghost.column, self.indent_width)
            self._ghost_rows = with_ghost(line, at, self._breaks(ghost.line), strips, self.wrap_width)
        return self._ghost_rows or []

    def _ghost_row(self, rows: Sequence[Strip], index: int, line: int) -> Strip:
        """One of the rows of a line with a ghost. Where the view ends in it, it says how much more there is."""
        strip = self._framed(rows[index], line, number=index == 0)
        below = self.scroll_offset.y + self.size.height - self.first_row(line)
        if index == below - 1 and index < len(rows) - 1:
            note = f" ↓{len(rows) - 1 - index} more "
            width = self.scrollable_content_region.width
            tail = strip_of(note, (), self._base + self._style("ghost") + Style(reverse=True), 1)
            strip = Strip.join([strip.crop(0, max(0, width - tail.cell_length)), tail])
        return strip

    def _framed(self, strip: Strip, line: int, *, number: bool) -> Strip:
        """A row's cells behind their gutter, as wide as the widget."""
        here = line == self.cursor_location[0]
        base = self._base + self.area_style("cursor_line") if here else self._base
        if not self.soft_wrap and self.scroll_offset.x:
            strip = strip.crop(self.scroll_offset.x)
        strip = strip.extend_cell_length(self.size.width, base)
        if not self.show_line_numbers:
            return strip.crop(0, self.size.width)
        digits = self.gutter_width - 3
        style = self._base + self.area_style("cursor_line_gutter" if here else "gutter")
        mark = self.marks.get(line, "") if number else ""
        text = f"{line + 1 if number else '':>{digits}} {_MARKS.get(mark, ' ')} "
        paints = [(digits + 1, digits + 2, self._style(mark))] if mark else []
        gutter = strip_of(text, paints, style, 1)
        return Strip.join([gutter, strip]).crop(0, self.size.width)

    def _line_strip(self, line: int, *, ghosted: bool = False) -> Strip:
        """All of a line, with a cell behind its end for the cursor."""
        text = self.document.get_line(line)
        pieces = self.highlighter.pieces(line)
        over = tuple(self._overlays(line, len(text), ghosted=ghosted))
        here = line == self.cursor_location[0]
        key = (text, tuple(pieces), over, here, self.indent_width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > _CACHED_ROWS:
                self._strips.clear()
            base = self._base + self.area_style("cursor_line") if here else self._base
            paints = [(start, end, self._style(name)) for start, end, name in pieces]
            paints += [(start, end, self._style(name)) for start, end, name in over]
            strip = strip_of(text + " ", paints, base, self.indent_width)
            self._strips[key] = strip
        return strip

    def _overlays(self, line: int, length: int, *, ghosted: bool) -> list[tuple[int, int, str]]:
        """What lies over the colours of a line: (first column, column behind the last, style)."""
        over = [(start, end, "found") for at, start, end in self.found if at == line]
        top, bottom = sorted(self.selection)
        if top != bottom and top[0] <= line <= bottom[0]:
            start = top[1] if line == top[0] else 0
            end = bottom[1] if line == bottom[0] else length + 1
            over.append((start, end, "selection"))
        cursor = self.cursor_location
        match = self.matching_bracket_location
        if match is not None and top == bottom:
            over += [(column, column + 1, "bracket_matching") for row, column in (match, cursor) if row == line]
        if cursor[0] == line and self.shows_cursor and not ghosted:
            over.append((cursor[1], cursor[1] + 1, "cursor"))
        return over

    @property
    def _base(self) -> Style:
        """The widget's own style: it is worked out from all its ancestors, so not for each row."""
        style = self._styles.get("")
        if style is None:
            style = self._styles[""] = self.rich_style
        return style

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            own = f"code--{name}" in self.COMPONENT_CLASSES
            style = self._component(f"code--{name}") if own else self.area_style(name)
            self._styles[name] = style
        return style

    def _component(self, name: str) -> Style:
        """What a component class adds; colours that let the background through are mixed with it."""
        rules, below = self.get_component_styles(name), self.background_colors[1]
        color = (below + rules.color).rich_color if rules.has_rule("color") else None
        background = (below + rules.background).rich_color if rules.has_rule("background") else None
        return Style(color=color, bgcolor=background) + rules.text_style
