"""What git says of a repository's changes and history, asked beside: in a large repository it may take its time, and a
suggestion does not wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from coder_tui.context import repository

_PATIENCE_S = 0.3
"""So long the first answer is waited for: mostly it is there by then."""
_FRESH_S = 10.0
_COMMITS = 5


class GitAnswers:
    """The latest answers. For one thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[object, object] = {}
        self._asked: dict[object, float] = {}
        self._asking: dict[object, threading.Thread] = {}

    def changes(self) -> str:
        """See `repository.changes`, of all files."""
        return str(self._answer("changes", lambda: repository.changes(self._root)) or "")

    def touching(self, path: str) -> list[tuple[str, str]]:
        """See `repository.touching`."""
        found = self._answer(path, lambda: repository.touching(self._root, path, _COMMITS))
        return found if isinstance(found, list) else []

    def _answer(self, key: object, question: Callable[[], object]) -> object:
        if not (self._root / ".git").exists():
            return None
        thread = self._asking.get(key)
        if (thread is None or not thread.is_alive()) and time.monotonic() - self._asked.get(key, -_FRESH_S) >= _FRESH_S:

            def ask() -> None:
                self._known[key] = question()
                self._asked[key] = time.monotonic()

            thread = self._asking[key] = threading.Thread(target=ask, name="git", daemon=True)
            thread.start()
        if key not in self._known and thread is not None:
            thread.join(_PATIENCE_S)
        return self._known.get(key)
