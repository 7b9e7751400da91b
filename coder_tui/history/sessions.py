"""Sessions and what was said in them: written as it arrives, listed, searched, forked, deleted.

Every method raises HistoryError when the disk fails or is full; what was stored before stays.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from coder_tui.core.errors import HistoryError
from coder_tui.history.database import Database

_TITLE_CHARS = 60
_EXCERPT_TOKENS = 12
_WORD = re.compile(r"\w+")
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Session:
    """A chat."""

    id: str
    root: str
    """Of the repository it is about; empty for none."""
    title: str
    created: float
    """Seconds since the epoch."""
    updated: float
    model: str
    settings: Mapping[str, object]
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Attached:
    """A text that went with a question."""

    name: str
    text: str
    first_line: int = 0
    """0-based, in its file."""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A message."""

    role: Role
    text: str
    attachments: tuple[Attached, ...] = ()
    created: float = 0.0
    is_whole: bool = True
    """False for an answer that was cut off: stopped, or the program ended."""
    usage: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A message that a search has found."""

    session: Session
    place: int
    """Of the message in its session, from 0."""
    excerpt: str
    """The words that were searched for stand between \\x02 and \\x03."""


class Sessions:
    """The database. Its methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Opens it, or makes it. Raises HistoryError."""
        self._base = Database(path)

    @property
    def notice(self) -> str:
        """What the user must be told once: that a damaged database was set aside, now or when it was found; empty for
        nothing."""
        return self._base.notice

    def close(self) -> None:
        self._base.close()

    def new(self, *, root: str, model: str, settings: Mapping[str, object] | None = None) -> str:
        """Begin a session; its id."""
        name, now = _new_id(), time.time()
        row = (name, root, "", now, now, model, json.dumps(settings or {}))
        self._base.write(lambda db: db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", row))
        return name

    def add(self, session: str, said: Said) -> int:
        """Put a message at the end of a session; its number, for `update`. The first question gives the title."""
        return self._base.write(lambda db: _added(db, session, said))

    def update(self, number: int, text: str, *, is_whole: bool, usage: Mapping[str, float] | None = None) -> None:
        """What has come of an answer so far, or all of it."""
        row = (_storable(text), "whole" if is_whole else "partial", json.dumps(usage) if usage else "", number)

        def work(db: sqlite3.Connection) -> None:
            done = db.execute("UPDATE messages SET text = ?, state = ?, usage = ? WHERE id = ?", row)
            if not done.rowcount:
                raise HistoryError("the session could not be kept: it is not there any more")
            times = (time.time(), number)
            db.execute("UPDATE sessions SET updated = ? WHERE id = (SELECT session FROM messages WHERE id = ?)", times)

        self._base.write(work)

    def messages(self, session: str) -> list[Said]:
        """All that was said, in its order."""
        query = "SELECT id, role, text, created, state, usage FROM messages WHERE session = ? ORDER BY place"
        return self._base.read(
            lambda db: [
                Said(role, text, _attached(db, number), created, state == "whole", _object(usage) or None)
                for number, role, text, created, state, usage in db.execute(query, (session,)).fetchall()
            ]
        )

    def all(self, root: str | None = None, limit: int | None = None) -> list[Session]:
        """Sessions, the latest first, up to `limit`; of one repository unless `root` is None."""
        where = "" if root is None else "WHERE root = ?"
        query = f"SELECT {_SESSION} FROM sessions {where} ORDER BY updated DESC, id LIMIT ?"  # noqa: S608
        most = -1 if limit is None else limit
        given = (most,) if root is None else (root, most)
        return self._base.read(lambda db: [_session(row) for row in db.execute(query, given)])

    def find(self, prefix: str, root: str | None = None) -> Session:
        """The session whose id begins, or ends, like this. Raises HistoryError when none or several do."""
        where = "substr(sessions.id, 1, length(?1)) = ?1 OR substr(sessions.id, -length(?1)) = ?1"
        query = f"SELECT {_SESSION} FROM sessions WHERE ({where}) AND (?2 IS NULL OR root = ?2)"  # noqa: S608
        found = self._base.read(lambda db: [_session(row) for row in db.execute(query, (prefix, root)) if prefix])
        if len(found) == 1:
            return found[0]
        what = f"{prefix} means {len(found)} sessions" if found else f"there is no session {prefix}"
        raise HistoryError(what, hint="coder sessions list")

    def search(self, words: str, root: str | None = None, limit: int = 50) -> list[Found]:
        """Messages with all of these words, the best first. Whatever is typed is taken as words, never as a query."""
        terms = _WORD.findall(words)
        if not terms:
            return []
        asked = " ".join(f'"{term}"' for term in terms) + "*"
        where = "" if root is None else "AND root = ?"
        query = (
            f"SELECT {_SESSION}, messages.place, snippet(said, 0, char(2), char(3), '…', {_EXCERPT_TOKENS}) FROM said"  # noqa: S608
            " JOIN messages ON messages.id = said.rowid JOIN sessions ON sessions.id = messages.session"
            f" WHERE said MATCH ? {where} ORDER BY rank LIMIT ?"
        )
        given = (asked, limit) if root is None else (asked, root, limit)
        rows = self._base.read(lambda db: db.execute(query, given).fetchall())
        return [Found(_session(row[:-2]), row[-2], row[-1]) for row in rows]

    def questions(self, root: str, limit: int = 500) -> list[str]:
        """What was asked in a repository, the latest first, each once."""
        query = (
            "SELECT text FROM messages JOIN sessions ON sessions.id = messages.session"
            " WHERE role = 'user' AND root = ? ORDER BY messages.id DESC LIMIT ?"
        )
        rows = self._base.read(lambda db: db.execute(query, (root, limit)).fetchall())
        return list(dict.fromkeys(text for (text,) in rows))

    def fork(self, session: str, count: int | None = None) -> str:
        """A new session that begins with the first `count` messages of another, all of them without; its id. It is
        there with all of them, or not at all."""
        old, new = self.find(session), _new_id()
        self._base.write(lambda db: _forked(db, old, new, -1 if count is None else count))
        return new

    def delete(self, *sessions: str) -> None:
        """Forget sessions, and texts that no other has."""

        def work(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM sessions WHERE id = ?", [(one,) for one in sessions])
            db.execute("DELETE FROM texts WHERE hash NOT IN (SELECT hash FROM attachments)")
            db.execute("INSERT INTO said (said) VALUES ('rebuild')")  # its words would stay until it is merged

        self._base.write(work)
        self._base.forget_log()


def _added(db: sqlite3.Connection, session: str, said: Said) -> int:
    now = said.created or time.time()
    usage, state = json.dumps(said.usage) if said.usage else "", "whole" if said.is_whole else "partial"
    place = db.execute("SELECT coalesce(max(place) + 1, 0) FROM messages WHERE session = ?", (session,)).fetchone()[0]
    row = (session, place, said.role, _storable(said.text), now, state, usage)
    columns = "session, place, role, text, created, state, usage"
    added = db.execute(f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    number = int(added.lastrowid or 0)
    for at, one in enumerate(said.attachments):
        digest = hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest()
        db.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (digest, _storable(one.text)))
        attached = (number, at, one.name, one.first_line, one.language, digest)
        db.execute("INSERT INTO attachments VALUES (?, ?, ?, ?, ?, ?)", attached)
    db.execute("UPDATE sessions SET updated = ? WHERE id = ?", (time.time(), session))
    if place == 0:
        db.execute("UPDATE sessions SET title = ? WHERE id = ?", (title_of(said.text), session))
    return number


def _forked(db: sqlite3.Connection, old: Session, new: str, most: int) -> None:
    now = time.time()
    columns = "place, role, text, created, state, usage"
    row = (new, old.root, old.title, now, now, old.model, json.dumps(dict(old.settings)))
    db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    query = f"SELECT id, {columns} FROM messages WHERE session = ? ORDER BY place LIMIT ?"  # noqa: S608
    for number, *values in db.execute(query, (old.id, most)).fetchall():
        insert = f"INSERT INTO messages (session, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        added = db.execute(insert, (new, *values)).lastrowid
        db.execute(
            "INSERT INTO attachments SELECT ?, place, name, first_line, language, hash FROM attachments"
            " WHERE message = ?",
            (added, number),
        )


def _attached(db: sqlite3.Connection, message: int) -> tuple[Attached, ...]:
    columns, order = "name, text, first_line, language", "WHERE message = ? ORDER BY place"
    query = f"SELECT {columns} FROM attachments JOIN texts USING (hash) {order}"  # noqa: S608
    return tuple(Attached(*row) for row in db.execute(query, (message,)))


def _new_id() -> str:
    """Begins with the time, so that ids are in the order of their sessions."""
    return f"{int(time.time()):08x}{secrets.token_hex(4)}"


_SESSION = (
    "sessions.id, root, title, sessions.created, updated, model, settings,"
    " (SELECT count(*) FROM messages AS counted WHERE counted.session = sessions.id)"
)


def title_of(question: str) -> str:
    """A line that tells what a chat is about: the beginning of its first question."""
    line = next((line.strip() for line in question.split("\n") if _WORD.search(line)), "")
    line = re.sub(r"^[#>*\-\s`]+", "", line)
    if len(line) <= _TITLE_CHARS:
        return _storable(line) or "untitled"
    cut = line[: _TITLE_CHARS - 1]
    return _storable(cut.rsplit(" ", 1)[0] if " " in cut[_TITLE_CHARS // 2 :] else cut) + "…"


def _session(row: Sequence[object]) -> Session:
    name, root, title, created, updated, model, settings, count = row
    return Session(str(name), str(root), str(title), float(str(created)), float(str(updated)), str(model),
        _object(str(settings)), int(str(count)))  # fmt: skip


def _storable(text: str) -> str:
    """SQLite takes no lone surrogates, which stand for bytes that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _object(text: str) -> dict[str, Any]:
    """Of JSON; nothing where a damaged page has something else."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
