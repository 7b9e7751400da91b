"""What is known of a repository now: from its index where that is up to date, else read on the spot.

Nothing here waits for the index. Without one, what the current file imports is still found; who mentions a name is not.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from coder_tui.context import exclude, grammars, imports, index, namespaces, reading
from coder_tui.context.entries import Entry
from coder_tui.context.exclude import RefusedError, Rules
from coder_tui.context.git_answers import GitAnswers
from coder_tui.context.store import Store
from coder_tui.context.symbols import Import, Symbol
from coder_tui.context.tree import Tree

T = TypeVar("T")
_DEFAULT = "export default "
_PASSED_ON = 4
"""So many files may hand on to each other what another one defines."""
_TEXTS = 256
_ENTRIES = 512
_LOOKED_S = 15.0
"""After which other files may mention a name, and an index may be there that was not."""
_LISTED_S = 60.0
"""The same of the files themselves, where there is no index that tells of them."""


class Knowledge:
    """A repository, as it is known. For one thread."""

    def __init__(self, root: Path, rules: Rules, store: Store | None) -> None:
        self.root = root
        self.rules = rules
        self.git = GitAnswers(root)
        self._inside = os.fspath(root)
        self._store = store
        self._place = store.path if store is not None else None
        self._tree: Tree | None = None
        self._tree_is = ""
        """What the index says of its files at that time; empty without one."""
        self._listed = self._looked_again = time.monotonic()
        self._texts: OrderedDict[str, tuple[tuple[int, int], str, list[str]]] = OrderedDict()
        self._imported: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {}
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._resolved: dict[tuple[Import, str], tuple[str, ...]] = {}
        self._mentioning: dict[tuple[str, int, str], list[str]] = {}
        self._named: dict[str, list[tuple[str, Symbol]]] = {}
        self._looked: dict[str, Entry | None] | None = None
        """What was found on disk since `still` began."""

    @contextmanager
    def still(self) -> Iterator[None]:
        """Meanwhile no file is looked at twice: what is chosen for one cursor asks for the same ones many times."""
        self._forget_what_is_old()
        self._looked = {}
        try:
            yield
        finally:
            self._looked = None

    @property
    def tree(self) -> Tree:
        """The files that may be sent, as they were not long ago."""
        if self._looked is None:
            self._forget_what_is_old()
        if self._tree is None:
            known = self._asked(lambda store: store.paths(), list[str]()) if self._tree_is else []
            if not known:
                known = [path for path in index.listed(self.root) if not self.rules.reason(path)]
                self._listed = time.monotonic()
            self._tree = Tree(known, self.text, self._namespaces)
        return self._tree

    def _forget_what_is_old(self) -> None:
        now = time.monotonic()
        if now - self._looked_again > _LOOKED_S:
            self._looked_again = now
            self._mentioning.clear()
            self._named.clear()
            self._open_again()
        files = self._asked(index.files_as_known, "")
        if self.rules.refresh() or files != self._tree_is or (not files and now - self._listed > _LISTED_S):
            self._tree, self._tree_is = None, files
            self._imported.clear()
            self._resolved.clear()

    def _open_again(self) -> None:
        """An index that could not be asked may be sound now, and one that was damaged is another file."""
        if self._place is None or (self._store is not None and self._store.is_there):
            return
        self.close()
        with suppress(OSError, sqlite3.Error):
            self._store = Store(self._place)

    def close(self) -> None:
        """The index is asked no more."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def entry(self, path: str) -> Entry | None:
        """What a file defines and imports, as it is on disk now; None when it is not there or not to be sent."""
        if self._looked is None:
            return self._look(path)
        if path not in self._looked:
            self._looked[path] = self._look(path)
        return self._looked[path]

    def _look(self, path: str) -> Entry | None:
        if self.rules.reason(path):  # the index may be older than what the user says
            return None
        try:
            state = os.lstat(f"{self._inside}/{path}")
        except (OSError, ValueError):
            return None
        known = self._entries.get(path) or self._asked(lambda store: store.entry(path), None)
        if known is None or (known.mtime_ns, known.size) != (state.st_mtime_ns, state.st_size):
            try:
                known, _ = reading.entry(self.root, path, self.rules)
            except OSError:
                return None
        self._entries[path] = known
        self._entries.move_to_end(path)
        if len(self._entries) > _ENTRIES:
            self._entries.popitem(last=False)
        return None if known.refused else known

    def text(self, path: str) -> str:
        """The text of a file in LF line endings; empty when it is not to be sent."""
        return self._read(path)[0]

    def lines(self, path: str) -> list[str]:
        """The lines of a file, without their ends; none when it is not to be sent."""
        return self._read(path)[1]

    def refusal(self, path: str) -> str:
        """Why a file is not sent, to follow its path; empty when it is, or when there is no such file."""
        try:
            exclude.read(self.root, path)
        except OSError:
            return ""
        except RefusedError as refused:
            return refused.reason
        return self.rules.reason(path) or ("" if path in self.tree.paths else "git ignores it")

    def _read(self, path: str) -> tuple[str, list[str]]:
        entry = self.entry(path)
        if entry is None:
            return "", []
        state = entry.mtime_ns, entry.size
        known = self._texts.get(path)
        if known is None or known[0] != state:
            try:
                text = exclude.read(self.root, path, looked_at=True)[0]
            except (OSError, RefusedError):
                return "", []
            known = state, text, text.split("\n")
            self._texts[path] = known
            if len(self._texts) > _TEXTS:
                self._texts.popitem(last=False)
        self._texts.move_to_end(path)
        return known[1], known[2]

    def has_secret(self, path: str, first: int, last: int) -> bool:
        """Whether lines from `first` to `last` of a file hold a credential."""
        entry = self.entry(path)
        return entry is not None and any(first <= line <= last for line in entry.secret_lines)

    def resolve(self, one: Import, path: str) -> tuple[str, ...]:
        """The files that an import of the file at `path` means."""
        tree = self.tree
        key = one, path
        if key not in self._resolved:
            self._resolved[key] = imports.resolve(one, path, tree)
        return self._resolved[key]

    def found(self, one: Import, path: str, depth: int = _PASSED_ON) -> tuple[str, Symbol] | None:
        """What an imported name is: (the file that defines it, the definition), also where others pass it on."""
        for target in self.resolve(one, path):
            entry = self.entry(target)
            if entry is None:
                continue
            symbol = next((s for s in entry.facts.symbols if s.name == one.name and not s.parent), None)
            if symbol is not None:
                return target, symbol
            if depth:
                for passed in entry.facts.imports:
                    if passed.local == one.name or passed.name == "*":
                        again = Import(passed.module, one.name if passed.name == "*" else passed.name)
                        if (inner := self.found(again, target, depth - 1)) is not None:
                            return inner
            # JavaScript: whoever imports what a file exports by default gives it a name of their own.
            symbol = next((s for s in entry.facts.symbols if s.signature.startswith(_DEFAULT) and not s.parent), None)
            if symbol is not None and depth == _PASSED_ON:
                return target, symbol
        return None

    def imported(self, path: str) -> tuple[str, ...]:
        """Files that a file imports."""
        entry = self.entry(path)
        if entry is None:
            return ()
        state = entry.mtime_ns, entry.size
        known = self._imported.get(path)
        if known is None or known[0] != state:
            known = self._imported[path] = state, self._targets(path, entry)
        return known[1]

    def _targets(self, path: str, entry: Entry) -> tuple[str, ...]:
        """From the index, if it knows the file as it is; it knows what others import, too."""
        state = entry.mtime_ns, entry.size
        if self._tree_is and self._asked(lambda store: store.states_of([path]).get(path), None) == state:
            return tuple(self._asked(lambda store: store.imported(path), []))
        return tuple(dict.fromkeys(target for one in entry.facts.imports for target in self.resolve(one, path)))

    def definitions(self, name: str, limit: int = 8) -> list[tuple[str, Symbol]]:
        return self._asked(lambda store: store.definitions(name, limit), [])

    def named(self, names: Iterable[str], limit: int = 8) -> dict[str, list[tuple[str, Symbol]]]:
        """The definitions of each of these names, as they were not long ago."""
        wanted = list(names)
        for name in wanted:
            if name not in self._named:
                self._named[name] = self.definitions(name, limit)
        return {name: self._named[name] for name in wanted}

    def described(
        self, stems: Sequence[str], least: int, limit: int
    ) -> tuple[Sequence[int], int, list[tuple[str, Symbol]]]:
        """See `Store.described`; without an index nothing is."""
        nothing: tuple[Sequence[int], int, list[tuple[str, Symbol]]] = [0] * len(stems), 0, []
        return self._asked(lambda store: store.described(stems, least, limit), nothing)

    def mentioning(self, name: str, limit: int = 100, family: str = "") -> list[str]:
        """Files in which a name occurs, as they were not long ago, of one family of languages if one is named; found
        among `limit` of them when there are more, and none then for a family."""
        key = name, limit, family
        if key not in self._mentioning:
            found = self._asked(lambda store: store.mentioning(name, limit), list[str]())
            if family:
                found = [one for one in found if grammars.family_of(one) == family] if len(found) < limit else []
            self._mentioning[key] = found
        return self._mentioning[key]

    def refused(self, taken: Iterable[Import], path: str, named: Iterable[str] = ()) -> dict[str, str]:
        """Why files are not sent: those that the file at `path` imports, and those that the user has named."""
        known = self._asked(lambda store: store.refused(), dict[str, str]())
        tree = Tree(known, lambda _: None)
        meant = (target for one in taken if not self.resolve(one, path) for target in imports.resolve(one, path, tree))
        found = {target: self.rules.reason(target) or known[target] for target in meant}
        for one in named:
            if self.entry(one) is None:
                found[one] = self.rules.reason(one) or known.get(one) or "not there"
        return found

    def importers(self, path: str) -> list[str]:
        return self._asked(lambda store: store.importers(path), [])

    def together(self, path: str, limit: int = 4) -> list[tuple[str, int]]:
        return self._asked(lambda store: store.together(path, limit), [])

    def _namespaces(self) -> dict[str, str]:
        return self._asked(lambda store: store.namespaces(namespaces.SAID_IN), {})

    def _asked(self, question: Callable[[Store], T], otherwise: T) -> T:
        """What the index says; where it fails it is done without."""
        if self._store is None:
            return otherwise
        with suppress(sqlite3.Error):
            return question(self._store)
        self._store = None
        return otherwise
