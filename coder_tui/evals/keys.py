"""How long the app takes from a key to the screen, as its terminal sees it: a pseudo terminal, the whole program."""

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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import CoderError

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?<=>]*[ -/]*[@-~]|\][^\x07]*\x07|[P_^][^\x1b]*\x1b\\\\|[=>])")
_WORD = b"qzvxwyqzvx"
"""Typed again and again on lines of their own: as a name it is drawn in one piece."""
_SETTLE_S = 0.15
_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds."""

    first_paint_ms: float
    """From the start of the program until the file's first line is on the screen."""
    key_ms: tuple[float, ...]
    """From each key until the terminal got what shows it."""


def measure(
    path: Path, first: str, keys: int, *, options: Sequence[str] = (), size: tuple[int, int] = (120, 40)
) -> Figures:
    """Open the app on a file whose screen shows `first`, and type `keys` characters into it, one as soon as the one
    before is on the screen. Raises CoderError when what is waited for does not come."""
    with _opened(path, first, options, size) as (main, painted):
        _drain(main, 3.0)
        return Figures(painted, tuple(_typed(main, keys)))


def first_paint_ms(path: Path, first: str, options: Sequence[str] = ()) -> float:
    """From the start of the program until a file's first line is on a screen of 120x40. Raises CoderError likewise."""
    with _opened(path, first, options, (120, 40)) as (_, painted):
        return painted


@contextmanager
def _opened(path: Path, first: str, options: Sequence[str], size: tuple[int, int]) -> Iterator[tuple[int, float]]:
    """(its terminal's other end, milliseconds until it showed `first`) of the app; ended on the way out."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    started = time.perf_counter()
    command = [sys.executable, "-m", "coder_tui", "open", str(path), *options]
    own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "CODER_STATE_DIR": str(path.parent / "state")}
    environment = {**os.environ, **own}
    process = subprocess.Popen(
        command, stdin=other, stdout=other, stderr=other, start_new_session=True, env=environment
    )
    os.close(other)
    try:
        _until(main, first.encode())
        yield main, 1000 * (time.perf_counter() - started)
    finally:
        process.kill()
        process.wait()
        os.close(main)


def _typed(main: int, keys: int) -> list[float]:
    times: list[float] = []
    while len(times) < keys:
        for at in range(len(_WORD)):
            begun = time.perf_counter()
            os.write(main, _WORD[at : at + 1])
            _until(main, _WORD[: at + 1])
            times.append(1000 * (time.perf_counter() - begun))
            _drain(main, _SETTLE_S)
        os.write(main, b"\r")
        _drain(main, 3 * _SETTLE_S)
    return times[:keys]


def _until(main: int, wanted: bytes) -> None:
    """Read until the text has come, control sequences aside."""
    seen, end = b"", time.monotonic() + _TIMEOUT_S
    while wanted not in _SEQUENCE.sub(b"", seen):
        if not select.select([main], [], [], max(0.0, end - time.monotonic()))[0]:
            raise CoderError(f"the app did not show {wanted.decode()!r} within {_TIMEOUT_S:.0f} s")
        try:
            seen += os.read(main, 1 << 16)
        except OSError:
            raise CoderError("the app has ended") from None


def _drain(main: int, seconds: float) -> None:
    """Read what comes for so long."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([main], [], [], left)[0]:
            os.read(main, 1 << 16)
