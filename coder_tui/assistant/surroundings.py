"""What of a repository goes along with a suggestion: chosen as somebody types, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Error as DatabaseError

from coder_tui.config.schema import Settings
from coder_tui.context import gather, index
from coder_tui.context.around import Around
from coder_tui.context.exclude import Rules
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pack import CountTokens, Packed
from coder_tui.context.pieces import Source
from coder_tui.core.errors import UsageError


class Surroundings:
    """A repository, or the folder of a file that is in none."""

    def __init__(
        self, root: Path, settings: Settings, wish: gather.Wish | None = None, *, indexed: bool = True
    ) -> None:
        """With `indexed` the index of the repository is used as far as it is there."""
        self.root = root
        self.wish = wish or gather.Wish(sources(settings.context.sources))
        self.gatherer = gather.gatherer(root, patterns(settings.context.exclude), indexed=indexed)
        self._lock = threading.Lock()
        self._found = Packed()

    def gather(self, around: Around, window: str, count: CountTokens, budget: int) -> Packed:
        """See `Gatherer.gather`."""
        with self._lock:
            self._found = self.gatherer.gather(around, self.wish, window, count, budget)
            return self._found

    @contextmanager
    def known(self) -> Iterator[Knowledge]:
        """What is known of the repository, for one thread at a time."""
        with self._lock:
            yield self.gatherer.known

    def close(self) -> None:
        """No more questions to the index."""
        with self._lock:
            self.gatherer.known.close()

    @property
    def found(self) -> Packed:
        """What was found last."""
        return self._found


@contextmanager
def indexed(root: Path, settings: Settings, *, whole: bool = False) -> Iterator[None]:
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
        yield
    finally:
        over.set()
        thread.join()


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
