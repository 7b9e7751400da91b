"""Lists from which one line is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from coder_tui.config.keymap import Where
from coder_tui.ui.bindings import bindings

_PAGE = 10
_GAP = 2
"""Cells between a name and what stands at the right edge, at least."""


class Spread(Visual):
    """A line with something at its right edge."""

    def __init__(self, left: Content, *right: Content) -> None:
        """`right`: the first that leaves room for all of `left` is taken, else the last; `left` is cut off there."""
        self.left, self.right = left, right

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return self.row(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        del rules, container_width
        return self.left.cell_length + _GAP + max((one.cell_length for one in self.right), default=0)

    def get_height(self, rules: RulesMap, width: int) -> int:
        del rules, width
        return 1

    def row(self, width: int) -> Content:
        """As it stands in so many cells."""
        left, right = self.left, Content("")
        for right in self.right:
            if left.cell_length + _GAP + right.cell_length <= width:
                break
        room = width - right.cell_length - _GAP
        if not right.plain or room < width // 3:  # a name that can be read is worth more
            return left
        if left.cell_length > room:
            left = left.truncate(room, ellipsis=True)
        return Content.assemble(left, " " * (width - left.cell_length - right.cell_length), right)


class Rows(OptionList):
    """The lines; at the first and the last one it ends."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    def __init__(self, *, name: str, focusable: bool = True) -> None:
        super().__init__(id=name, compact=True)
        self.can_focus = focusable

    def show(self, lines: Iterable[Content | Spread], *, disabled: Sequence[bool] = ()) -> None:
        """Have these lines, the first of them chosen. `disabled`: which of them can only be read."""
        off = [*disabled]
        rows = list(lines)
        self.set_options([Option(line, disabled=at < len(off) and off[at]) for at, line in enumerate(rows)])
        self.highlighted = 0 if rows else None
        self.display = bool(rows)  # or its old height would stay

    def be_at_most(self, rows: int) -> None:
        """Grow no higher. In cells: a share of the screen is not known while a dialog finds its height."""
        self.styles.max_height = max(3, rows)

    def action_list_choose(self) -> None:
        self.action_select()

    def action_list_down(self) -> None:
        self._step(1)

    def action_list_up(self) -> None:
        self._step(-1)

    def action_list_page_down(self) -> None:
        self._step(_PAGE)

    def action_list_page_up(self) -> None:
        self._step(-_PAGE)

    def _step(self, by: int) -> None:
        chosen = [at for at, option in enumerate(self.options) if not option.disabled]
        if chosen:
            now = self.highlighted if self.highlighted is not None else chosen[0]
            at = min(range(len(chosen)), key=lambda one: abs(chosen[one] - now))
            self.highlighted = chosen[min(max(0, at + by), len(chosen) - 1)]
