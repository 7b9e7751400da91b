"""The end of an app that is told to end, or whose terminal is gone: in order, so that nothing is lost, in good time.

A signal's handler may not raise here, as it does for commands: it would do so in the middle of whatever Textual is at,
which may go on without it, on a terminal that is not there any more.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import termios
import threading
from contextlib import suppress
from functools import partial
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

_PATIENCE_S = 15.0
"""For what the app keeps on its way out."""
_LOOK_S = 2.0


class LastingDriver(LinuxDriver):
    """Goes on without a terminal. Textual's thread that writes would end at the first error, and who writes would wait
    for it for ever."""

    def __init__(self, app: App[Any], **more: Any) -> None:  # noqa: ANN401 - Textual's own
        super().__init__(app, **more)
        if self._file is not None:
            self._file = _Lasting(self._file)  # type: ignore[assignment]


class _Lasting:
    """A stream that takes what it cannot write."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.fileno = stream.fileno

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def run(app: App[Any]) -> int:
    """Run an app; its exit status."""
    return asyncio.run(_run(app))


async def _run(app: App[Any]) -> int:
    told: list[int] = []
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, partial(_end, app, 128 + number, told))
    watch = loop.create_task(_watch(app, told))
    try:
        await app.run_async()
    finally:
        watch.cancel()
    return told[0] if told else app.return_code or 0


def _end(app: App[Any], status: int, told: list[int]) -> None:
    if not told:
        told.append(status)
        last = threading.Timer(_PATIENCE_S, os._exit, (status,))
        last.daemon = True
        last.start()
        app.exit()


async def _watch(app: App[Any], told: list[int]) -> None:
    """A terminal may go without a signal, or with one that is ignored."""
    while not _is_terminal_gone():
        await asyncio.sleep(_LOOK_S)
    _end(app, 128 + signal.SIGHUP, told)


def _is_terminal_gone() -> bool:
    if sys.__stdin__ is None:
        return False
    try:
        termios.tcgetattr(sys.__stdin__.fileno())
    except termios.error as error:
        return bool(error.args and error.args[0] == errno.EIO)
    except (OSError, ValueError):
        return False
    return False
