"""Looking as soon as something changes in the directories of open files. Where the system cannot tell (some network
file systems), it is looked now and then anyway."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

_GATHER_MS = 100
"""Changes that come together are looked at once."""


class Watching:
    """What an app watches."""

    def __init__(self, app: App[Any], changed: Callable[[], object]) -> None:
        self._app, self._changed = app, changed
        self._folders: frozenset[Path] = frozenset()
        self._stop = asyncio.Event()

    def follow(self, folders: frozenset[Path]) -> None:
        """Watch these directories, not what is below them, and no others."""
        if folders != self._folders:
            self.close()
            self._folders, self._stop = folders, asyncio.Event()
            if folders:
                self._app.run_worker(self._watch(folders, self._stop), group="watch", exit_on_error=False)

    def close(self) -> None:
        self._stop.set()
        self._folders = frozenset()

    async def _watch(self, folders: frozenset[Path], stop: asyncio.Event) -> None:
        from watchfiles import awatch

        with contextlib.suppress(OSError, RuntimeError):  # it cannot tell: of a folder that is gone, say
            async for _ in awatch(*folders, recursive=False, stop_event=stop, debounce=_GATHER_MS, step=50):
                self._changed()
