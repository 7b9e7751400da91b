"""Opening a database that other processes may be making at the same moment."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

BUSY_S = 10.0
"""How long one process waits for another."""
_POLL_S = 0.01


def patiently(open_once: Callable[[Path], sqlite3.Connection], path: Path) -> sqlite3.Connection:
    """What `open_once` gives, tried again while the database is locked: turning WAL on fails at once, whatever the
    connection's timeout, while another process does the same. Raises sqlite3.Error."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            return open_once(path)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(_POLL_S)
