"""Definitions by words: a look at every definition of an index, for a question that names none."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

_LONGEST_S = 1.0
"""In a repository of a million definitions it would take several seconds, and the index is held meanwhile."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""
_TEXT = "(path || ' ' || parent || ' ' || name || ' ' || doc)"
_TABLE = "symbols JOIN files ON files.id = file"


def described(
    db: sqlite3.Connection, columns: str, stems: Sequence[str], least: int, limit: int
) -> tuple[list[int], int, list[tuple[Any, ...]]]:
    """(how many definitions have each of these stems in their name, documentation or place, how many definitions there
    are, these columns of those that may have at least `least` of them: stems are looked for inside of words too).
    Nothing is found where that takes too long. Raises sqlite3.Error."""
    until = time.monotonic() + _LONGEST_S
    db.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        return _found(db, columns, [_pattern(stem) for stem in stems], least, limit)
    except sqlite3.OperationalError:
        if time.monotonic() > until:
            return [0] * len(stems), 0, []
        raise
    finally:
        db.set_progress_handler(None, 0)


def _pattern(stem: str) -> str:
    """For LIKE: `queri` is the stem of `query` too, `color` that of `colour`, and `normaliz` that of `normalise`."""
    if stem.endswith("or"):
        return f"%{stem[:-1]}%r%"
    return f"%{stem[:-1]}_%" if stem.endswith(("iz", "yz")) else f"%{stem.removesuffix('i')}%"


def _found(
    db: sqlite3.Connection, columns: str, patterns: Sequence[str], least: int, limit: int
) -> tuple[list[int], int, list[tuple[Any, ...]]]:
    counts = ", ".join(f"total({_TEXT} LIKE ?)" for _ in patterns)
    *each, total = db.execute(f"SELECT {counts}, count(*) FROM {_TABLE}", patterns).fetchone()  # noqa: S608
    together = " + ".join(f"({_TEXT} LIKE ?)" for _ in patterns)
    rows = db.execute(
        f"SELECT {columns} FROM {_TABLE} WHERE {together} >= ? ORDER BY {together} DESC LIMIT ?",  # noqa: S608
        [*patterns, least, *patterns, limit],
    )
    return [int(one) for one in each], total, rows.fetchall()
