"""The index of a repository on disk: what each file defines, imports and mentions, in SQLite.

One process writes, any number read (WAL). It can be made again at any time: a damaged or older one is removed. A
connection belongs to the thread that opened it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from coder_tui.context.described import described
from coder_tui.context.entries import Entry, Row, load
from coder_tui.context.symbols import Facts, Import, Symbol
from coder_tui.core.sqlite import BUSY_S, patiently

VERSION = 6
_SYMBOL = "name, kind, parent, first_line, last_line, signature, doc"
_SCHEMA = """
CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
    refused TEXT NOT NULL, namespace TEXT NOT NULL, secret_lines TEXT NOT NULL, import_lines TEXT NOT NULL);
CREATE TABLE symbols (file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, name TEXT NOT NULL, kind TEXT NOT NULL,
    parent TEXT NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, signature TEXT NOT NULL,
    doc TEXT NOT NULL);
CREATE INDEX symbols_by_name ON symbols (name);
CREATE INDEX symbols_by_file ON symbols (file);
CREATE TABLE imports (file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, module TEXT NOT NULL,
    name TEXT NOT NULL, alias TEXT NOT NULL);
CREATE INDEX imports_by_file ON imports (file);
CREATE TABLE edges (file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, target TEXT NOT NULL,
    PRIMARY KEY (target, file)) WITHOUT ROWID;
