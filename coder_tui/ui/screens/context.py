"""The context panel: what the next request sends, piece by piece, with reasons and sizes; pinning and leaving out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from coder_tui.assistant.going_along import Along
from coder_tui.config.keymap import Action, Where
from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain
from coder_tui.core.standins import held, seen
from coder_tui.ui.bindings import bindings, key_name
from coder_tui.ui.telling import tell

if TYPE_CHECKING:
    from coder_tui.assistant.explain import Part
    from coder_tui.assistant.surroundings import Surroundings

_BAR = 8
"""Cells of a piece's bar."""
_OWN = frozenset({"file", "chat"})
"""Sources that are there in any case: they can be neither pinned nor left out."""
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
    place: Place
    changeable: bool


class ContextPanel(ModalScreen[Place | None]):
    """Returns a place to open, or None. Pins and exclusions count at once, until the app ends."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.CONTEXT, priority=True)]

    def __init__(
        self, look: Callable[[], Awaitable[Along]], surroundings: Surroundings | None, table: tuple[Action, ...]
    ) -> None:
        """`look` finds out what goes along, beside the app's loop."""
        super().__init__()
        self._look, self._surroundings = look, surroundings
        self._keys = {action.name: action.keys for action in table if action.where is Where.CONTEXT}
        self._rows: list[_Row] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="context", classes="dialog") as box:
            box.border_title = "What goes along"
            yield Static(Content("looking …"), id="context-title")
            yield OptionList(id="context-list", compact=True)
            yield Static(self._help(), id="context-keys")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._look_again()

    def action_pin_file(self) -> None:
        self._change(lambda around, path: around.toggle_pin(path))

    def action_exclude_file(self) -> None:
        self._change(lambda around, path: around.toggle_exclusion(path))

    def action_open_piece(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._rows):
            self.dismiss(self._rows[at].place)

    def action_close_context(self) -> None:
        self.dismiss(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._rows[event.option_index].place)

    def _change(self, what: Callable[[Surroundings, str], object]) -> None:
        at = self.query_one(OptionList).highlighted
        if self._surroundings is None or at is None or at >= len(self._rows) or not self._rows[at].changeable:
            return
        around, path = self._surroundings, self._rows[at].place.path

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
        title = Content.assemble(
            ("the suggestion at the cursor: ", ""),
            (f"{along.tokens} tokens", "bold"),
            (f" of {along.window}" if along.window else "", "$foreground 60%"),
        )
        self.query_one("#context-title", Static).update(
            title if along.parts else Content("no file is open: nothing goes along with a suggestion")
        )
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        before = self._rows[at].place.path if at < len(self._rows) else None
        self._rows = list(self._made(along))
        options.set_options([Option(row.content) for row in self._rows])
        same = (number for number, row in enumerate(self._rows) if row.changeable and row.place.path == before)
        options.highlighted = next(same, min(at, len(self._rows) - 1)) if self._rows else None

    def _made(self, along: Along) -> Iterator[_Row]:
        most = max((part.tokens for part in (*along.parts, *along.attached)), default=1) or 1
        for part in (*along.parts, *along.attached):
            mark = "●" if part.path in along.pinned else " "
            filled = max(1, round(_BAR * part.tokens / most)) if part.tokens else 0
            bar = "━" * filled + " " * (_BAR - filled)
            content = Content.assemble(
                (f"{mark} ", "$text-success"), (bar, "$text-accent"), (f" {part.tokens:>5}  ", "bold"),
                (f"{_shown(part.where)}  ", ""), (_shown(part.reason), "$foreground 60%"),
            )  # fmt: skip
            yield _row(content, part)
        for path in along.excluded:
            content = Content.styled(f"✗ {'':{_BAR}} {'':>5}  {_shown(path)}  you left it out", "$text-warning")
            yield _Row(content, Place(path, 1), changeable=True)
        for part in along.left_out[:_LEFT_OUT]:
            text = f"  {'':{_BAR}} {'—':>5}  {_shown(part.where)}  {_shown(part.reason)}"
            yield _row(Content.styled(text, "$foreground 60%"), part)

    def _help(self) -> Content:
        words = {"pin_file": "pin", "exclude_file": "leave out", "open_piece": "open", "close_context": "close"}
        parts: list[tuple[str, str]] = []
        for name, word in words.items():
            if self._keys.get(name):
                parts += [(f"{key_name(self._keys[name][0])}", "bold $text-accent"), (f" {word}   ", "")]
        return Content.assemble(*parts)


def _row(content: Content, part: Part) -> _Row:
    return _Row(content, Place(part.path, max(1, part.first_line)), changeable=part.source not in _OWN)


def _shown(text: str) -> str:
    return seen(held(plain(text)))
