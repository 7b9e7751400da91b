"""Marks beside lines that differ from what is committed."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

from textual.app import App
from textual.timer import Timer

from coder_tui.context import repository
from coder_tui.core.errors import CoderError
from coder_tui.core.standins import held
from coder_tui.edits import changes, files
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.telling import in_thread

_WAIT_S = 0.4
"""After a change, so that typing is not compared key by key."""


class Gutter:
    """The marks of an app's open files."""

    def __init__(self, app: App[None], root: Path | None) -> None:
        self._app, self._root = app, root
        self._committed: dict[int, list[str] | None] = {}
        """Lines in HEAD, by number of the file; None where HEAD does not have it."""
        self._timer: Timer | None = None

    def forget(self) -> None:
        """Something may have been committed."""
        self._committed.clear()

    def later(self, file: OpenFile) -> None:
        """The text has changed: compare in a moment."""
        if self._root is not None:
            if self._timer is not None:
                self._timer.stop()
            self._timer = self._app.set_timer(_WAIT_S, lambda: self._start(file))

    def _start(self, file: OpenFile) -> None:
        self._app.run_worker(self.compare(file), group="gutter", exclusive=True, exit_on_error=False)

    async def compare(self, file: OpenFile) -> None:
        """Compare a file with HEAD now."""
        root = self._root
        if root is None or not file.path_name or file.path is None:
            return
        if file.number not in self._committed:
            lines: list[str] | None = None
            with contextlib.suppress(CoderError):  # without git there are no marks; the tree has said why
                lines = await in_thread(partial(_head, root, file.path_name, file.path))
            self._committed[file.number] = lines
        before = self._committed[file.number]
        after = list(file.area.document.lines)
        file.area.marks = await in_thread(partial(changes.marks, before, after)) if before is not None else {}
        file.area.refresh()


def _head(root: Path, name: str, path: Path) -> list[str] | None:
    """Lines of a file in HEAD, in held form."""
    data = repository.committed(root, name)
    return None if data is None else held(files.parse_text(data, path).text).split("\n")
