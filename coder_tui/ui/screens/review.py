"""The review of a change: nothing of it counts before it is applied, hunk by hunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.style import Style
from textual.widgets import Static

from coder_tui.config.keymap import Action, Where
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import Plain, bindings, clickable, in_rows
from coder_tui.ui.diff_rows import Look, beside, column
from coder_tui.ui.hunks import Change
from coder_tui.ui.screens.dialog import Dialog
from coder_tui.ui.screens.edit_text import EditText

_SIDE_BY_SIDE = 110
"""Narrower reviews show one column."""
_LEAST = 8
"""Rows of a review in place, at least."""
_WORDS = {
    "apply": "apply", "accept_hunk": "take", "reject_hunk": "leave out", "edit_hunk": "edit", "next_hunk": "next",
    "accept_all": "take all", "reject_all": "leave all", "side_by_side": "columns", "again": "again",
    "instruct": "change the instruction", "close_review": "close",
}  # fmt: skip

Place = Callable[[int], tuple[Region, int]]
"""(what may be covered, the row of the screen at which a 0-based line stands)."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of a review."""

    text: str | None
    """LF text with what was taken; None when nothing is to be done."""
    again: bool = False
    """The model is to be asked again."""
    instruct: bool = False
    """It is to be asked something else."""


def _going_to(hunk: int) -> Style:
    """A click goes there."""
    return Style.from_meta({"@click": f"screen.go_to_hunk({hunk})"})


class Review(Dialog[Reviewed]):
    """One file's change. All of it is taken at the beginning."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.REVIEW, priority=True)]

    def __init__(
        self,
        name: str,
        change: Change,
        table: tuple[Action, ...],
        *,
        place: Place | None = None,
        title: str = "",
        detail: str = "",
    ) -> None:
        """With a `place` it stands over the lines that it changes, the model can be asked again, `title` is what it
        was asked, and `detail` what it was shown for that; without, it takes the whole screen."""
        super().__init__()
        self.change = change
        self.taken = set(range(len(change.hunks)))
        self.at = 0
        self._file_name, self._place, self._title, self._detail = name, place, title, detail
        self._table = [action for action in table if action.where is Where.REVIEW]
        self._beside: bool | None = None
        """Side by side; None goes by the width."""
        self._first_rows: dict[int, int] = {}
        self._key_rows = 1
        self.set_class(place is not None, "-in-place")

    def compose(self) -> ComposeResult:
        with Vertical(id="review"):
            yield Static(id="review-title")
            with VerticalScroll(id="review-body", can_focus=False):
                yield Plain(id="review-text")
            yield Plain(id="review-keys")

    def on_mount(self) -> None:
        self._show()
        self._go(0)

    def on_resize(self, event: events.Resize) -> None:
        del event
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"again", "instruct"}:
            return self._place is not None
        return super().check_action(action, parameters)

    def action_next_hunk(self) -> None:
        self._go(self.at + 1)

    def action_previous_hunk(self) -> None:
        self._go(self.at - 1)

    def action_go_to_hunk(self, at: int) -> None:
        self._go(at)

    def action_accept_hunk(self) -> None:
        self.taken |= {self.at} if self.change.hunks else set()
        self._go(self.at + 1)

    def action_reject_hunk(self) -> None:
        self.taken -= {self.at}
        self._go(self.at + 1)

    def action_toggle_hunk(self) -> None:
        self.taken ^= {self.at} if self.change.hunks else set()
        self._show()

    def action_edit_hunk(self) -> None:
        if not self.change.hunks:
            return
        hunk, at = self.change.hunks[self.at], self.at
        new = "\n".join(self.change.after[hunk.new_start : hunk.new_end])
        where = f"line {hunk.old_start + 1} of {self._file_name}"

        def take(text: str | None) -> None:
            if text is not None:
                self.change, self.taken = self.change.edited(at, text, self.taken)
                self._go(at)

        self.app.push_screen(EditText("Edit the change", new, where, "takes it"), take)

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

    def action_instruct(self) -> None:
        self.dismiss(Reviewed(None, instruct=True))

    def action_close_review(self) -> None:
        self.dismiss(Reviewed(None))

    @property
    def _width(self) -> int:
        return self._place(0)[0].width if self._place is not None else self.size.width

    @property
    def _is_beside(self) -> bool:
        return self._width >= _SIDE_BY_SIDE if self._beside is None else self._beside

    def _go(self, to: int) -> None:
        if self.change.hunks:
            self.at = min(max(0, to), len(self.change.hunks) - 1)
        self._show()
        body = self.query_one("#review-body")
        body.scroll_to(y=max(0, self._first_rows.get(self.at, 0) - 3), animate=False)

    def _show(self) -> None:
        hunks, taken = len(self.change.hunks), len(self.taken)
        place = f"change {self.at + 1} of {hunks}, {taken} taken" if hunks else "nothing would change"
        name = " ".join(plain(self._title or self._file_name).split())
        self.query_one("#review-title", Static).update(
            Content.assemble((f" {place} ", "$foreground 60%"), (f" {name}", "bold"))
        )
        self._say_keys()
        look = Look(max(20, self._width - 2), self.at, frozenset(self.taken), ansi=self.app.current_theme.ansi)
        rows = list(self._rows(look))
        self.query_one("#review-text", Static).update(Content("\n").join(rows) if rows else Content(""))
        if self._place is not None:
            self._put(len(rows))

    def _say_keys(self) -> None:
        words = {name: word for name, word in _WORDS.items() if self.check_action(name, ())}
        keys = in_rows(clickable(self._table, words, prefix="screen."), self._width - 2)
        if self._detail:
            detail = Content.styled(" ".join(plain(self._detail).split()), "$foreground 60%")
            keys = Content("\n").join([detail.truncate(self._width - 2, ellipsis=True), keys])
        self._key_rows = keys.plain.count("\n") + 1
        self.query_one("#review-keys", Static).update(keys)

    def _rows(self, look: Look) -> Iterator[Content]:
        self._first_rows = {}
        count = 0
        for hunk, contents in (beside if self._is_beside else column)(self.change, look):
            if hunk is not None:
                self._first_rows.setdefault(hunk, count)
            count += len(contents)
            yield from contents if hunk is None else [one.stylize(_going_to(hunk)) for one in contents]

    def _put(self, rows: int) -> None:
        """Over the lines, as high as it needs to be and may be."""
        if self._place is None:
            return
        region, row = self._place(self.change.hunks[0].old_start if self.change.hunks else 0)
        height = min(max(rows + 1 + self._key_rows, _LEAST), region.height)
        top = max(0, region.y - 1)  # the title may cover the tabs: near the beginning lines stay where they are
        y = min(max(top, row - 1 - self._first_rows.get(0, 0)), region.bottom - height)
        box = self.query_one("#review")
        box.styles.width, box.styles.height = region.width, height
        box.styles.offset = (region.x, y)
