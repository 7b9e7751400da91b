"""The worker as an operating system process of its client's own: starting it, and how it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from coder_tui.core.errors import EngineDiedError
from coder_tui.engine.link import Link

_ROOT = str(Path(__file__).parents[2])
_START = (
    "import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); "
    "from coder_tui.engine.{} import main; main()"
)
"""Runs a module of the package that this one belongs to, also from a checkout that is not installed."""
_LOG_BYTES = 1_000_000
"""A longer log is begun anew."""


class WorkerProcess(Link):
    """A started worker."""

    def __init__(self, log_file: Path | None) -> None:
        super().__init__()
        self._log_file = log_file
        self._popen = started("worker", (), log_file, output=subprocess.PIPE)
        if self._popen.stdout is not None and self._popen.stdin is not None:
            self._run(self._popen.stdout, self._popen.stdin)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def close(self) -> None:
        """Kill the process and wait for it."""
        self._closed = self._closed or not self.ended
        self._popen.kill()
        self._popen.wait()
        with contextlib.suppress(OSError), self._writing:
            if self._popen.stdin is not None:
                self._popen.stdin.close()

    def death(self) -> EngineDiedError:
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

    def _cut(self) -> None:
        self._popen.kill()


def started(module: str, arguments: Sequence[str], log_file: Path | None, *, output: int) -> subprocess.Popen[bytes]:
    """A process that runs `main` of a module of the engine, its log in a file."""
    with _open_log(log_file) as log:
        # -P: nothing in the current directory, which may be a stranger's repository, is imported. This package is found
        # where it is, installed or not.
        # A session of its own: Ctrl-C in the terminal is for the client, which then decides.
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _START.format(module), _ROOT, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=log,
            env=_environment(),
            start_new_session=True,
        )


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
