"""Where the command line prints: data on stdout, narration on stderr, progress on a terminal only.

Rich is imported on first use: `coder --version` must not pay for it.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from rich.console import Console


def write(text: str) -> None:
    """Data, as it is but for control characters, at once."""
    sys.stdout.write(plain(text))
    sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """Data that must keep its bytes, for a pipe or a file."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_json(value: object) -> None:
    """One object on stdout. ASCII only, so that no terminal or locale can be hurt by it."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line of narration on stderr."""
    sys.stderr.write(plain(text) + "\n")
    sys.stderr.flush()


def fail(message: str, hint: str | None = None) -> None:
    """How every failure is told: one line, then a hint."""
    note("error: " + " ".join(message.split("\n")))
    if hint:
        note("hint: " + " ".join(hint.split("\n")))


def out_is_terminal() -> bool:
    return sys.stdout.isatty()


def err_is_terminal() -> bool:
    return sys.stderr.isatty()


def can_ask() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def console() -> Console:
    """Rich on stdout; plain in a pipe, and it obeys NO_COLOR."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def narrator() -> Console:
    """Rich on stderr, for progress bars and tables that are not data."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)
