"""How long the app takes from a key to the screen, as its terminal sees it: a pseudo terminal, the whole program.

The keys that count are typed while a suggestion is being written at the cursor and the chat is answering.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import CoderError
from coder_tui.evals.screen import Screen

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?<=>]*[ -/]*[@-~]|\][^\x07]*\x07|[P_^][^\x1b]*\x1b\\\\|[=>])")
_KEY, _BACK = "ж".encode(), b"\x7f"
"""What is typed: nothing else on the screen has it, and no suggestion begins with it. Then it is deleted again."""
_QUESTION = b"Count from 1 to 2000. Write each number on a line of its own, nothing else."
"""Its answer is as long as the settings let it be."""
BEGINNING = 'import beginning\n\nCOUNTRIES = [\n    "Afghanistan",\n    "Albania",\n    "Algeria",\n    \n]\n'
"""How a file for this begins: the line before the last is one for which models have long suggestions."""
_PLACE_ROWS = 6
"""So far that line is below the first one."""
_SETTLE_S = 0.15
_TIMEOUT_S = 60.0
_MODEL_S = 240.0
"""To load a model, and to read a prompt beside everything else."""
_SUGGEST, _CHAT, _ENTER = b"\0", b"\x0c", b"\r"
"""Ctrl+Space, Ctrl+L, Enter."""
_ANSWERING = "answering"
_LOADED = ("CPU ", " layers")
"""What it says of a model that is loaded."""
_WRITTEN = ("no suggestion", "tok/s", "known before")
"""What the status line says when a suggestion is whole, or is none."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds."""

    first_paint_ms: float
    """From the start of the program until the file's first line is on the screen."""
    key_ms: tuple[float, ...]
    """From each key until the terminal got what shows it."""


class _Terminal:
    """The app on a pseudo terminal."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], size: tuple[int, int]) -> None:
        self._main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.size = size
        self.screen = Screen(*size)
        self._process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, start_new_session=True, env=environment
        )
        os.close(other)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._main)

    def send(self, keys: bytes) -> None:
        os.write(self._main, keys)

    def click(self, column: int, row: int) -> None:
        """0-based."""
        for end in "Mm":
            self.send(f"\x1b[<0;{column + 1};{row + 1}{end}".encode())

    def until(self, wanted: bytes) -> None:
        """Read until the text has come, control sequences aside. Raises CoderError."""
        seen, end = b"", time.monotonic() + _TIMEOUT_S
        while wanted not in _SEQUENCE.sub(b"", seen):
            seen += self._read(end, repr(wanted.decode()))
        self.screen.feed(seen)  # afterwards: it takes time, too

    def shows(self, what: str, is_so: Callable[[Screen], object], seconds: float = _TIMEOUT_S) -> None:
        """Read until the screen is as it should be. Raises CoderError, which says `what`."""
        end = time.monotonic() + seconds
        while not is_so(self.screen):
            self.screen.feed(self._read(end, what))

    def drain(self, seconds: float) -> None:
        """Read what comes for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._main], [], [], left)[0]:
                self.screen.feed(os.read(self._main, 1 << 16))

    def _read(self, end: float, what: str) -> bytes:
        if not select.select([self._main], [], [], max(0.0, end - time.monotonic()))[0]:
            raise CoderError(f"the app did not show {what} in time")
        try:
            return os.read(self._main, 1 << 16)
        except OSError:
            raise CoderError("the app has ended") from None


def measure(
    path: Path,
    first: str,
    keys: int,
    *,
    options: Sequence[str] = (),
    size: tuple[int, int] = (120, 40),
    idle: bool = False,
) -> Figures:
    """Open the app on a file whose screen shows `first`, and type `keys` characters into it, one as soon as the one
    before is on the screen; with `idle` without waiting for a model. Raises CoderError when what is waited for does not
    come."""
    own = {"CODER_SUGGEST_CACHE_BYTES": "0", "CODER_HISTORY_ENABLED": "off", "CODER_CHAT_MAX_TOKENS": "8192"}
    if idle:
        own["CODER_APP_SUGGEST"] = "off"
    with _opened(path, first, options, size, own) as (terminal, painted):
        if idle:
            terminal.drain(3.0)
            _to_editor(terminal)
        else:
            _ask(terminal)
        return Figures(painted, tuple(_typed(terminal, keys, idle=idle)))


def first_paint_ms(path: Path, first: str, options: Sequence[str] = ()) -> float:
    """From the start of the program until a file's first line is on a screen of 120x40. Raises CoderError likewise."""
    with _opened(path, first, options, (120, 40), {}) as (_, painted):
        return painted


@contextmanager
def _opened(
    path: Path, first: str, options: Sequence[str], size: tuple[int, int], settings: Mapping[str, str]
) -> Iterator[tuple[_Terminal, float]]:
    """(the app, milliseconds until it showed `first`); ended on the way out."""
    own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "CODER_STATE_DIR": str(path.parent / "state")}
    started = time.perf_counter()
    command = [sys.executable, "-m", "coder_tui", str(path), *options]
    terminal = _Terminal(command, {**os.environ, **own, **settings}, size)
    try:
        terminal.until(first.encode())
        yield terminal, 1000 * (time.perf_counter() - started)
    finally:
        terminal.close()


def _ask(terminal: _Terminal) -> None:
    """Let the chat answer something long, and go back to a line of its own in the editor."""
    terminal.shows("a loaded model", lambda screen: any(text in _status(screen) for text in _LOADED), _MODEL_S)
    terminal.send(_CHAT)
    terminal.send(_QUESTION + _ENTER)
    terminal.shows("an answer", lambda screen: _ANSWERING in screen.text, _MODEL_S)
    _to_editor(terminal)


def _to_editor(terminal: _Terminal) -> None:
    row = next(number for number, line in enumerate(terminal.screen.text.split("\n")) if "beginning" in line)
    terminal.click(terminal.size[0] // 2 - 5, row + _PLACE_ROWS)
    terminal.drain(_SETTLE_S)


def _busy(terminal: _Terminal) -> None:
    """Let the model write a suggestion at the cursor, and return while it does."""
    for _ in range(20):
        if _ANSWERING not in terminal.screen.text:
            _ask(terminal)
        terminal.send(_SUGGEST)
        terminal.shows("a suggestion", lambda screen: screen.italics or _is_written(screen), _MODEL_S)
        if terminal.screen.italics and not _is_written(terminal.screen):
            return
    raise CoderError("the model has no suggestions here that take a moment")


def _is_written(screen: Screen) -> bool:
    return any(text in _status(screen) for text in _WRITTEN)


def _status(screen: Screen) -> str:
    return screen.text.rpartition("\n")[2]


def _typed(terminal: _Terminal, keys: int, *, idle: bool) -> Iterator[float]:
    for _ in range(keys):
        terminal.drain(_SETTLE_S)
        if not idle:
            _busy(terminal)
        begun = time.perf_counter()
        terminal.send(_KEY)
        terminal.until(_KEY)
        yield 1000 * (time.perf_counter() - begun)
        terminal.drain(_SETTLE_S)
        terminal.send(_BACK)
