"""Coroutines that are run beside the app's messages, and the keys that follow those which start them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from textual.worker import Worker

from coder_tui.ui.bindings import Keyed

_TURN_S, _LOOK_S = 1.0, 0.002
"""So long the keys that follow wait at most for what one opens, and between two looks whether it is there."""


class InTurn(Keyed, inherit_bindings=False):
    """An app that runs them."""

    def _do(self, what: Callable[[], Coroutine[Any, Any, object]]) -> Worker[object]:
        """Run a coroutine that may ask the user something."""
        return self.run_worker(what(), exit_on_error=False)

    async def _ask(self, what: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run a coroutine that opens a screen or a file, until that is there: what is typed next is meant for it."""
        before, worker, began = self.screen, self._do(what), time.monotonic()
        while not worker.is_finished and (self.screen is before or self.screen.focused is None):
            if time.monotonic() - began > _TURN_S:  # it takes long: nothing is to hang on it
                return
            await asyncio.sleep(_LOOK_S)
