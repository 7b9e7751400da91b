"""What the model is doing while nothing else can be done, and a way out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from coder_tui.config.keymap import Where
from coder_tui.core.errors import StoppedError
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import bindings, said, table_of
from coder_tui.ui.screens.dialog import Dialog
from coder_tui.ui.telling import in_thread

T = TypeVar("T")


class Working(Dialog[None]):
    """Shows what is said; Escape wishes an end."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.DIALOG)]

    def __init__(self, title: str, stop: threading.Event) -> None:
        super().__init__()
        self._title, self._stop = title, stop

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_subtitle = said(table_of(self), {"close_dialog": "stops"})
            yield Static(Content(plain(self._title)), classes="dialog-title")
            yield Static(Content("…"), id="working", classes="dialog-detail")

    def say(self, text: str) -> None:
        for line in self.query("#working").results(Static):  # it may have ended by now
            line.update(Content(plain(text)))

    def action_close_dialog(self) -> None:
        self._stop.set()
        self.say("stopping …")


async def working(app: App[None], title: str, work: Callable[[Callable[[str], None]], T]) -> T | None:
    """Run work in a thread while the screen shows what it says; None when it was stopped. `work` gets a function that
    tells in a few words what is going on, and raises StoppedError once an end is wished."""
    stop = threading.Event()
    screen = Working(title, stop)

    def say(text: str) -> None:
        if stop.is_set():
            raise StoppedError("stopped")
        app.call_later(screen.say, text)

    await app.push_screen(screen)
    try:
        return await in_thread(lambda: work(say))
    except StoppedError:
        return None
    finally:
        screen.dismiss()
