"""The database of sessions while it is open: what is read and written in it, whole or not at all, and what happens when
damage is found in it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from coder_tui.core.errors import HistoryError
from coder_tui.history import schema

T = TypeVar("T")
_Work = Callable[[sqlite3.Connection], T]


class Database:
    """One connection, for any thread. Raises HistoryError, in words for the user."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.connection, self.notice, self._file = schema.opened(path)
        """`notice`: what the user must be told; empty for nothing."""

    def close(self) -> None:
        self.connection.close()

    def read(self, work: _Work[T]) -> T:
        """What `work` finds."""
        with self._lock:
            return self._run(work)

    def write(self, work: _Work[T]) -> T:
        """All that `work` writes, or nothing of it."""

        def whole(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                done = work(db)
                db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk has rolled back by itself
                    db.execute("ROLLBACK")
                raise
            return done

        with self._lock:
            return self._run(whole)

    def forget_log(self) -> None:
        """What was deleted must not stay in the log beside the database."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _run(self, work: _Work[T]) -> T:
        if schema.identity(self._path) != self._file:
            self._open_anew()
            raise HistoryError(
                "the session could not be kept: another process has set the sessions aside meanwhile, or they were "
                "taken away"
            )
        try:
            return work(self.connection)
        except sqlite3.Error as error:
            if not schema.is_damage(error):
                raise _told(error) from error
        self._open_anew()
        try:
            return work(self.connection)
        except sqlite3.Error as error:
            raise _told(error) from error

    def _open_anew(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()
        self.connection, told, self._file = schema.mended(self._path, self._file)
        self.notice = told or self.notice


def _told(error: sqlite3.Error) -> HistoryError:
    """A failure of the database in words."""
    hint = "make room on the disk" if "full" in str(error) else None
    return HistoryError(f"the session could not be kept: {error}", hint=hint)
