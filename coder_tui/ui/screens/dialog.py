"""What all screens above the app's own have in common."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A screen that is left once: keys come faster than it goes, and Textual would leave another one for the second.
    They come faster than it is there, too: what is typed before its field has the focus goes there all the same."""

    _early: tuple[events.Key, ...] = ()
    _is_there = False

    def _forward_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not self._is_there:
            self._early = (*self._early, event)
        else:
            super()._forward_event(event)

    def on_mount(self) -> None:
        """Behind that of the screen itself, and when Textual has given the focus to one of its fields."""
        self._is_there = True
        early, self._early = self._early, ()
        for key in early:
            if self.focused is None:
                super()._forward_event(key)
            else:
                self.focused._forward_event(key)  # noqa: SLF001 - as the app does

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        if self not in self.app.screen_stack:
            return AwaitComplete()
        for waiting in self._result_callbacks[-1:]:
            # Textual would call it behind the keys that have come since: those are meant for what it opens
            if waiting.callback is not None:
                waiting.requester.call_later(waiting.callback, result)
                waiting.callback = None
        return super().dismiss(result)
