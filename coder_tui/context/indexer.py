"""The process that keeps an index up to date while the app is open: `python -m coder_tui.context.indexer ROOT`.

It has a process of its own so that reading thousands of files takes nothing from who types: another core, the lowest
priority. It ends when its standard input does, that is with whoever started it, however that ended. Of several for one
repository one works and the others wait for it to end.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coder_tui.context import index
from coder_tui.context.exclude import IGNORE_FILE, Rules
from coder_tui.context.store import Store, remove

if TYPE_CHECKING:
    import psutil

_LOCK_POLL_S = 1.0
_NICE = 15
_POLL_S = 0.05
_STEP_MS = 30
"""Changes that follow each other as closely are one."""
_TURN_MS = 500
"""How often it looks whether it is over."""
_WITHOUT_NOTICE_S = 10.0
"""How often it looks at all files where the system tells of no changes (too many folders to watch)."""
_FEW = 64
_SAY_WHAT_IS_SENT = (IGNORE_FILE, ".gitignore")
_SWITCHES = ("HEAD", "index", "packed-refs", "ORIG_HEAD", "info/exclude", "config")
"""Files below `.git` that change when a branch is switched or a commit is made."""


class Indexer:
    """Starts the process, and ends it."""

    def __init__(self, root: Path, patterns: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "coder_tui.context.indexer", str(root), *patterns]
        # -P and the package's own folder: what lies in the repository under the name of a module must not be imported.
        command[1:1] = ["-P"]
        own = str(Path(__file__).parents[2])
        self._path, self._is_done = index.path_of(root), False
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=own,
            start_new_session=True,  # Ctrl-C is for the program that it works for
        )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def join(self, timeout: float) -> None:
        """Until it has been through all files once, be it in an earlier run, but not longer than `timeout` seconds."""
        until = time.monotonic() + timeout
        while not self._is_done and self.is_running and time.monotonic() < until:
            with suppress(OSError, sqlite3.Error):
                store = Store(self._path)
                self._is_done = bool(index.files_as_known(store))
                store.close()
            if not self._is_done:
                time.sleep(_POLL_S)

    @property
    def peak_bytes(self) -> int:
        """The most memory that it and the processes that read for it now have had; what they have where the system does
        not tell."""
        import psutil

        found = 0
        with suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            found = sum(_peak_of(one) for one in (process, *process.children(recursive=True)))
        return found

    def close(self) -> None:
        """End it, and wait for that."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _peak_of(process: psutil.Process) -> int:
    import psutil

    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def main(root: Path, patterns: Sequence[str]) -> None:
    """Until standard input ends."""
    from filelock import FileLock, Timeout

    over = threading.Event()
    threading.Thread(target=_until_input_ends, args=(over,), daemon=True).start()
    with suppress(OSError, AttributeError):
        os.nice(_NICE)
    path = index.path_of(root)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"))
    while not over.is_set():
        with suppress(Timeout), lock.acquire(timeout=_LOCK_POLL_S):
            _work(path, root, patterns, over)


def _work(path: Path, root: Path, patterns: Sequence[str], over: threading.Event) -> None:
    """Keep the index up to date; one that turns out to be damaged is made again."""
    while not over.is_set():
        try:
            store = Store(path)
        except (OSError, sqlite3.Error):
            over.wait(_WITHOUT_NOTICE_S)
            continue
        try:
            _follow(store, root, patterns, over)
        except sqlite3.OperationalError:  # locked for long, or the disk is full
            over.wait(_WITHOUT_NOTICE_S)
        except sqlite3.DatabaseError:
            remove(path)
        finally:
            store.close()


def _follow(store: Store, root: Path, patterns: Sequence[str], over: threading.Event) -> None:
    rules = Rules(root, patterns)
    index.update(store, root, rules, lambda: not over.is_set())
    # What changes until the system begins to tell is found by the empty set that comes first.
    for changed in _changes(root, over):
        said = rules.refresh() or any(path.rpartition("/")[2] in _SAY_WHAT_IS_SENT for path in changed)
        few = 0 < len(changed) <= _FEW and not said and len(store.states_of(changed)) == len(changed)
        if few:
            index.update_some(store, root, rules, sorted(changed))
        else:  # new files may be ignored, and git knows which
            index.update(store, root, rules, lambda: not over.is_set())


def _changes(root: Path, over: threading.Event) -> Iterable[set[str]]:
    """Paths that have changed, a set for each time; an empty one when any may have: as soon as the system tells of
    changes, and again and again where it does not."""
    from watchfiles import watch

    begun = False
    with suppress(OSError):
        for found in watch(
            root,
            stop_event=over,
            step=_STEP_MS,
            rust_timeout=_TURN_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            watch_filter=None,
        ):
            if not begun:
                begun = True
                yield set()
                continue
            paths = {os.path.relpath(path, root) for _, path in found}
            inner = {path for path in paths if path.startswith(".git" + os.sep)}
            if paths - inner or any(path[5:] in _SWITCHES for path in inner):
                yield paths - inner
    while not over.wait(_WITHOUT_NOTICE_S):
        yield set()


def _until_input_ends(over: threading.Event) -> None:
    with suppress(OSError, ValueError):
        while sys.stdin.buffer.read(1):
            pass
    over.set()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
