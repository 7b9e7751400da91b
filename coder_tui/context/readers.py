"""Reading many files in several processes at once: `python -m coder_tui.context.readers ROOT [PATTERN...]` is one.

Requests and answers are marshalled, each behind its length in four bytes: a list of paths, a list of rows. A process
ends when its standard input does.
"""

from __future__ import annotations

import marshal
import os
import queue
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from coder_tui.context import reading
from coder_tui.context.entries import Row
from coder_tui.context.exclude import Rules

BATCH = 32
"""Files that are read in one go."""
_MANY = 300
"""For fewer no process is started: that takes as long as reading a hundred."""
_MOST_HELPERS = 3
_NICE = 15
_LENGTH = struct.Struct(">I")


def rows(root: Path, rules: Rules, paths: Sequence[str], go_on: Callable[[], bool]) -> Iterator[tuple[int, list[Row]]]:
    """(number of files, their rows) for all files, a batch after the other in any order, until `go_on` says no."""
    waiting = deque(list(paths[start : start + BATCH]) for start in range(0, len(paths), BATCH))
    helpers = _helpers(root, rules) if len(paths) >= _MANY else []
    done: queue.SimpleQueue[tuple[int, list[Row]] | None] = queue.SimpleQueue()
    threads = [threading.Thread(target=_fetch, args=(helper, waiting, done), daemon=True) for helper in helpers]
    for thread in threads:
        thread.start()
    left = len(helpers)
    try:
        while go_on():
            batch = _next(waiting) if not left or done.empty() else None
            if batch is not None:
                yield len(batch), reading.rows(root, rules, batch)
            elif left:
                with suppress(queue.Empty):
                    found = done.get(timeout=0.1)
                    left -= found is None
                    if found is not None:
                        yield found
            elif not waiting:
                return
    finally:
        waiting.clear()
        _end(helpers, threads)


def _end(helpers: Sequence[subprocess.Popen[bytes]], threads: Sequence[threading.Thread]) -> None:
    for helper in helpers:
        helper.kill()
        helper.wait()
    for thread in threads:  # what they wait for has ended
        thread.join()
    for helper in helpers:
        for stream in (helper.stdin, helper.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()


def _next(waiting: deque[list[str]]) -> list[str] | None:
    """None where others have taken the last one."""
    with suppress(IndexError):
        return waiting.popleft()
    return None


def _helpers(root: Path, rules: Rules) -> list[subprocess.Popen[bytes]]:
    """As many as there are processors besides this process's own."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # -P and the package's own folder: what lies in the repository under the name of a module must not be imported.
    command = [sys.executable, "-P", "-m", __name__, str(root), *rules.patterns]
    found: list[subprocess.Popen[bytes]] = []
    with suppress(OSError):  # without them it takes longer
        while len(found) < min(_MOST_HELPERS, count - 1):
            found += [_started(command)]
    return found


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        start_new_session=True,  # Ctrl-C is for the program that it works for
    )


def _fetch(
    helper: subprocess.Popen[bytes], waiting: deque[list[str]], done: queue.SimpleQueue[tuple[int, list[Row]] | None]
) -> None:
    """Hand over batch after batch, until there are none; one that a helper dies of is left to others."""
    requests, answers = helper.stdin, helper.stdout
    batch: list[str] | None = None
    with suppress(IndexError, OSError, ValueError, EOFError, TypeError):
        while requests is not None and answers is not None:
            batch = waiting.popleft()
            _send(requests, batch)
            done.put((len(batch), _receive(answers)))
            batch = None
    if batch is not None:
        waiting.append(batch)
    done.put(None)


def _send(stream: IO[bytes], value: list[Any]) -> None:
    data = marshal.dumps(value)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> list[Row]:
    """Raises EOFError when the other side has ended."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    found: list[Row] = marshal.loads(stream.read(_LENGTH.unpack(head)[0]))  # noqa: S302 - from a process of our own
    return found


def main(root: Path, patterns: Sequence[str]) -> None:
    """Until standard input ends."""
    with suppress(OSError, AttributeError):
        os.nice(max(0, _NICE - os.nice(0)))
    rules = Rules(root, patterns)
    while head := sys.stdin.buffer.read(_LENGTH.size):
        paths: list[str] = marshal.loads(sys.stdin.buffer.read(_LENGTH.unpack(head)[0]))  # noqa: S302 - from our own
        _send(sys.stdout.buffer, reading.rows(root, rules, paths))


if __name__ == "__main__":
    with suppress(BrokenPipeError, KeyboardInterrupt):
        main(Path(sys.argv[1]), sys.argv[2:])
