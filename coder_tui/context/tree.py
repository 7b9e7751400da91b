"""The files of a repository by their paths, and what its project files say about names of modules."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from coder_tui.context.symbols import Import

_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_REMEMBERED = 20_000
_TEST = re.compile(
    r"(?:^|/)(?:[\w.-]+[._-])?(?:tests?|specs?|__tests__|Tests?)/|(?:^|/)test_|_test\.|\.test\.|\.spec\.|Tests?\.\w+$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def is_test(path: str) -> bool:
    """Whether a file holds tests, by its name or its folder."""
    return _TEST.search(path) is not None


class Tree:
    """Paths relative to the repository, with forward slashes."""

    def __init__(
        self,
        paths: Iterable[str],
        read: Callable[[str], str | None],
        namespaces: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        """`read` gives the text of a file, None when it is not to be had: for project files such as `go.mod`.
        `namespaces` gives what files say that they are in, as far as that is known."""
        self.paths = frozenset(paths)
        self._read = read
        self._namespaces = namespaces
        self._known: dict[str, object] = {}
        self._remembered: dict[tuple[str, ...], list[str | None]] = {}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """Paths by the last part of them, in order."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            found.setdefault(posixpath.basename(path), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached_property
    def by_end(self) -> Mapping[str, tuple[str, ...]]:
        """Paths by the last two parts of them, in order: many files have the name `__init__.py`."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            found.setdefault(_end(path), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached_property
    def by_folder(self) -> Mapping[str, tuple[str, ...]]:
        """Paths by the folder that they are in, in order."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            found.setdefault(posixpath.dirname(path), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached_property
    def namespaces(self) -> Mapping[str, str]:
        """The namespace or package that a file says it is in, by its path."""
        return self._namespaces()

    @cached_property
    def by_namespace(self) -> Mapping[str, tuple[str, ...]]:
        """Paths by the namespace that is said in them, in order."""
        found: dict[str, list[str]] = {}
        for path, namespace in sorted(self.namespaces.items()):
            found.setdefault(namespace, []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def remembered(self, key: tuple[str, ...], find: Callable[[], list[str | None]]) -> list[str | None]:
        """What `find` says, asked once: the files of a folder import the same things."""
        known = self._remembered.get(key)
        if known is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            known = self._remembered[key] = find()
        return known

    def first(self, *candidates: str) -> str | None:
        """The first of these paths that is there."""
        for path in candidates:
            if path and (path in self.paths or (path := posixpath.normpath(path)) in self.paths):
                return path
        return None

    def first_of(self, base: str, ends: Iterable[str]) -> str | None:
        """The first path that is there of those that begin with `base`, a normal path, and go on with one of these."""
        return next((path for end in ends if (path := base + end) in self.paths), None)

    def ending(self, *tails: str, near: str = "") -> str | None:
        """The file whose path ends with one of these, the first that has any; of several the one that shares most of
        its folders with `near`, None where two do equally."""
        for tail in tails:
            wanted = posixpath.normpath(tail)
            same = self.by_name.get(wanted, ()) if "/" not in wanted else self.by_end.get(_end(wanted), ())
            found = [path for path in same if path == wanted or path.endswith(f"/{wanted}")]
            if len(found) == 1:
                return found[0]
            if found:
                shared = sorted(((_shared(path, near), path) for path in found), reverse=True)
                return shared[0][1] if shared[0][0] > shared[1][0] else None
        return None

    def folder_ending(self, tail: str, near: str = "") -> str | None:
        """The folder of files whose path ends with this; of several as `ending`."""
        found = [one for one in self.by_folder if one == tail or one.endswith(f"/{tail}")]
        if len(found) < 2:
            return found[0] if found else None
        shared = sorted(((_shared(f"{one}/", near), one) for one in found), reverse=True)
        return shared[0][1] if shared[0][0] > shared[1][0] else None

    def above(self, path: str, name: str) -> Iterable[str]:
        """Files of this name in the folder of a path and in those above, the nearest first."""
        folder = posixpath.dirname(path)
        while True:
            if (found := posixpath.join(folder, name)) in self.paths:
                yield found
            if not folder:
                return
            folder = posixpath.dirname(folder)

    def text(self, path: str) -> str:
        """Of a project file; empty when it cannot be read."""
        if path not in self._known:
            self._known[path] = self._read(path) or ""
        return cast("str", self._known[path])

    def json(self, path: str) -> dict[str, object]:
        """Of a project file, which may have comments, as tsconfig.json may; empty when it is not an object."""
        key = f"json:{path}"
        if key not in self._known:
            plain = _COMMENT.sub(lambda match: match[1] or "", self.text(path))
            try:
                value = json.loads(_TRAILING_COMMA.sub(r"\1", plain))
            except (ValueError, RecursionError):
                value = {}
            self._known[key] = value if isinstance(value, dict) else {}
        return cast("dict[str, object]", self._known[key])


def _shared(path: str, near: str) -> int:
    """Folders that both are in."""
    count = 0
    for one, other in zip(path.split("/")[:-1], near.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count


def _end(path: str) -> str:
    return "/".join(path.rsplit("/", 2)[-2:])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a resolver is asked: which files an import of the file at `path` means."""

    one: Import
    path: str
    tree: Tree

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    def beside(self, module: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, module))
