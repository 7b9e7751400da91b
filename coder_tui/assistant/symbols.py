"""Where names are defined: in a text as it stands, and in a repository as its index has it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Error as DatabaseError
from typing import TYPE_CHECKING

from coder_tui.core.document import reference
from coder_tui.core.fuzzy import Match, search

if TYPE_CHECKING:
    from coder_tui.context.store import Store
    from coder_tui.context.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition."""

    title: str
    """Its name, with the class that it is part of: `Till.add`."""
    kind: str
    path: str
    """Relative to the repository."""
    first_line: int
    """0-based."""
    last_line: int

    @property
    def place(self) -> str:
        """Path and lines, 1-based, as people write them."""
        return reference(self.path, self.first_line + 1, self.last_line + 1)


def in_text(text: str, path: str) -> list[Defined]:
    """What a text (LF) defines, in its order; nothing for a language without a grammar."""
    from coder_tui.context import grammars, symbols

    return [_defined(path, symbol) for symbol in symbols.read(text, grammars.language_of(path)).symbols]


def ranked(query: str, found: Sequence[Defined], limit: int) -> list[tuple[Match, Defined]]:
    """Those whose titles match, the best first; all of them, in their order, for an empty query."""
    if not query.strip():
        return [(Match(one.title, 0, ()), one) for one in found[:limit]]
    by_title: dict[str, list[Defined]] = {}
    for one in found:
        by_title.setdefault(one.title, []).append(one)
    matches = search(query, list(by_title), limit)
    return [(match, one) for match in matches for one in by_title[match.text]][:limit]


class Names:
    """The names of a repository. From any thread; whoever asks first opens the index."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._is_closed = False

    def matching(self, query: str, limit: int = 50) -> list[Defined]:
        """Definitions whose titles have the characters of a query in their order, the best first."""
        from coder_tui.context import index

        letters = "".join(query.split())
        if not letters:
            return []
        with self._lock:
            if self._store is None and not self._is_closed:
                self._store = index.opened(self._root)
            if self._store is None:
                return []
            try:
                rows = self._store.matching(letters)
            except DatabaseError:  # a full disk, or an index that is being made anew: there is nothing to show
                return []
        return [one for _, one in ranked(letters, [_defined(path, symbol) for path, symbol in rows], limit)]

    def close(self) -> None:
        """The index is asked no more."""
        with self._lock:
            self._is_closed = True
            if self._store is not None:
                self._store.close()
                self._store = None


def _defined(path: str, symbol: Symbol) -> Defined:
    title = f"{symbol.parent}.{symbol.name}" if symbol.parent else symbol.name
    return Defined(title, symbol.kind, path, symbol.first_line, symbol.last_line)
