"""Making, renaming and deleting files from the tree. Each question needs a worker around it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.app import App

from coder_tui.core.errors import CoderError, WriteError
from coder_tui.core.plain import plain
from coder_tui.edits.write import create
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files
from coder_tui.ui.screens.ask import Answer, Ask, AskText
from coder_tui.ui.telling import in_thread, tell
from coder_tui.ui.tree import FileTree

_DELETE = [Answer("delete", "Delete", danger=True), Answer("keep", "Keep")]


class TreeEditing:
    """What is done to files from the tree."""

    def __init__(
        self, app: App[None], editors: Editors, files: Files, directory: Path, done: Callable[[], object]
    ) -> None:
        """`done` is told when something has changed."""
        self._app, self._editors, self._files, self._directory, self._done = app, editors, files, directory, done

    async def carry_out(self, wish: FileTree.Wish) -> None:
        """Ask what must be asked, and do it."""
        try:
            if wish.action == "new":
                await self._new(wish.path)
            elif wish.action == "rename":
                await self._rename(wish.path)
            else:
                await self._delete(wish.path)
        except CoderError as error:
            tell(self._app, error)
        self._done()

    async def _new(self, folder: str) -> None:
        name = await self._app.push_screen_wait(AskText("New file", folder.lstrip("/"), placeholder="its path"))
        if name and name.strip() and not name.endswith("/"):
            path = self._within(name.strip())
            await in_thread(partial(create, path, b""))
            await self._files.open(path)

    async def _rename(self, old: str) -> None:
        name = await self._app.push_screen_wait(AskText(f"Rename {plain(old)}", old.rstrip("/")))
        if not name or not name.strip() or name.strip() == old.rstrip("/"):
            return
        source, target = self._within(old), self._within(name.strip())
        await in_thread(partial(_move, source, target))
        for file in self._editors.files:
            if file.path is not None and (file.path == source or source in file.path.parents):
                self._files.moved(file, target / file.path.relative_to(source))
        self._editors.update_tabs()

    async def _delete(self, path: str) -> None:
        target = self._within(path)
        is_folder = target.is_dir() and not target.is_symlink()
        detail = (
            "The folder and all that is in it. This cannot be taken back."
            if is_folder
            else "This cannot be taken back."
        )
        answer = await self._app.push_screen_wait(Ask(f"Delete {plain(path)}?", _DELETE, detail))
        if answer == "delete":
            await in_thread(partial(_remove, target))

    def _within(self, path: str) -> Path:
        """The path below the directory. Raises WriteError for one that leads out of it."""
        target = self._directory / path.rstrip("/")
        if ".." in Path(path).parts or not target.is_relative_to(self._directory) or target == self._directory:
            raise WriteError(f"{plain(path)} is not below {self._directory}")
        return target


def _move(source: Path, target: Path) -> None:
    """Raises WriteError; nothing is overwritten."""
    if target.exists() or target.is_symlink():
        raise WriteError(f"{target} is there already")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except OSError as error:
        raise WriteError(f"cannot rename {source}: {(error.strerror or str(error)).lower()}") from None


def _remove(target: Path) -> None:
    try:
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()
    except OSError as error:
        raise WriteError(f"cannot delete {target}: {(error.strerror or str(error)).lower()}") from None
