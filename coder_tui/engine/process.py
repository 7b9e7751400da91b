"""The worker as an operating system process: starting it, exchanging messages with it, how it ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from coder_tui.core.errors import EngineDiedError, EngineError
from coder_tui.engine import messages as wire

_ROOT = str(Path(__file__).parents[2])
_START = (
    "import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); "
    "from coder_tui.engine.worker import main; main()"
)
"""Runs the worker of the package that this module belongs to, also from a checkout that is not installed."""
_LOG_BYTES = 1_000_000
"""A longer log is begun anew."""


class WorkerProcess:
    """A started worker. Replies are handed to whoever sent the request, by its id, from a thread."""

    def __init__(self, log_file: Path | None) -> None:
        self._log_file = log_file
        self._writing = threading.Lock()
        self._waiting: dict[int, queue.Queue[wire.Message | None]] = {}
        self._state = threading.Lock()
        self.ended = False
        self._closed = False
        """`close` came before it ended by itself."""
        with _open_log(log_file) as log:
            # -P: nothing in the current directory, which may be a stranger's repository, is imported. This package is
            # found where it is, installed or not.
            # A session of its own: Ctrl-C in the terminal is for the client, which then decides.
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, _ROOT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(),
                start_new_session=True,
            )
        threading.Thread(target=self._receive, name="engine-replies", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def send(self, message: wire.Request) -> queue.Queue[wire.Message | None]:
        """Send a request; its replies come through the queue, None when the process has ended."""
        replies: queue.Queue[wire.Message | None] = queue.Queue()
        with self._state:
            if self.ended:
                replies.put(None)
                return replies
            self._waiting[message.id] = replies
        self.post(message)
        return replies

    def post(self, message: wire.Message) -> None:
        """Send what needs no reply. That the process has ended shows elsewhere."""
        stdin = self._popen.stdin
        if stdin is None:
            return
        with contextlib.suppress(OSError, ValueError), self._writing:
            stdin.write(wire.encode(message))
            stdin.flush()

    def ask(self, message: wire.Request) -> wire.Message | None:
        """Send a request and wait for its one reply."""
        try:
            return self.send(message).get()
        finally:
            self.forget(message.id)

    def forget(self, request: int) -> None:
        """No more replies to this request are wanted."""
        with self._state:
            self._waiting.pop(request, None)

    def close(self) -> None:
        """Kill the process and wait for it."""
        self._closed = self._closed or not self.ended
        self._popen.kill()
        self._popen.wait()
        with contextlib.suppress(OSError), self._writing:
            if self._popen.stdin is not None:
                self._popen.stdin.close()

    def death(self) -> EngineDiedError:
        """How the process ended, as an error."""
        code = self._popen.wait()
        if self._closed:
            return EngineDiedError("the engine was closed")
        log = f"its log is {self._log_file}" if self._log_file is not None else None
        if code == -signal.SIGKILL:
            hint = "the system may have run out of memory: try a smaller model or model.context_tokens"
            return EngineDiedError("the engine was killed", hint=hint)
        if code < 0:
            return EngineDiedError(f"the engine crashed ({signal.Signals(-code).name})", hint=log)
        return EngineDiedError(f"the engine ended by itself (exit code {code})", hint=log)

    def _receive(self) -> None:
        """Hand out replies until the process ends, then tell everybody who still waits."""
        stdout = self._popen.stdout
        if stdout is not None:
            with contextlib.suppress(EngineError, ValueError), stdout:
                for line in stdout:
                    self._deliver(wire.decode(line))
        self._popen.kill()  # it closed its output or talks nonsense: either way it is of no more use
        with self._state:
            self.ended = True
            waiting = list(self._waiting.values())
        for replies in waiting:
            replies.put(None)

    def _deliver(self, message: wire.Message) -> None:
        with self._state:
            replies = self._waiting.get(getattr(message, "id", 0))
        if replies is not None:
            replies.put(message)


def _environment() -> dict[str, str]:
    """The worker's environment; what the user has set stays."""
    ours = {"GGML_NO_BACKTRACE": "1"}  # a failed assertion in ggml would have a debugger print pages
    if "OMP_WAIT_POLICY" not in os.environ:
        # Threads wait for each other 700 times a token, and spin meanwhile. When others use the cores too, a thread
        # spins away the time in which the one it waits for could run: one busy core of two made generation up to 16
        # times slower with libgomp's 300,000 rounds than with 5,000, which are as good on an idle machine.
        ours["GOMP_SPINCOUNT"] = "5000"
    return ours | os.environ


def _open_log(path: Path | None) -> IO[bytes]:
    """The log to append to. Without a place for it, nothing is logged: that must not keep anybody from working."""
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            long = path.exists() and path.stat().st_size > _LOG_BYTES
            return path.open("wb" if long else "ab")
    return Path(os.devnull).open("wb")
