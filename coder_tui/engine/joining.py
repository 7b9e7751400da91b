"""Using the engine that other commands use too (`resident`): finding it, starting it, and a connection to it."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import subprocess
import time
from pathlib import Path

from coder_tui import __version__
from coder_tui.core.errors import EngineDiedError
from coder_tui.engine import messages as wire
from coder_tui.engine.link import Link
from coder_tui.engine.process import started

_COMES_UP_S = 3.0
_POLL_S = 0.01


class Joined(Link):
    """A connection to an engine that is not this client's alone."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._socket = connection
        self._to = connection.makefile("wb")
        self._run(connection.makefile("rb"), self._to)

    @property
    def pid(self) -> int:
        """0 where the system does not tell."""
        with contextlib.suppress(AttributeError, OSError):
            size = struct.calcsize("3i")
            return int(struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0])
        return 0

    def close(self) -> None:
        """Leave it: what it does for this client ends, for others it goes on."""
        self._closed = self._closed or not self.ended
        self._cut()

    def death(self) -> EngineDiedError:
        if self._closed:
            return EngineDiedError("the engine was closed")
        return EngineDiedError("the engine that commands share has ended")

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with contextlib.suppress(OSError, ValueError), self._writing:
            self._to.close()


def address(folder: Path) -> Path:
    """Where the resident engine of this version listens."""
    return folder / f"engine-{__version__}-{wire.VERSION}.sock"


def is_private(folder: Path) -> bool:
    """Whether nobody but this user can put anything into a folder: else somebody may listen there in our stead."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o022


def joined(folder: Path, idle_s: float, log_file: Path | None) -> Link | None:
    """A connection to the resident engine. Where there is none: None, or with `idle_s` one is started, which ends when
    nobody has used it for so long."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    found = connected(folder)
    if found is not None or not idle_s or (folder.exists() and not is_private(folder)):
        return found
    with contextlib.suppress(OSError), start(folder, idle_s, log_file, stays=True) as process:
        return comes_up(folder, process)
    return None


def start(folder: Path, idle_s: float, log_file: Path | None, *, stays: bool) -> subprocess.Popen[bytes]:
    """A resident engine in a process of its own, which ends when its standard input does; with `stays` it goes into the
    background, and the process ends at once, as it does where there is an engine already. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = [str(address(folder)), str(idle_s), *(["stay"] if stays else [])]
    return started("resident", arguments, log_file, output=subprocess.DEVNULL)


def comes_up(folder: Path, process: subprocess.Popen[bytes]) -> Joined | None:
    """A connection to an engine that was started just now by this process; None when it does not come."""
    end = time.monotonic() + _COMES_UP_S
    while (found := connected(folder)) is None and time.monotonic() < end and not process.poll():
        time.sleep(_POLL_S)
    return found


def stop(folder: Path) -> bool:
    """Let the resident engine end, whatever it does; whether there was one."""
    found = connected(folder)
    if found is None:
        return False
    found.close()
    address(folder).unlink(missing_ok=True)  # it looks whether it can still be found
    return True


def connected(folder: Path) -> Joined | None:
    """A connection to the resident engine, if there is one."""
    place = address(folder)
    if not place.exists() or not is_private(folder):
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(os.fspath(place))
    except OSError:  # nobody listens there any more, or the path is too long for a socket
        connection.close()
        return None
    return Joined(connection)
