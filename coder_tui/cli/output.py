"""Where the command line prints: data on stdout, narration on stderr, progress on a terminal only.

Rich is imported on first use: `coder --version` must not pay for it.
"""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from rich.console import Console


_LEAST_ROOM = 16
"""Columns for a text; in fewer it is no longer read easily."""
_status: list[str] = []
"""The line on stderr that says what is going on (`cli.status`), while it shows. All that is printed takes its place."""


def show_status(text: str) -> None:
    """On a terminal only, cut to its width."""
    width = shutil.get_terminal_size().columns - 1
    line = plain(text).replace("\n", " ")[:width]
    if err_is_terminal() and [line] != _status:
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
        _status[:] = [line]


def clear_status() -> None:
    if _status:
        _status.clear()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def write(text: str) -> None:
    """Data, as it is but for control characters, at once."""
    clear_status()
    sys.stdout.write(plain(text))
    sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """Data that must keep its bytes, for a pipe or a file."""
    clear_status()
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_json(value: object) -> None:
    """One object on stdout. ASCII only, so that no terminal or locale can be hurt by it."""
    clear_status()
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line of narration on stderr."""
    clear_status()
    sys.stderr.write(plain(text) + "\n")
    sys.stderr.flush()


def fail(message: str, hint: str | None = None) -> None:
    """How every failure is told: one line, then a hint."""
    note("error: " + " ".join(message.split("\n")))
    if hint:
        note("hint: " + " ".join(hint.split("\n")))


def wrapped(start: str, text: str) -> list[str]:
    """The lines of a text behind the other columns of a table, which stay free below the first; a single one in a pipe,
    and where a terminal has no room for that."""
    import textwrap

    room = shutil.get_terminal_size().columns - len(start)
    if not out_is_terminal() or room < _LEAST_ROOM:
        return [start + text]
    lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [start + lines[0], *(" " * len(start) + line for line in lines[1:])]


def write_row(start: str, text: str) -> None:
    """A row of a table, as `wrapped`."""
    write("".join(f"{line.rstrip()}\n" for line in wrapped(start, text)))


def out_is_terminal() -> bool:
    return sys.stdout.isatty()


def err_is_terminal() -> bool:
    return sys.stderr.isatty()


def can_ask() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def console() -> Console:
    """Rich on stdout; plain in a pipe, and it obeys NO_COLOR."""
    clear_status()
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def narrator() -> Console:
    """Rich on stderr, for progress bars and tables that are not data."""
    clear_status()
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)