CREATE INDEX edges_by_file ON edges (file);
CREATE VIRTUAL TABLE words USING fts5 (names, detail = none, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_$'");
CREATE TABLE together (path TEXT NOT NULL, other TEXT NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (path, other)) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """An open index. Its methods raise sqlite3.Error when the disk fails or the file is damaged."""

    def __init__(self, path: Path) -> None:
        """Opens it, or makes an empty one. Raises OSError, sqlite3.Error."""
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._db = patiently(_opened, path)
        except sqlite3.OperationalError:  # the disk is full, or somebody writes for long: the file may be good
            raise
        except sqlite3.DatabaseError:
            remove(path)
            self._db = _opened(path)
        self._file = path.stat().st_ino

    @property
    def is_there(self) -> bool:
        """False when it was removed since, or is another file."""
        with contextlib.suppress(OSError):
            return self.path.stat().st_ino == self._file
        return False

    def close(self) -> None:
        self._db.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """What is written in this context is there for others when it ends, all of it or nothing."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def states(self) -> dict[str, tuple[int, int]]:
        """(mtime in ns, size in bytes) by path, of all files."""
        rows = self._db.execute("SELECT path, mtime_ns, size FROM files")
        return {path: (mtime, size) for path, mtime, size in rows}

    def states_of(self, paths: Iterable[str]) -> dict[str, tuple[int, int]]:
        """The same of some files, as far as they are known."""
        query = "SELECT mtime_ns, size FROM files WHERE path = ?"
        found = ((path, self._db.execute(query, (path,)).fetchone()) for path in paths)
        return {path: row for path, row in found if row is not None}

    def namespaces_of(self, paths: Iterable[str]) -> list[str]:
        """What some files say that they are in, in the order of their paths."""
        query = "SELECT namespace FROM files WHERE path = ?"
        return [str(row[0]) for path in paths if (row := self._db.execute(query, (path,)).fetchone()) is not None]

    def refused(self) -> dict[str, str]:
        """Why files are not sent, by the path of each that is not."""
        return dict(self._db.execute("SELECT path, refused FROM files WHERE refused <> ''"))

    def paths(self) -> list[str]:
        """Of the files that may be sent."""
        return [path for (path,) in self._db.execute("SELECT path FROM files WHERE refused = ''")]

    def namespaces(self, endings: Sequence[str]) -> dict[str, str]:
        """The namespaces of the files whose paths end with one of these, where they name one."""
        ends = tuple(endings)
        rows = self._db.execute("SELECT path, namespace FROM files WHERE namespace <> ''")
        return {path: namespace for path, namespace in rows if path.endswith(ends)}

    def put(self, rows: Iterable[Row]) -> None:
        """Replace what is known of files."""
        symbols, imports, words = list[tuple[object, ...]](), list[tuple[object, ...]](), list[tuple[object, str]]()
        for file_row, its_symbols, its_imports, names in rows:
            self.remove([file_row[0]])
            file = self._db.execute(
                "INSERT INTO files (path, mtime_ns, size, refused, namespace, secret_lines, import_lines)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                file_row,
            ).lastrowid
            symbols += [(file, *one) for one in its_symbols]
            imports += [(file, *one) for one in its_imports]
            if names:
                words.append((file, names))
        self._db.executemany("INSERT INTO symbols VALUES (?, ?, ?, ?, ?, ?, ?, ?)", symbols)
        self._db.executemany("INSERT INTO imports VALUES (?, ?, ?, ?)", imports)
        self._db.executemany("INSERT INTO words (rowid, names) VALUES (?, ?)", words)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            row = self._db.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
            if row is not None:
                self._db.execute("DELETE FROM words WHERE rowid = ?", row)
                self._db.execute("DELETE FROM files WHERE id = ?", row)

    def entry(self, path: str) -> Entry | None:
        """What is known of a file."""
        row = self._db.execute(
            "SELECT id, mtime_ns, size, refused, namespace, secret_lines, import_lines FROM files WHERE path = ?",
            (path,),
        ).fetchone()
        if row is None:
            return None
        file, mtime, size, refused, namespace, secret, lines = row
        symbols = self._db.execute(
            f"SELECT {_SYMBOL} FROM symbols WHERE file = ? ORDER BY rowid",  # noqa: S608
            (file,),
        )
        imports = self._db.execute("SELECT module, name, alias FROM imports WHERE file = ? ORDER BY rowid", (file,))
        facts = Facts(tuple(Symbol(*s) for s in symbols), tuple(Import(*i) for i in imports), namespace, load(lines))
        return Entry(mtime, size, refused, facts, load(secret))

    def definitions(self, name: str, limit: int) -> list[tuple[str, Symbol]]:
        """(path, symbol) of what has this name, in the order of paths."""
        rows = self._db.execute(
            f"SELECT files.path, {_SYMBOL} FROM symbols JOIN files ON files.id = file"  # noqa: S608
            " WHERE name = ? ORDER BY files.path, first_line LIMIT ?",
            (name, limit),
        )
        return [(path, Symbol(*symbol)) for path, *symbol in rows]

    def matching(self, letters: str, limit: int = 2000) -> list[tuple[str, Symbol]]:
        """(path, symbol) of what has these letters, in their order, in its name or before it in that of its class;
        upper and lower case are not told apart. The shortest first: of many the one that was meant is among them."""
        escaped = (f"\\{letter}" if letter in "%_\\" else letter for letter in letters)
        title = "CASE parent WHEN '' THEN name ELSE parent || '.' || name END"
        rows = self._db.execute(
            f"SELECT files.path, {_SYMBOL} FROM symbols JOIN files ON files.id = file"  # noqa: S608
            f" WHERE {title} LIKE ? ESCAPE '\\' ORDER BY length(name) LIMIT ?",
            (f"%{'%'.join(escaped)}%", limit),
        )
        return [(path, Symbol(*symbol)) for path, *symbol in rows]

    def described(
        self, stems: Sequence[str], least: int, limit: int
    ) -> tuple[Sequence[int], int, list[tuple[str, Symbol]]]:
        """See `described`; (path, symbol) of definitions."""
        counts, total, rows = described(self._db, f"path, {_SYMBOL}", stems, least, limit)
        return counts, total, [(path, Symbol(*symbol)) for path, *symbol in rows]

    def mentioning(self, name: str, limit: int) -> list[str]:
        """Files in which a name occurs; upper and lower case are not told apart."""
        query = "SELECT path FROM words JOIN files ON files.id = words.rowid WHERE words MATCH ? LIMIT ?"
        quoted = '"' + name.replace('"', '""') + '"'
        return [path for (path,) in self._db.execute(query, (quoted, limit))]

    def importers(self, path: str) -> list[str]:
        """Files that import a file, in order."""
        query = "SELECT path FROM edges JOIN files ON files.id = edges.file WHERE target = ? ORDER BY path"
        return [found for (found,) in self._db.execute(query, (path,))]

    def imported(self, path: str) -> list[str]:
        """Files that a file imports, in order."""
        query = "SELECT target FROM edges JOIN files ON files.id = edges.file WHERE path = ? ORDER BY target"
        return [found for (found,) in self._db.execute(query, (path,))]

    def link(self, edges: Mapping[str, Sequence[str]]) -> None:
        """Replace what these files import."""
        for path, targets in edges.items():
            row = self._db.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
            if row is not None:
                self._db.execute("DELETE FROM edges WHERE file = ?", row)
                self._db.executemany(
                    "INSERT OR IGNORE INTO edges VALUES (?, ?)", [(row[0], target) for target in targets]
                )

    def all_imports(self) -> Iterator[tuple[str, list[Import]]]:
        """The imports of each file that has any."""
        rows = self._db.execute(
            "SELECT path, module, name, alias FROM imports JOIN files ON files.id = file ORDER BY file"
        )
        path, found = "", list[Import]()
        for of, *one in rows:
            if of != path and found:
                yield path, found
                found = []
            path = of
            found.append(Import(*one))
        if found:
            yield path, found

    def put_together(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Replace what is known of files that change together: (path, other) -> times."""
        self._db.execute("DELETE FROM together")
        self._db.executemany(
            "INSERT INTO together VALUES (?, ?, ?)", [(*pair, times) for pair, times in counts.items()]
        )

    def together(self, path: str, limit: int) -> list[tuple[str, int]]:
        """(path, times) of files that changed in the same commits, the most frequent first."""
        query = "SELECT other, times FROM together WHERE path = ? ORDER BY times DESC, other LIMIT ?"
        return list(self._db.execute(query, (path, limit)))

    def meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def remove(path: Path) -> None:
    """An index and what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to an index of this version. Raises sqlite3.DatabaseError for a file that is none."""
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")  # what a power cut damages is made again
        db.execute("PRAGMA foreign_keys = ON")
        if _version(db) == 0:
            _make(db, path)
        if _version(db) != VERSION:
            raise sqlite3.DatabaseError(f"version {_version(db)}")
        db.execute("SELECT count(*) FROM meta").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _make(db: sqlite3.Connection, path: Path) -> None:
    """The tables, unless another process makes them at the same moment."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if _version(db) == 0:
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
            path.chmod(0o600)
        db.execute("COMMIT")
    except BaseException:
        db.rollback()  # nothing is left of it when Ctrl-C comes right behind COMMIT
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
