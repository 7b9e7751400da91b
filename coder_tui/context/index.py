"""Keeping the index of a repository true: what has changed since is read again, by path, time of change and size.

Nothing waits for it. Whoever asks gets what is known so far.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, permutations
from pathlib import Path

from coder_tui.config import paths as places
from coder_tui.context import exclude, grammars, imports, repository, secrets, symbols
from coder_tui.context.exclude import RefusedError, Rules
from coder_tui.context.store import Entry, Store
from coder_tui.context.symbols import IDENTIFIER, Import
from coder_tui.context.tree import Tree
from coder_tui.core.errors import CoderError

_BATCH = 64
"""Files between two moments at which others see what is new, and at which it can be stopped."""
_COMMITS = 400
_FILES_OF_A_COMMIT = 12
"""A commit of more says nothing about which files belong together."""
_MOST_FILES = 100_000
_FEW_FILES = 2000
"""Without git a folder may be anything: of it and what is below it only so many files are looked at."""
_DEPTH = 3
_HEAD = "head"
_LINKED = "linked"


def path_of(root: Path) -> Path:
    """Where the index of a repository is kept."""
    name = hashlib.blake2b(os.fsencode(os.path.realpath(root)), digest_size=16).hexdigest()
    return places.cache_dir() / "index" / f"{name}.db"


def listed(root: Path) -> tuple[str, ...]:
    """The files of a repository that git does not ignore, in order; where git is not to be had, or there is no
    repository, some files of the folder."""
    if (root / ".git").exists():
        with suppress(CoderError):
            return repository.files(root)[:_MOST_FILES]
    return tuple(sorted(islice(_walk(root), _FEW_FILES)))


def trouble(root: Path) -> str:
    """What is to be known of how the files of a repository are found, in a line for the user; empty for nothing."""
    if not (root / ".git").exists():
        return "not in a git repository: only the files beside this one are looked at"
    try:
        repository.files(root)
    except CoderError as error:
        return f"{error}: only some of its files are looked at"
    return ""


def _walk(root: Path) -> Iterable[str]:
    """Files without the help of git; what `.gitignore` files name is left out all the same."""
    rules: dict[str, Rules] = {}
    for folder, folders, names in os.walk(root):
        inner = os.path.relpath(folder, root)
        prefix = "" if inner == "." else f"{inner}/"
        rules[prefix] = Rules(Path(folder), ignore_file=".gitignore")
        above = [prefix[:at] for at in range(len(prefix) + 1) if not prefix[:at] or prefix[:at].endswith("/")]

        def is_ignored(path: str, above: list[str] = above) -> bool:
            return any(rules[outer].is_ignored(path[len(outer) :]) for outer in above)

        wanted = [one for one in sorted(folders) if not one.startswith(".") and not is_ignored(f"{prefix}{one}/")]
        folders[:] = [] if prefix.count("/") >= _DEPTH else wanted
        yield from (prefix + name for name in sorted(names) if not is_ignored(prefix + name))


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update has done."""

    files: int
    """In the repository."""
    read: int
    """Of them, read again."""
    removed: int
    is_whole: bool = True
    """False when it was stopped before its end."""


def update(store: Store, root: Path, rules: Rules, go_on: Callable[[], bool] = lambda: True) -> Updated:
    """Bring an index up to date; what was done until `go_on` says no is kept. Raises sqlite3.Error."""
    states = {path: state for path in listed(root) if (state := _state(root, path)) is not None}
    known = store.states()
    gone = known.keys() - states.keys()
    changed = [path for path, state in states.items() if state != known.get(path)]
    with store.writing():
        store.remove(gone)
    done = 0
    for start in range(0, len(changed), _BATCH):
        if not go_on():
            return Updated(len(states), done, len(gone), is_whole=False)
        batch = changed[start : start + _BATCH]
        _put(store, root, rules, batch)
        done += len(batch)
    linked = store.meta(_LINKED) == "yes"
    new = bool(gone) or any(path not in known for path in changed)
    if new or not linked:  # a name may mean another file now
        _link(store, root, store.all_imports())
    elif changed:
        _link_some(store, root, changed)
    with store.writing():
        store.set_meta(_LINKED, "yes")
    _history(store, root)
    return Updated(len(states), done, len(gone))


def update_some(store: Store, root: Path, rules: Rules, paths: Sequence[str]) -> None:
    """The same for files that are known to have changed: after one was saved, say. New and deleted ones too."""
    known = store.states()
    there = [path for path in paths if _state(root, path) is not None]
    with store.writing():
        store.remove(set(paths) - set(there))
    _put(store, root, rules, there)
    if all(path in known for path in paths) and len(there) == len(paths):
        _link_some(store, root, there)
    else:
        _link(store, root, store.all_imports())


def entry(root: Path, path: str, rules: Rules) -> tuple[Entry, str]:
    """(what a file is to the index, its text; empty when it is not sent). Raises OSError when it is not there."""
    reason = rules.reason(path)
    try:
        if reason:
            state = os.lstat(root / path)
            raise RefusedError(reason)
        text, state = exclude.read(root, path)
    except RefusedError as refused:
        state = os.lstat(root / path)
        return Entry(state.st_mtime_ns, state.st_size, str(refused)), ""
    facts = symbols.read(text, grammars.language_of(path))
    return Entry(state.st_mtime_ns, state.st_size, "", facts, secrets.lines(text)), text


def words(text: str) -> list[str]:
    """The names that a text mentions, each once."""
    return list(dict.fromkeys(word for word in IDENTIFIER.findall(text) if 2 < len(word) < 64))


def _state(root: Path, path: str) -> tuple[int, int] | None:
    try:
        state = os.lstat(root / path)
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size


def _put(store: Store, root: Path, rules: Rules, paths: Sequence[str]) -> None:
    """Read before anything is locked; write in one go."""
    read: list[tuple[str, Entry, list[str]]] = []
    for path in paths:
        with suppress(OSError):
            found, text = entry(root, path, rules)
            read.append((path, found, words(text)))
    with store.writing():
        for path, found, names in read:
            store.put(path, found, names)


def _tree(store: Store, root: Path) -> Tree:
    def text(path: str) -> str | None:
        try:
            return exclude.read(root, path)[0]
        except (OSError, RefusedError):
            return None

    return Tree(store.paths(), text, lambda: store.namespaces(imports.NAMESPACED))


def _link(store: Store, root: Path, of: Iterable[tuple[str, Iterable[Import]]]) -> None:
    tree = _tree(store, root)
    edges = {
        path: list(dict.fromkeys(target for one in taken for target in imports.resolve(one, path, tree)))
        for path, taken in of
    }
    with store.writing():
        store.link(edges)


def _link_some(store: Store, root: Path, paths: Sequence[str]) -> None:
    entries = ((path, store.entry(path)) for path in paths)
    _link(store, root, [(path, found.facts.imports) for path, found in entries if found is not None])


def _history(store: Store, root: Path) -> None:
    """Which files change together, when there are new commits."""
    head = repository.head(root) if (root / ".git").exists() else ""
    if not head or store.meta(_HEAD) == head:
        return
    counts: Counter[tuple[str, str]] = Counter()
    for files in repository.commits(root, _COMMITS):
        if 1 < len(files) <= _FILES_OF_A_COMMIT:
            counts.update(permutations(files, 2))
    with store.writing():
        store.put_together({pair: times for pair, times in counts.items() if times > 1})
        store.set_meta(_HEAD, head)


def opened(root: Path) -> Store | None:
    """The index of a repository; None where the cache directory cannot be written."""
    try:
        return Store(path_of(root))
    except (OSError, sqlite3.Error):
        return None
