"""What an app knows of where it works: the repository around the files, kept up to date by a process of its own, what
was worked on lately, and the chats that are kept. No key waits for it: it comes up behind the first picture.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.assistant.symbols import Names
from coder_tui.config.schema import Settings
from coder_tui.core.errors import HistoryError

if TYPE_CHECKING:
    from coder_tui.assistant.recorder import Recorder
    from coder_tui.assistant.surroundings import Surroundings
    from coder_tui.context.indexer import Indexer
    from coder_tui.history.sessions import Sessions


class Workspace:
    """One directory."""

    def __init__(self, directory: Path, root: Path | None, settings: Settings) -> None:
        self._directory = directory
        self._root = root
        self._settings = settings
        self._lock = threading.Lock()
        """Guards what follows."""
        self._surroundings: Surroundings | None = None
        self._indexer: Indexer | None = None
        self._sessions: Sessions | None = None
        self._is_closed = False
        self.names = Names(root or directory)
        """What is defined where."""
        self.notice = ""
        """What the user must be told of the chats that are kept; empty for nothing."""

    @property
    def surroundings(self) -> Surroundings | None:
        """Where suggestions and chats look; None until it is there."""
        return self._surroundings

    def open(self) -> None:
        """Start what takes a moment; for a thread of its own."""
        from coder_tui.assistant.surroundings import Surroundings, patterns
        from coder_tui.context.indexer import Indexer

        exclude = patterns(self._settings.context.exclude)
        with self._lock:
            if not self._is_closed:
                # Without a repository the directory may be anybody's home: it is looked at, but not watched.
                with suppress(OSError):  # no process is to be had: what files import is found all the same
                    self._indexer = Indexer(self._directory, exclude) if self._root is not None else None
                self._surroundings = Surroundings(self._directory, self._settings, updating=self._indexer)

    def touched(self, path: str, line: int, lines: Sequence[str], what: str) -> None:
        """Somebody had to do with a place: edited, opened or copied. Paths are those of the repository."""
        if self._surroundings is not None and path:
            self._surroundings.touched(path, line, lines, what)

    def recorder(self, model: str, session: str = "") -> Recorder:
        """What keeps a new chat, or goes on with one; keeps nothing where that is turned off or not possible."""
        from coder_tui.assistant.recorder import Recorder

        sessions = self.sessions()
        if sessions is None:
            return Recorder(None, trouble=self.notice)
        chosen = self._settings.chat
        settings = {"temperature": chosen.temperature, "system": chosen.system}
        return Recorder(sessions, str(self._root or ""), model, settings, session)

    def sessions(self) -> Sessions | None:
        """The chats that are kept; None where that is turned off or not possible. May take a moment."""
        from coder_tui.config import paths
        from coder_tui.history.sessions import Sessions

        if self._settings.history.enabled == "off":
            return None
        with self._lock:
            if self._sessions is None and not self._is_closed:
                try:
                    self._sessions = Sessions(paths.sessions_file())
                except HistoryError as error:
                    self.notice = f"{error}; chats are not kept"
            return self._sessions

    def close(self) -> None:
        """End its process and close what is open."""
        with self._lock:
            self._is_closed = True
            for one in (self._indexer, self._surroundings, self._sessions):
                if one is not None:
                    one.close()
            self._surroundings = None
        self.names.close()
