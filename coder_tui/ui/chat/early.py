"""Questions that are sent before the model is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from coder_tui.ui.bindings import said, table_of

if TYPE_CHECKING:
    from coder_tui.assistant.opening import Ready
    from coder_tui.ui.chat.panel import ChatPanel

_LOOK_S = 0.05
"""Between two looks whether it is there."""


class Early:
    """They wait for it, in sight, in their order."""

    def __init__(self, panel: ChatPanel) -> None:
        self._panel = panel
        self._waiting: dict[object, str] = {}
        self.model: Callable[[], Ready | None] = lambda: None
        """None while it is being loaded; raises NoModelError where none is."""

    async def ready(self, text: str) -> Ready | None:
        """The model, for a question; None for one that waits no longer. Raises NoModelError."""
        me = object()
        self._waiting[me] = text
        try:
            while (ready := self.model()) is None or next(iter(self._waiting)) is not me:
                self._panel.waiting([*self._waiting.values()])
                self._panel.say(f"the model is being loaded · {said(table_of(self._panel), {'stop': 'stops'})}")
                await asyncio.sleep(_LOOK_S)
                if me not in self._waiting:
                    return None
            return ready
        finally:
            self._waiting.pop(me, None)
            self._panel.waiting([*self._waiting.values()])
            self._panel.say("")

    def stop(self) -> str:
        """Have none wait any longer; the text of all of them, empty for none."""
        text = "\n\n".join(self._waiting.values())
        if text:
            self._waiting.clear()
            self._panel.waiting(())
            self._panel.say("")
        return text
