"""What can still be read of a damaged database of sessions: looked up row by row, since a damaged page ends a scan."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

_MOST_ROWS = 1_000_000
"""A damaged page may say any number."""
_UNKNOWN = 50_000
"""Rows that are looked for where it says none."""
_SESSION = "id, root, title, created, updated, model, settings"
_MESSAGE = "id, session, place, role, text, created, state, usage"
_ATTACHED = "message, place, name, first_line, language, hash"
_Row = tuple[object, ...]


def salvage(damaged: Path, new: sqlite3.Connection, folder: Path) -> int:
    """Put what can be read of a damaged database into an empty new one; the number of sessions. The damaged one is read
    from a copy in `folder`, so that it stays as it is with its log. Raises OSError, sqlite3.Error for the new one."""
    copy = folder / "damaged.db"
    for end in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(damaged.with_name(damaged.name + end), copy.with_name(copy.name + end))
    old = sqlite3.connect(copy, isolation_level=None)
    old.text_factory = lambda data: data.decode("utf-8", "replace")
    is_database = False
    try:
        with contextlib.suppress(sqlite3.Error):
            old.execute("SELECT count(*) FROM sqlite_master")
            is_database = True
        new.execute("BEGIN IMMEDIATE")
        if is_database:
            _copy(old, new)
        count = int(new.execute("SELECT count(*) FROM sessions").fetchone()[0])
        new.execute("COMMIT")
    finally:
        old.close()
    return count


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    for row in _rows(old, f"SELECT {_SESSION} FROM sessions WHERE rowid = ?", _numbers(old, "sessions")):  # noqa: S608
        if _is_of(row, (str, str, str, float, float, str, str)) and _is_json(row[6]):
            _put(new, "sessions", row)
    for row in _rows(old, f"SELECT {_MESSAGE} FROM messages WHERE id = ?", _numbers(old, "messages")):  # noqa: S608
        number, session, _, role, text, created, _, usage = row
        is_sound = _is_of(row, (int, str, int, str, str, float, str, str)) and role in ("user", "assistant")
        if not is_sound or not (usage == "" or _is_json(usage)):
            continue
        # The session's own row may be what is damaged: what was said in it is worth more than its name.
        _put(new, "sessions", (session, "", str(text)[:60] or "untitled", created, created, "", "{}"))
        if _put(new, "messages", row):
            _copy_attached(old, new, number)


def _copy_attached(old: sqlite3.Connection, new: sqlite3.Connection, message: object) -> None:
    with contextlib.suppress(sqlite3.Error):
        for row in old.execute(f"SELECT {_ATTACHED} FROM attachments WHERE message = ?", (message,)):  # noqa: S608
            for text in _rows(old, "SELECT hash, text FROM texts WHERE hash = ?", [row[-1]]):
                if _is_of((*text, *row), (str, str, int, int, str, int, str, str)):
                    _put(new, "texts", text)
                    _put(new, "attachments", row)


def _numbers(old: sqlite3.Connection, table: str) -> range:
    """Of the rows that there may be."""
    try:
        last = old.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]  # noqa: S608 - a name of ours
    except sqlite3.Error:
        last = _UNKNOWN
    return range(1, min(last if isinstance(last, int) else 0, _MOST_ROWS) + 1)


def _rows(old: sqlite3.Connection, query: str, keys: Iterable[object]) -> Iterator[_Row]:
    for key in keys:
        with contextlib.suppress(sqlite3.Error):
            row = old.execute(query, (key,)).fetchone()
            if row is not None:
                yield row


def _put(new: sqlite3.Connection, table: str, row: _Row) -> bool:
    """Whether there was no such row."""
    places = ", ".join("?" * len(row))
    with contextlib.suppress(sqlite3.IntegrityError):  # of a session that is not there, say
        return new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", row).rowcount > 0  # noqa: S608
    return False


def _is_of(row: _Row, kinds: tuple[type, ...]) -> bool:
    return all(map(isinstance, row, kinds))


def _is_json(value: object) -> bool:
    try:
        return isinstance(value, str) and isinstance(json.loads(value), dict)
    except ValueError:
        return False
