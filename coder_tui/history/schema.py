"""The database of sessions: its tables, and how it is opened by several processes, damaged, or by an older program."""

from __future__ import annotations

import contextlib
import glob
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from coder_tui.core.errors import HistoryError
from coder_tui.core.sqlite import BUSY_S, patiently

_MIGRATIONS = (
    """
CREATE TABLE sessions (id TEXT PRIMARY KEY, root TEXT NOT NULL, title TEXT NOT NULL, created REAL NOT NULL,
    updated REAL NOT NULL, model TEXT NOT NULL, settings TEXT NOT NULL);
CREATE INDEX sessions_by_root ON sessions (root, updated);
CREATE TABLE messages (id INTEGER PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    place INTEGER NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL, created REAL NOT NULL, state TEXT NOT NULL,
    usage TEXT NOT NULL, UNIQUE (session, place));
CREATE TABLE texts (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE attachments (message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, place INTEGER NOT NULL,
    name TEXT NOT NULL, first_line INTEGER NOT NULL, language TEXT NOT NULL, hash TEXT NOT NULL REFERENCES texts,
    PRIMARY KEY (message, place)) WITHOUT ROWID;
CREATE INDEX attachments_by_hash ON attachments (hash);
CREATE VIRTUAL TABLE said USING fts5 (text, content = 'messages', content_rowid = 'id',
    tokenize = "unicode61 tokenchars '_'");
CREATE TRIGGER said_new AFTER INSERT ON messages BEGIN
    INSERT INTO said (rowid, text) VALUES (new.id, new.text); END;
CREATE TRIGGER said_gone AFTER DELETE ON messages BEGIN
    INSERT INTO said (said, rowid, text) VALUES ('delete', old.id, old.text); END;
CREATE TRIGGER said_other AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO said (said, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO said (rowid, text) VALUES (new.id, new.text); END;
""",
)
"""Each brings the database one version further; a released one is never changed."""
_MAGIC = b"SQLite format 3\0"
_DAMAGED = ".damaged-"
VERSION = len(_MIGRATIONS)


class Opened(NamedTuple):
    """A database that is open."""

    db: sqlite3.Connection
    told: str
    """What the user must know of it: that a damaged one has been set aside; else empty."""
    file: tuple[int, int] | None
    """Which one it is, as `identity`."""


def opened(path: Path) -> Opened:
    """The database, made where there is none and set aside where it is damaged.

    Raises HistoryError when a newer program has made it, or it cannot be opened at all.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path):
            try:
                if not _looks_right(path):  # before SQLite sees it: it would remove the log of what it takes for none
                    raise sqlite3.DatabaseError("not a database")
                return Opened(patiently(_once, path), "", identity(path))
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                told = _set_aside(path)
                return Opened(patiently(_once, path), told, identity(path))
    except (sqlite3.Error, OSError) as error:
        raise _refused(path, error) from error


def mended(path: Path, damaged: tuple[int, int] | None) -> Opened:
    """As `opened`, for a database in which damage was found later; `damaged` says which file that was: where it is
    another one by now, some process has done it already. No connection to it may be open here."""
    try:
        with _alone(path):
            told = _set_aside(path) if identity(path) == damaged else ""
            return Opened(patiently(_once, path), told, identity(path))
    except (sqlite3.Error, OSError) as error:
        raise _refused(path, error) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, and not the disk or another process."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, whatever its name; None for none, and where that cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process opens it at a time: what one sets aside must not be another's. Raises OSError."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"), mode=0o600)
    try:
        lock.acquire(timeout=BUSY_S)
    except Timeout:
        raise OSError("another process is setting them aside") from None
    try:
        yield
    finally:
        lock.release()


def _once(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.text_factory = lambda data: data.decode("utf-8", "replace")  # a damaged page may hold anything
    try:
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        _migrate(db, path)
        db.execute("SELECT count(*) FROM sessions").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """One version after the other, each whole or not at all; another process may do the same at this moment."""
    while (version := _version(db)) != VERSION:
        if version > VERSION:
            raise HistoryError(
                f"{path} is from a newer version of coder", hint="update coder, or move the file away to begin anew"
            )
        db.execute("BEGIN IMMEDIATE")
        try:
            if _version(db) == version:
                for statement in _statements(_MIGRATIONS[version]):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {version + 1}")
            db.execute("COMMIT")
        except BaseException:
            db.rollback()  # nothing is left of it when Ctrl-C comes right behind COMMIT
            raise


def _statements(script: str) -> list[str]:
    found, part = list[str](), ""
    for line in script.strip().split("\n"):
        part += line + "\n"
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _set_aside(path: Path) -> str:
    """Give a damaged database another name, and begin anew with what can be read of it; what was done, in words. Raises
    OSError."""
    from coder_tui.history.salvage import salvage

    aside = _free(path)
    with tempfile.TemporaryDirectory(prefix=".salvage-", dir=path.parent) as folder:
        new = Path(folder) / path.name
        db = _once(new)
        try:
            count = salvage(path, db, Path(folder))
        finally:
            db.close()  # which leaves a single file
        for end in ("", "-wal"):  # the log may hold what was said last
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        new.rename(path)
    kept = f"; {count} of them could be read and {'is' if count == 1 else 'are'} kept" if count else ""
    return f"the sessions in {path} are damaged and have been set aside as {aside.name}{kept}"


def set_aside(path: Path) -> list[Path]:
    """The damaged databases that were set aside, and their logs."""
    return sorted(path.parent.glob(f"{glob.escape(path.name)}{_DAMAGED}*"))


def _free(path: Path) -> Path:
    """A name that says when, and that nothing has."""
    name = f"{path.name}{_DAMAGED}{time.strftime('%Y%m%d-%H%M%S')}"
    names = (path.with_name(name if number == 1 else f"{name}-{number}") for number in itertools.count(1))
    return next(one for one in names if not one.exists() and not one.with_name(f"{one.name}-wal").exists())


def _looks_right(path: Path) -> bool:
    """Whether a file begins as a database does, or is not there or empty yet."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) in (b"", _MAGIC)
    except FileNotFoundError:
        return True


def _refused(path: Path, error: Exception) -> HistoryError:
    said = getattr(error, "strerror", None) or str(error)
    return HistoryError(f"the sessions in {path} cannot be opened: {said.lower()}")
