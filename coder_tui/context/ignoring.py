"""Files in the form of .gitignore: what the one at the root and those in folders below it name."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.context import plain_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MOST_LINES = 10_000
_NOW_AND_THEN_S = 2.0


class Ignoring:
    """The ignore files of a folder and of those below it. The deeper one has the last word on what lies below it, but
    nothing comes back from a folder that is ignored as a whole, as with git."""

    def __init__(self, root: Path, name: str) -> None:
        """`name`: what the files are called."""
        self._root = os.fspath(root)
        self._name = name
        self._known: dict[str, tuple[object, GitIgnoreSpec | None]] = {}
        """By folder: (the file's state, what it says)."""
        self._folders: dict[str, bool] = {}
        self._looked = time.monotonic()

    def names(self, path: str) -> bool:
        """Whether a path below the root, with forward slashes, is ignored. One that ends with a slash is a folder."""
        folder, _, name = path.rstrip("/").rpartition("/")
        return self._is_ignored_folder(folder) or (bool(name) and self._says(path))

    def refresh(self) -> bool:
        """Look whether files have changed; whether any has. Those of folders that had none are looked for now and then:
        there may be hundreds, and this is asked before each suggestion."""
        now = time.monotonic()
        everywhere = now - self._looked > _NOW_AND_THEN_S
        if everywhere:
            self._looked = now
        asked = [folder for folder, (state, _) in self._known.items() if everywhere or state is not None or not folder]
        changed = [folder for folder in asked if self._state(folder) != self._known[folder][0]]
        if changed:
            self._folders.clear()
        for folder in changed:
            del self._known[folder]
        return bool(changed)

    def _is_ignored_folder(self, folder: str) -> bool:
        if not folder:
            return False
        if folder not in self._folders:
            self._folders[folder] = self._is_ignored_folder(folder.rpartition("/")[0]) or self._says(f"{folder}/")
        return self._folders[folder]

    def _says(self, path: str) -> bool:
        """By the nearest file that says anything of it."""
        folder = path.rstrip("/").rpartition("/")[0]
        while True:
            spec = self._spec(folder)
            if spec is not None:
                said = spec.check_file(path[len(folder) + 1 :] if folder else path).include
                if said is not None:
                    return said
            if not folder:
                return False
            folder = folder.rpartition("/")[0]

    def _spec(self, folder: str) -> GitIgnoreSpec | None:
        known = self._known.get(folder)
        if known is None:
            state = self._state(folder)
            text = "" if state is None else plain_file.small_text(self._root, _join(folder, self._name))
            known = self._known[folder] = state, spec(text.splitlines()[:_MOST_LINES])
        return known[1]

    def _state(self, folder: str) -> object:
        try:
            state = os.lstat(f"{self._root}/{_join(folder, self._name)}")
        except (OSError, ValueError):
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino


def spec(patterns: Sequence[str]) -> GitIgnoreSpec | None:
    """Patterns that can be asked; None when there are none. Those that make no sense say nothing, as with git."""
    wanted = [line for line in patterns if line.strip() and not line.startswith("#")]
    if not wanted:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(wanted)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in wanted if _is_sound(line)])


def _is_sound(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
