"""What of a repository goes along with a suggestion: chosen as somebody types, from any thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from sqlite3 import Error as DatabaseError
from typing import Protocol

from coder_tui.config.schema import Settings
from coder_tui.context import gather, index
from coder_tui.context.around import Around
from coder_tui.context.exclude import Rules
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pack import CountTokens, Packed
from coder_tui.context.pieces import Source
from coder_tui.core.errors import UsageError

_TOUCHED = 32
_PATIENCE_S = 2.0
"""A command does not wait longer for the index when it ends: a disk may be slow."""


class Updating(Protocol):
    """Whatever brings an index up to date: a thread, or a process."""

    def join(self, timeout: float) -> None:
        """Wait for that, but not longer than so many seconds."""


class Surroundings:
    """A repository, or the folder of a file that is in none."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        wish: gather.Wish | None = None,
        *,
        updating: Updating | None = None,
    ) -> None:
        """The index of the repository is used as far as it is there; `updating` brings it up to date."""
        self.root = root
        self._updating = updating
        self.wish = wish or gather.Wish(sources(settings.context.sources))
        self.gatherer = gather.gatherer(root, patterns(settings.context.exclude))
        self._lock = threading.Lock()
        self._found = Packed()
        self._touched: deque[tuple[str, int, Sequence[str], str]] = deque(maxlen=_TOUCHED)

    def gather(self, around: Around, window: str, count: CountTokens, budget: int) -> Packed:
        """See `Gatherer.gather`."""
        with self._lock:
            while self._touched:
                self.gatherer.recent.add(*self._touched.popleft())
            self._found = self.gatherer.gather(around, self.wish, window, count, budget)
            return self._found

    @contextmanager
    def known(self) -> Iterator[Knowledge]:
        """What is known of the repository, for one thread at a time."""
        with self._lock:
            yield self.gatherer.known

    def touched(self, path: str, line: int, lines: Sequence[str], what: str) -> None:
        """Somebody edited, opened or copied the lines around a 0-based line of a file."""
        self._touched.append((path, line, lines, what))  # nobody who types waits for the lock

    def toggle_pin(self, path: str) -> bool:
        """Send a file along from now on, or no longer; whether it is now."""
        with self._lock:
            pinned = self.wish.pinned
            now = tuple(one for one in pinned if one != path) if path in pinned else (*pinned, path)
            excluded = tuple(one for one in self.wish.excluded if one != path)
            self.wish = replace(self.wish, pinned=now, excluded=excluded)
            return path in now

    def toggle_exclusion(self, path: str) -> bool:
        """Take nothing from a file from now on, or again; whether it is left out now."""
        with self._lock:
            excluded = self.wish.excluded
            now = tuple(one for one in excluded if one != path) if path in excluded else (*excluded, path)
            pinned = tuple(one for one in self.wish.pinned if one != path)
            self.wish = replace(self.wish, pinned=pinned, excluded=now)
            return path in now

    def wait(self, seconds: float) -> None:
        """Until the index is up to date, but not longer: for questions that it alone can answer."""
        if self._updating is not None:
            self._updating.join(seconds)

    def close(self) -> None:
        """No more questions to the index."""
        with self._lock:
            self.gatherer.known.close()

    @property
    def trouble(self) -> str:
        """What keeps the files of the repository from being found, in a line for the user; empty for nothing."""
        return index.trouble(self.root)

    @property
    def found(self) -> Packed:
        """What was found last."""
        return self._found


def whole(root: Path, settings: Settings, wish: gather.Wish | None = None) -> Surroundings:
    """A repository with its index up to date, however long that takes."""
    with indexed(root, settings, whole=True):
        return Surroundings(root, settings, wish)


@contextmanager
def indexed(root: Path, settings: Settings, *, whole: bool = False) -> Iterator[threading.Thread]:
    """While this context is open, the index of a repository is brought up to date in a thread of its own; with `whole`
    before it is entered. What it has read when the context ends is kept, and the next one goes on from there."""
    over = threading.Event()

    def update() -> None:
        store = index.opened(root)
        if store is None:
            return
        try:
            with suppress(DatabaseError):  # a full disk, or another process that takes long: it is an index
                index.update(store, root, Rules(root, patterns(settings.context.exclude)), lambda: not over.is_set())
        finally:
            store.close()

    thread = threading.Thread(target=update, name="index", daemon=True)
    thread.start()
    if whole:
        thread.join()
    try:
        yield thread
    finally:
        over.set()
        thread.join(_PATIENCE_S)


def sources(text: str) -> tuple[Source, ...]:
    """The sources that a setting or an option names: "auto", or names separated by commas. Raises UsageError."""
    if text.strip() in ("", "auto"):
        return gather.DEFAULT
    return tuple(_source(name.strip()) for name in text.split(",") if name.strip())


def patterns(text: str) -> list[str]:
    """What `context.exclude` holds: patterns one a line, or separated by commas."""
    return [part.strip() for line in text.split("\n") for part in line.split(",") if part.strip()]


def _source(name: str) -> Source:
    try:
        return Source(name)
    except ValueError:
        raise UsageError(f"{name} is no source of context", hint=f"there are: {', '.join(_names())}") from None


def _names() -> Iterable[str]:
    return (source.value for source in Source)
