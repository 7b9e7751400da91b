"""The context panel: what the next request sends, piece by piece, with reasons and sizes; pinning and leaving out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from coder_tui.assistant.going_along import ATTACHED, Along, Request
from coder_tui.config.keymap import Action, Where
from coder_tui.core.errors import CoderError, DocumentError
from coder_tui.core.plain import plain
from coder_tui.core.standins import held, seen
from coder_tui.ui.bindings import Plain, bindings, clickable, in_rows
from coder_tui.ui.lists import Rows
from coder_tui.ui.screens.dialog import Dialog
from coder_tui.ui.telling import tell

if TYPE_CHECKING:
    from coder_tui.assistant.explain import Part
    from coder_tui.assistant.surroundings import Surroundings

_BAR = 8
"""Cells of a piece's bar."""
_OWN = frozenset({"file", "chat", ATTACHED})
"""Sources that are there in any case: they can be neither pinned nor left out."""
_WORDS = {"pin_file": "pin", "exclude_file": "leave out", "open_piece": "open", "close_context": "close"}
_LEFT_OUT = 12
"""Pieces that were left out, at most: the best of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place to open."""

    path: str
    line: int
    """1-based."""


@dataclass(frozen=True, slots=True)
class _Row:
    content: Content
    place: Place | None = None
    """None for what can only be read."""
    changeable: bool = False
    attached: bool = False
    """To the question: it can be taken away again."""


class ContextPanel(Dialog[Place | None]):
    """Returns a place to open, or None. Pins and exclusions count at once, until the app ends."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.CONTEXT, priority=True)]

    def __init__(
        self,
        look: Callable[[], Awaitable[Along]],
        surroundings: Surroundings | None,
        table: tuple[Action, ...],
        *,
        drop: Callable[[str], object],
        question_first: bool = False,
    ) -> None:
        """`look` finds out what goes along, beside the app's loop. `drop` takes an attachment away."""
        super().__init__()
        self._drop = drop
        self._look, self._surroundings, self._question_first = look, surroundings, question_first
        self._table = [action for action in table if action.where is Where.CONTEXT]
        self._rows: list[_Row] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="context", classes="dialog") as box:
            box.border_title = "What the next request sends"
            yield Rows(name="context-list")
            yield Plain(in_rows(clickable(self._table, _WORDS, prefix="screen."), 80), id="context-keys")

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.show([Content("looking …")], disabled=[True])
        rows.focus()
        self._look_again()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one(Rows).be_at_most(event.size.height * 7 // 10)

    def action_pin_file(self) -> None:
        self._change(lambda around, path: around.toggle_pin(path))

    def action_exclude_file(self) -> None:
        row = self._row
        if row is not None and row.attached and row.place is not None:
            with suppress(DocumentError):  # the key was pressed twice
                self._drop(row.place.path)
            self._look_again()
        else:
            self._change(lambda around, path: around.toggle_exclusion(path))

    def action_open_piece(self) -> None:
        row = self._row
        if row is not None and row.place is not None:
            self.dismiss(row.place)

    @property
    def _row(self) -> _Row | None:
        at = self.query_one(Rows).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def action_close_context(self) -> None:
        self.dismiss(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_open_piece()

    def _change(self, what: Callable[[Surroundings, str], object]) -> None:
        row = self._row
        if self._surroundings is None or row is None or row.place is None or not row.changeable:
            return
        around, path = self._surroundings, row.place.path

        async def change() -> None:
            from coder_tui.ui.telling import in_thread

            await in_thread(lambda: what(around, path))
            self._look_again()

        self.run_worker(change(), exit_on_error=False)

    def _look_again(self) -> None:
        async def look() -> None:
            try:
                self._show(await self._look())
            except CoderError as error:
                tell(self.app, error)
                self.dismiss(None)

        self.run_worker(look(), group="look", exclusive=True, exit_on_error=False)

    def _show(self, along: Along) -> None:
        options = self.query_one(Rows)
        at = options.highlighted or 0
        before = self._rows[at].place if at < len(self._rows) else None
        self._rows = list(self._made(along))
        options.show((row.content for row in self._rows), disabled=[row.place is None for row in self._rows])
        chosen = [number for number, row in enumerate(self._rows) if row.place is not None]
        same = (
            number
            for number in chosen
            if before is not None and self._rows[number].changeable and _path(self._rows[number]) == before.path
        )
        near = min(chosen, key=lambda number: (abs(number - at), number), default=None)
        options.highlighted = next(same, near if before is not None else next(iter(chosen), None))

    def _made(self, along: Along) -> Iterator[_Row]:
        most = max((part.tokens for part in (*along.suggestion.parts, *along.question.parts)), default=1) or 1
        sections = [
            ("The suggestion at the cursor", along.suggestion, "no file is open: nothing goes along with a suggestion"),
            ("The next question", along.question, "nothing is attached"),
        ]
        for title, request, none in reversed(sections) if self._question_first else sections:
            yield _Row(_heading(title, request))
            for part in request.parts:
                yield _row(_line(part, most, pinned=part.path in along.pinned), part)
            if not request.parts:
                yield _Row(Content.styled(f"  {none}", "$foreground 60%"))
            for cut in request.cuts:
                yield _Row(Content.styled(f"  ! {_shown(cut)}", "$text-warning"))
        if along.excluded:
            yield _Row(Content.styled("Left out by you", "bold"))
        for path in along.excluded:
            content = Content.styled(f"✗ {'':{_BAR}} {'':>6}  {_shown(path)}  you left it out", "$text-warning")
            yield _Row(content, Place(path, 1), changeable=True)
        if along.suggestion.left_out:
            yield _Row(Content.styled("No room for", "bold"))
        for part in along.suggestion.left_out[:_LEFT_OUT]:
            text = f"  {'':{_BAR}} {'—':>6}  {_shown(part.where)}  {_shown(part.reason)}"
            yield _row(Content.styled(text, "$foreground 60%"), part)


def _heading(title: str, request: Request) -> Content:
    left = max(0, request.window - request.tokens)
    size = f"   {request.tokens:,} of {request.window:,} tokens, {left:,} left" if request.window else ""
    return Content.assemble((title, "bold $text-accent"), (size, ""))


def _line(part: Part, most: int, *, pinned: bool) -> Content:
    filled = max(1, round(_BAR * part.tokens / most)) if part.tokens else 0
    return Content.assemble(
        ("● " if pinned else "  ", "$text-success"), ("━" * filled + " " * (_BAR - filled), "$text-accent"),
        (f" {part.tokens:>6,}  ", "bold"), (f"{_shown(part.where)}  ", ""), (_shown(part.reason), "$foreground 60%"),
    )  # fmt: skip


def _row(content: Content, part: Part) -> _Row:
    place = Place(part.path, max(1, part.first_line)) if part.first_line else None
    return _Row(content, place, changeable=part.source not in _OWN, attached=part.source == ATTACHED)


def _path(row: _Row) -> str:
    return row.place.path if row.place is not None else ""


def _shown(text: str) -> str:
    return seen(held(plain(text)))
