"""An engine that stays: a process whose weights and KV cache serve one command after the other, and several at a time.

It listens on a socket that only its user can open, and ends when nobody has used it for a while. Weights are exchanged
for others only while nobody else uses them: who wants others then loads them in a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from coder_tui.engine import messages as wire
from coder_tui.engine.binding import lean
from coder_tui.engine.load_options import LoadOptions
from coder_tui.engine.worker import Connection, Worker

_TURN_S = 0.5
"""How often it looks whether it is over."""
_STUCK_S = 5
"""A client that has been stopped, with Ctrl-Z say, and takes no replies is given up: everybody else would wait."""
_BACKLOG = 64


class Resident(Worker):
    """A worker with several clients."""

    def __init__(self) -> None:
        super().__init__()
        self._joining = threading.Lock()
        self._users: set[Connection] = set()
        """Who has been told that weights are loaded, and is still there."""
        self._options: LoadOptions | None = None
        """How those were loaded; None while there are none."""

    def leave(self, connection: Connection) -> None:
        """A client is gone."""
        with self._joining:
            self._users.discard(connection)

    def _dispatch(self, connection: Connection, message: wire.Message) -> None:
        if not isinstance(message, wire.Load) or not self._join(connection, message):
            super()._dispatch(connection, message)

    def _join(self, connection: Connection, message: wire.Load) -> bool:
        """Use the weights that are there, if they are those that are wanted."""
        with self._joining:
            there = self._weights if self._options is not None and _same(self._options, message.options) else None
            if there is None or not there.is_current:
                return False
            self._users.add(connection)
        connection.send(there.loaded(message.id, 0.0))
        return True

    def _load(self, connection: Connection, message: wire.Load) -> Iterator[None]:
        if self._join(connection, message):  # somebody else has loaded them meanwhile
            return
        with self._joining:
            others = self._users - {connection}
            if not others:
                self._options = None  # nobody joins while they are exchanged
                self._users.add(connection)
        if others:
            connection.send(wire.Failed(message.id, "the engine is used with other weights", kind="busy"))
            return
        yield from super()._load(connection, message)
        if self._weights is not None:
            self._options = message.options


def _same(these: LoadOptions, those: LoadOptions) -> bool:
    """Whether the same comes out of both; what the KV caches are made for at once is no difference."""
    return replace(these, purposes=()) == replace(those, purposes=())


class _Door:
    """Takes clients, and minds the time."""

    def __init__(self, worker: Resident, listener: socket.socket, place: Path, idle_s: float) -> None:
        self._worker = worker
        self._listener = listener
        self._place = place
        self._idle_s = idle_s
        self._open = 0
        self._state = threading.Lock()
        self._since = time.monotonic()

    def keep(self) -> None:
        """Until it is over; then the process ends."""
        self._listener.settimeout(_TURN_S)
        with contextlib.suppress(Exception):
            while not self._is_over():
                with contextlib.suppress(TimeoutError):
                    self._take(self._listener.accept()[0])
        close(self._place)

    def _is_over(self) -> bool:
        """Whether nobody has been here for long, or the socket is somebody else's or gone, so that nobody can come."""
        with self._state:
            is_idle = not self._open and time.monotonic() - self._since >= self._idle_s
        return is_idle or not self._place.exists()

    def _take(self, client: socket.socket) -> None:
        client.setblocking(True)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _STUCK_S, 0))
        with self._state:
            self._open += 1
        threading.Thread(target=self._serve, args=(client,), name="client", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        def lost() -> None:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

        source, sink = client.makefile("rb"), client.makefile("wb")
        connection = Connection(source, sink, lost)
        try:
            self._worker.serve(connection)
        except Exception:  # noqa: BLE001 - one client's broken messages are not the others' trouble
            traceback.print_exc()
        finally:
            self._worker.leave(connection)
            lost()
            for one in (source, sink, client):
                with contextlib.suppress(OSError, ValueError):
                    one.close()
            with self._state:
                self._open -= 1
                self._since = time.monotonic()


def close(place: Path) -> None:
    """End the process; nobody comes any more."""
    with contextlib.suppress(OSError):
        place.unlink()
    os._exit(0)


def main() -> None:
    """Serve on the socket at the first argument, until nobody has come for the seconds of the second one, or standard
    input ends; with `stay` for the third one it goes into the background instead."""
    from filelock import FileLock, Timeout

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    place, idle_s, stays = Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:] == ["stay"]
    source = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    lock = FileLock(place.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return  # another one is there
    os.chdir(place.parent)  # no folder of the user's is held
    listener = _listening(place)
    if stays and os.fork():
        os._exit(0)  # without a word to the lock, which is the child's too
    signal.signal(signal.SIGTERM, lambda *_: close(place))
    lean()
    import llama_cpp

    llama_cpp.llama_backend_init()
    worker = Resident()
    threading.Thread(target=_Door(worker, listener, place, idle_s).keep, name="door", daemon=True).start()
    if not stays:
        threading.Thread(target=_end_with, args=(source, place), name="starter", daemon=True).start()
    worker.own()


def _listening(place: Path) -> socket.socket:
    """A socket that only this user can open; one that a killed engine has left is removed."""
    with contextlib.suppress(FileNotFoundError):
        place.unlink()
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(os.fspath(place))
    finally:
        os.umask(before)
    listener.listen(_BACKLOG)
    return listener


def _end_with(source: BinaryIO, place: Path) -> None:
    """End when whoever has started it does."""
    source.read()
    close(place)


if __name__ == "__main__":
    main()
