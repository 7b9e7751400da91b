"""Keeping the index of a repository true: what has changed since is read again, by path, time of change and size.

Nothing waits for it. Whoever asks gets what is known so far.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, permutations
from pathlib import Path
from weakref import WeakKeyDictionary

from coder_tui.config import paths as places
from coder_tui.context import exclude, imports, namespaces, readers, reading, repository
from coder_tui.context.entries import Row
from coder_tui.context.exclude import IGNORE_FILE, RefusedError, Rules
from coder_tui.context.ignoring import Ignoring
from coder_tui.context.reading import state
from coder_tui.context.store import Store
from coder_tui.context.symbols import Import
from coder_tui.context.tree import Tree
from coder_tui.core.errors import CoderError

_BUNDLE = 256
"""Files between two moments at which others see what is new."""
_COMMITS = 400
_FILES_OF_A_COMMIT = 12
"""A commit of more says nothing about which files belong together."""
_MOST_FILES = 100_000
_FEW_FILES = 2000
"""Without git a folder may be anything: of it and what is below it only so many files are looked at."""
_DEPTH = 3
_TREES: WeakKeyDictionary[Store, tuple[str, Tree]] = WeakKeyDictionary()
"""(what `files_as_known` said, the files) of each open index."""
_HEAD = "head"
_LINKED = "linked"
_SAID = "said"
_FILES = "files"
_PROJECT_FILES = frozenset({"package.json", "go.mod", "go.work", "Cargo.toml", "composer.json", "pyproject.toml"})


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
    ignoring = Ignoring(root, ".gitignore")
    for folder, folders, names in os.walk(root):
        inner = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if inner == "." else f"{inner}/"
        wanted = [one for one in sorted(folders) if not one.startswith(".") and not ignoring.names(f"{prefix}{one}/")]
        folders[:] = [] if prefix.count("/") >= _DEPTH else wanted
        yield from (prefix + name for name in sorted(names) if not ignoring.names(prefix + name))


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
    inside = os.fspath(root)
    states = {path: now for path in listed(root) if (now := state(inside, path)) is not None}
    known = store.states()
    gone = known.keys() - states.keys()
    changed = [path for path, now in states.items() if now != known.get(path)]
    said = _said(root, states, rules)
    if known and store.meta(_SAID) != said:  # what was refused may be sent now, and the other way round
        refused = store.refused()
        others = (path for path in states if states[path] == known.get(path))
        changed += [path for path in others if path in refused or rules.reason(path)]
    with store.writing():
        store.remove(gone)
    done = 0
    for count, rows in _bundled(readers.rows(root, rules, changed, go_on)):
        with store.writing():
            store.put(rows)
        done += count
    if done < len(changed):
        return Updated(len(states), done, len(gone), is_whole=False)
    linked = store.meta(_LINKED) == "yes" and store.meta(_SAID) == said
    new = bool(gone) or any(path not in known or _is_project_file(path) for path in changed)
    if new or not linked:  # a name may mean another file now
        _link_all(store, root)
    elif changed:
        _link_some(store, root, changed)
    with store.writing():
        store.set_meta(_LINKED, "yes")
        store.set_meta(_SAID, said)
    _history(store, root)
    return Updated(len(states), done, len(gone))


def _bundled(batches: Iterable[tuple[int, list[Row]]]) -> Iterable[tuple[int, list[Row]]]:
    """Several batches as one: writing costs less so."""
    files, rows = 0, list[Row]()
    for count, some in batches:
        files, rows = files + count, rows + some
        if files >= _BUNDLE:
            yield files, rows
            files, rows = 0, []
    if files:
        yield files, rows


def update_some(store: Store, root: Path, rules: Rules, paths: Sequence[str]) -> None:
    """The same for files that are known to have changed: after one was saved, say. New and deleted ones too."""
    known, spaces = store.states_of(paths), store.namespaces_of(paths)
    there = [path for path in paths if state(os.fspath(root), path) is not None]
    rows = reading.rows(root, rules, there)
    with store.writing():
        store.remove(set(paths) - set(there))
        store.put(rows)
    same = len(known) == len(paths) == len(there) and store.namespaces_of(paths) == spaces
    if same and not any(map(_is_project_file, paths)):
        _link_some(store, root, there)
    else:
        _link_all(store, root)


def files_as_known(store: Store) -> str:
    """Another value each time that files come or go or imports may mean others; empty before all are known."""
    return store.meta(_FILES) if store.meta(_LINKED) else ""


def _is_project_file(path: str) -> bool:
    """Whether it says what names of modules mean."""
    name = path.rpartition("/")[2]
    return name in _PROJECT_FILES or (name.startswith(("tsconfig", "jsconfig")) and name.endswith(".json"))


def _link_all(store: Store, root: Path) -> None:
    _TREES.pop(store, None)
    tree = _tree(store, root)
    _link(store, tree, store.all_imports())
    files = str(time.time_ns())
    with store.writing():
        store.set_meta(_FILES, files)
    _TREES[store] = files, tree


def _said(root: Path, paths: Iterable[str], rules: Rules) -> str:
    """What the user says must not be sent, as a hash: patterns, and the state of each ignore file."""
    found = hashlib.blake2b(repr(rules.patterns).encode(), digest_size=16)
    for folder in sorted(_folders(paths)):
        file = f"{folder}/{IGNORE_FILE}" if folder else IGNORE_FILE
        if (now := state(os.fspath(root), file)) is not None:
            found.update(repr((file, now)).encode())
    return found.hexdigest()


def _folders(paths: Iterable[str]) -> set[str]:
    """All that a file is in or below, with the root."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _tree(store: Store, root: Path) -> Tree:
    """The files that may be sent; as long as none come or go it is the same one."""
    files = files_as_known(store)
    known = _TREES.get(store)
    if known is not None and files and known[0] == files:
        return known[1]

    def text(path: str) -> str | None:
        try:
            return exclude.read(root, path)[0]
        except (OSError, RefusedError):
            return None

    made = Tree(store.paths(), text, lambda: store.namespaces(namespaces.SAID_IN))
    if files:
        _TREES[store] = files, made
    return made


def _link(store: Store, tree: Tree, of: Iterable[tuple[str, Iterable[Import]]]) -> None:
    """Write down which files these ones import."""
    left = iter(of)
    while some := list(islice(left, _BUNDLE)):
        edges = {
            path: list(dict.fromkeys(target for one in taken for target in imports.resolve(one, path, tree)))
            for path, taken in some
        }
        with store.writing():
            store.link(edges)


def _link_some(store: Store, root: Path, paths: Sequence[str]) -> None:
    entries = ((path, store.entry(path)) for path in paths)
    _link(store, _tree(store, root), [(path, found.facts.imports) for path, found in entries if found is not None])


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
