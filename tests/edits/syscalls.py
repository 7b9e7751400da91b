"""Kills and failures at the calls that a program makes of the C library: where the kernel's calls begin and end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO

import pytest
from cli.running import ROOT, environment

COUNTS = "TEST_FAULT_COUNTS"
"""A file that gets a line for each test: kills, faults, stops."""
ROUNDS = int(os.environ.get("TEST_FAULT_ROUNDS", "1"))
"""How often all of it is done: 1 makes at least 1,000 kills, 600 faults and 180 stops."""
_SOURCE = Path(__file__).with_name("inject.c")


class Mode(IntEnum):
    """As in inject.c."""

    COUNT = 1
    KILL = 2
    TEAR = 3
    """Killed in the middle of a write."""
    FAIL = 4
    FAIL_FROM = 5
    STOP = 6


@dataclass(frozen=True)
class Outcome:
    killed: bool
    count: int
    refused: str
    """What the user would be told."""
    raised: str
    """What should never be raised."""


@dataclass
class Server:
    stdin: IO[str]
    stdout: IO[str]
    kills: int = 0
    faults: int = 0
    stops: int = 0

    def run(self, work: str, mode: Mode, at: int = 0, code: int = 0) -> Outcome:
        self._tell(f"{work} {int(mode)} {at} {code}")
        return self._outcome(mode)

    def stop(self, work: str, at: int, meanwhile: Callable[[], object]) -> Outcome | None:
        """Stopped before call `at`, with something else done meanwhile; None where it does not come so far."""
        self._tell(f"{work} {int(Mode.STOP)} {at} 0")
        stopped = json.loads(self.stdout.readline())["stopped"]
        if stopped:
            self.stops += 1
            meanwhile()
            self._tell("")
        outcome = self._outcome(Mode.STOP)
        return outcome if stopped else None

    def _tell(self, line: str) -> None:
        self.stdin.write(line + "\n")
        self.stdin.flush()

    def _outcome(self, mode: Mode) -> Outcome:
        told = json.loads(self.stdout.readline())
        self.kills += told["killed"]
        self.faults += mode in (Mode.FAIL, Mode.FAIL_FROM)
        return Outcome(told["killed"], told.get("count", 0), told.get("refused", ""), told.get("raised", ""))


def library(folder: Path) -> Path:
    """Compiled; skips the test where that cannot be."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    path = folder / "inject.so"
    if not path.exists():
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(path), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True)
    return path


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A program that changes files below `folder`, as fault_server.py says."""
    preload = library(folder)
    # The tests' own folder last: a module of theirs must not stand before one that a library wants.
    program = [sys.executable, "-m", "edits.fault_server", str(preload), str(folder)]
    surroundings = environment(PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}", LD_PRELOAD=str(preload))
    with subprocess.Popen(program, stdin=-1, stdout=-1, text=True, env=surroundings) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        server = Server(process.stdin, process.stdout)
        yield server
        process.stdin.close()
    if COUNTS in os.environ:
        with Path(os.environ[COUNTS]).open("a") as file:
            file.write(f"{server.kills} {server.faults} {server.stops}\n")
