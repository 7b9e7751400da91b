"""Changes files as it is told, each time in a process of its own that is killed or fails at a call: for `syscalls.py`.

Arguments: the library that is before the C library, a folder. A line on stdin: WORK MODE AT CODE; a line of JSON back.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from edits.changes import journal_of, three

from coder_tui.core.document import Span
from coder_tui.core.errors import CoderError
from coder_tui.edits import changing, files, write
from coder_tui.edits.changing import Place
from coder_tui.edits.journal import Journal

library = ctypes.CDLL(sys.argv[1])
folder = Path(sys.argv[2])
place = Place(Journal(folder / "journal"), folder / "root")


def write_one() -> None:
    document = files.read(folder / "root" / "a.py", max_bytes=1 << 30)
    write.apply(document, [(Span(5, 9), "TWO\n")], repository=folder / "root")


def apply() -> None:
    changing.apply(place, three(place), reason="test")


def bare() -> None:
    changing.apply(Place(None, folder / "root"), three(place), reason="test")


def undo() -> None:
    changing.undo(place, journal_of(place).records()[0])


def redo() -> None:
    changing.redo(place, next(one for one in journal_of(place).records() if not one.of))


def recover() -> None:
    with journal_of(place).locked():
        changing.recover(journal_of(place))


WORKS: dict[str, Callable[[], None]] = {one.__name__: one for one in (write_one, apply, bare, undo, redo, recover)}


def child(work: str, mode: int, at: int, code: int, answer: int) -> None:
    told: dict[str, object] = {}
    library.inject_arm(mode, at, code)
    try:
        WORKS[work]()
    except CoderError as error:
        told["refused"] = str(error)
    except BaseException as error:  # noqa: BLE001 - that is what is looked at
        told["raised"] = repr(error)
    told["count"] = library.inject_count()
    os.write(answer, json.dumps(told).encode())
    os._exit(0)


recover()  # loads what is loaded on first use, before anything is counted
print("ready", flush=True)  # noqa: T201
for line in sys.stdin:
    work, *numbers = line.split()
    mode, at, code = map(int, numbers)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(work, mode, at, code, writing)
    os.close(writing)
    if mode == 6:
        _, status = os.waitpid(pid, os.WUNTRACED)
        stopped = os.WIFSTOPPED(status)
        print(json.dumps({"stopped": stopped}), flush=True)  # noqa: T201
        if stopped:
            sys.stdin.readline()
            os.kill(pid, signal.SIGCONT)
            os.waitpid(pid, 0)
        with os.fdopen(reading, "rb") as pipe:
            print(json.dumps({**json.loads(pipe.read()), "killed": False}), flush=True)  # noqa: T201
        continue
    with os.fdopen(reading, "rb") as pipe:
        answer = json.loads(pipe.read() or b"{}")
    _, status = os.waitpid(pid, 0)
    print(json.dumps({**answer, "killed": os.WIFSIGNALED(status)}), flush=True)  # noqa: T201
