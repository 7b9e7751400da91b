"""The review of a change: nothing of it counts before it is applied, hunk by hunk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from coder_tui.config.keymap import Action, Where
from coder_tui.core.plain import plain
from coder_tui.core.standins import held, seen
from coder_tui.ui.bindings import bindings, key_name
from coder_tui.ui.hunks import Change, Row

_SIDE_BY_SIDE = 110
"""Narrower terminals show one column."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of a review."""

    text: str | None
    """LF text with what was taken; None when nothing is to be done."""
    again: bool = False
    """The model is to be asked again."""


class Review(Screen[Reviewed]):
    """One file's change. All of it is taken at the beginning."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.REVIEW, priority=True)]

    def __init__(self, name: str, change: Change, table: tuple[Action, ...], *, can_repeat: bool = False) -> None:
        super().__init__()
        self.change = change
        self.taken = set(range(len(change.hunks)))
        self.at = 0
        self._file_name, self._can_repeat = name, can_repeat
        self._keys = {action.name: action.keys for action in table if action.where is Where.REVIEW}
        self._beside: bool | None = None
        """Side by side; None goes by the width."""
        self._first_rows: dict[int, int] = {}

    def compose(self) -> ComposeResult:
        yield Static(id="review-title")
        with VerticalScroll(id="review-body", can_focus=False):
            yield Static(id="review-text")
        yield Static(id="review-keys")

    def on_mount(self) -> None:
        self._show()
        self._go(0)

    def on_resize(self, event: events.Resize) -> None:
        del event
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "again":
            return self._can_repeat
        return super().check_action(action, parameters)

    def action_next_hunk(self) -> None:
        self._go(self.at + 1)

    def action_previous_hunk(self) -> None:
        self._go(self.at - 1)

    def action_accept_hunk(self) -> None:
        self.taken ^= {self.at}
        self._show()
        if self.at + 1 < len(self.change.hunks):
            self._go(self.at + 1)

    def action_accept_all(self) -> None:
        self.taken = set(range(len(self.change.hunks)))
        self._show()

    def action_reject_all(self) -> None:
        self.taken = set()
        self._show()

    def action_side_by_side(self) -> None:
        self._beside = not self._is_beside
        self._show()

    def action_apply(self) -> None:
        self.dismiss(Reviewed(self.change.result(self.taken) if self.taken else None))

    def action_again(self) -> None:
        self.dismiss(Reviewed(None, again=True))

    def action_close_review(self) -> None:
        self.dismiss(Reviewed(None))

    @property
    def _is_beside(self) -> bool:
        return self.size.width >= _SIDE_BY_SIDE if self._beside is None else self._beside

    def _go(self, to: int) -> None:
        if self.change.hunks:
            self.at = min(max(0, to), len(self.change.hunks) - 1)
            self._show()
            body = self.query_one("#review-body")
            body.scroll_to(y=max(0, self._first_rows.get(self.at, 0) - 3), animate=False)

    def _show(self) -> None:
        hunks, taken = len(self.change.hunks), len(self.taken)
        place = f"change {self.at + 1} of {hunks}, {taken} taken" if hunks else "nothing would change"
        title = Content.assemble((f" {plain(self._file_name)}", "bold"), (f"   {place}", "$foreground 60%"))
        self.query_one("#review-title", Static).update(title)
        width = max(20, self.size.width - 2)
        lines = list(self._beside_lines(width) if self._is_beside else self._column_lines(width))
        self.query_one("#review-text", Static).update(Content("\n").join(lines) if lines else Content(""))
        self.query_one("#review-keys", Static).update(self._help())

    def _column_lines(self, width: int) -> Iterable[Content]:
        self._first_rows = {}
        for number, row in enumerate(self.change.rows()):
            if row.hunk is not None:
                self._first_rows.setdefault(row.hunk, number)
            yield self._line(row, row.old if row.new is None else row.new, width)

    def _beside_lines(self, width: int) -> Iterable[Content]:
        self._first_rows = {}
        half = width // 2 - 1
        for number, (left, right) in enumerate(self.change.pairs()):
            hunk = left.hunk if left is not None else right.hunk if right is not None else None
            if hunk is not None:
                self._first_rows.setdefault(hunk, number)
            one = self._line(left, left.old if left else None, half)
            two = self._line(right, right.new if right else None, half)
            yield Content.assemble(one, " ", two)

    def _line(self, row: Row | None, number: int | None, width: int) -> Content:
        """A row as wide as its column."""
        if row is None:
            return Content(" " * width)
        if row.sign == "@":
            return Content.styled(_fitted(f"{'⋯':>6}", width), "$foreground 60%")
        text = seen(held(row.text)).expandtabs(4)
        if row.hunk is None:
            return Content.styled(_fitted(f"{(number or 0) + 1:>5}   {text}", width), "$foreground 70%")
        mark = ("▶" if row.hunk == self.at else " ") + ("✓" if row.hunk in self.taken else "·")
        shown = _fitted(f"{(number or 0) + 1:>5}{mark}{row.sign} {text}", width)
        colour = "$text-error on $error-muted" if row.sign == "-" else "$text-success on $success-muted"
        if self.app.current_theme.ansi:  # of the terminal's own colours both would be the same
            colour = "$error" if row.sign == "-" else "$success"
        return Content.styled(shown, colour if row.hunk in self.taken else "$foreground 60%")

    def _help(self) -> Content:
        words = {
            "apply": "apply", "accept_hunk": "take or leave", "next_hunk": "next", "accept_all": "all",
            "reject_all": "none", "side_by_side": "columns", "again": "again", "close_review": "close",
        }  # fmt: skip
        parts: list[tuple[str, str]] = []
        for name, word in words.items():
            if self._keys.get(name) and (name != "again" or self._can_repeat):
                parts += [(f" {key_name(self._keys[name][0])}", "bold $text-accent"), (f" {word} ", "")]
        return Content.assemble(*parts)


def _fitted(text: str, width: int) -> str:
    """Cut or filled to so many cells."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    kept = text[:width]
    while cell_len(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…" + " " * (width - 1 - cell_len(kept))
