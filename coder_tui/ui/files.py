"""Opening, saving and watching files behind the editor: all that touches the disk happens in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.app import App

from coder_tui.assistant import merging
from coder_tui.assistant.last_places import LastPlaces
from coder_tui.assistant.saving import Saved, place_of, save
from coder_tui.config import paths
from coder_tui.context import repository
from coder_tui.core.document import Document
from coder_tui.core.errors import ChangedOnDiskError, CoderError, DocumentError
from coder_tui.core.standins import is_holdable
from coder_tui.edits import files
from coder_tui.ui.editor.area import CodeArea
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile, stamp
from coder_tui.ui.screens.ask import Answer, Ask, AskText
from coder_tui.ui.telling import in_thread, tell
from coder_tui.weights.sizes import size_text

MAX_BYTES = 32 << 20
"""A larger file is not opened: an editor that holds each line would take a gigabyte for 100 MB."""
READ_ONLY_BYTES = 8 << 20
"""A larger one is for reading."""
_OVERWRITE = Answer("overwrite", "Overwrite", danger=True)
_RELOAD = Answer("reload", "Reload", danger=True)
_SETTLE = [_OVERWRITE, _RELOAD, Answer("keep", "Do nothing")]
_MERGE = Answer("merge", "Merge")


class Files:
    """What can be done with open files. Coroutines run on the app's loop; questions need a worker around them."""

    def __init__(self, app: App[None], editors: Editors, launch: Launch, *, wrap: bool) -> None:
        self._app, self._editors, self._launch = app, editors, launch
        self.wrap = wrap
        self.place = place_of(launch.root, launch.settings)
        """Where files are changed, and the journal."""
        self.saved: Callable[[OpenFile], None] = lambda _: None
        """Is told of every file that was written."""
        self.last = LastPlaces(paths.places_file()) if launch.settings.app.places == "on" else None
        """Where files were left."""
        self.listed: Callable[[], tuple[str, ...]] = tuple
        """All files of the directory, relative to it."""

    async def open(self, path: Path, line: int | None = None) -> OpenFile | None:
        """Open a file, or show its tab. One that is not there begins empty, and is made when it is saved."""
        path = path.absolute()
        file = next((one for one in self._editors.files if one.path is not None and _same(one.path, path)), None)
        if file is None:
            try:
                document, place = await in_thread(partial(self._found, path))
            except CoderError as error:
                tell(self._app, error)
                return None
            file = await self.add(document)
            if place is not None and line is None:
                go_to(file.area, *place)
        else:
            self._editors.show(file)
        if line is not None:
            go_to(file.area, line - 1)
        return file

    async def new(self, text: str = "") -> OpenFile:
        """An empty file without a name."""
        return await self.add(Document(text))

    async def add(self, document: Document) -> OpenFile:
        """A tab for a document."""
        path = document.path
        path_name = self.name_of(path) if path is not None else ""
        holdable = is_holdable(document.text)
        read_only = len(document.text) > READ_ONLY_BYTES or not holdable
        area = CodeArea(document.text, path_name, table=self._launch.table, wrap=self.wrap, read_only=read_only)
        file = OpenFile(document, area, path.name if path is not None else "new file", path_name)
        if read_only:
            reason = "it is large" if holdable else "it has characters that the editor keeps for itself"
            self._app.notify(f"{file.name} is opened for reading only: {reason}", markup=False)
        await self._editors.add(file)
        return file

    def name_of(self, path: Path) -> str:
        """The path as the repository has it."""
        return repository.relative(path, self._launch.root or self._launch.directory)

    def _found(self, path: Path) -> tuple[Document, tuple[int, int] | None]:
        """(a file, where its cursor was when it was left). Raises as `_read`."""
        return self._read(path), self.last.of(path) if self.last is not None else None

    def _read(self, path: Path) -> Document:
        if not path.exists() and not path.is_symlink():
            return Document("", path)
        limit = self._launch.settings.files.max_bytes
        if stamp(path)[1] > min(MAX_BYTES, limit) and limit > MAX_BYTES:
            size, most = size_text(stamp(path)[1]), size_text(MAX_BYTES)
            raise DocumentError(f"{path} has {size}, the editor opens files of up to {most}")
        return files.read(path, max_bytes=min(MAX_BYTES, limit))

    async def save(self, file: OpenFile) -> bool:
        """Save, asking for a name where there is none, and what to do where the file has changed on disk."""
        if file.path is None:
            return await self.save_as(file)
        if file.area.read_only:
            tell(self._app, DocumentError(f"{file.name} is opened for reading only"))
            return False
        try:
            return await self._write(file, file.document)
        except ChangedOnDiskError as error:
            return await self._settle(file, f"{str(error).partition(';')[0]}. What now?")
        except CoderError as error:
            tell(self._app, error)
            return False

    async def save_as(self, file: OpenFile) -> bool:
        """Save under a name that is asked for; never over another file."""
        start = self.name_of(file.path) if file.path is not None else ""
        detail = f"relative to {self._launch.directory}"
        name = await self._app.push_screen_wait(AskText("Save as", start, detail, placeholder="path of the file"))
        if not name or not name.strip():
            return False
        path = (self._launch.directory / Path(name.strip()).expanduser()).absolute()
        if file.path is not None and _same(path, file.path):
            return await self.save(file)
        try:
            done = await self._write(file, replace(file.document, path=path, digest=""))
        except CoderError as error:
            tell(self._app, error)
            return False
        file.name, file.path_name = path.name, self.name_of(path)
        file.area.renamed(file.path_name)
        self._editors.update_tabs()
        return done

    async def _write(self, file: OpenFile, document: Document) -> bool:
        if file.saving:
            return False
        file.saving = True
        try:
            text = file.area.content
            limit = self._launch.settings.files.max_bytes
            reason = f"{'; '.join(file.made)}: {document.path.name}" if file.made and document.path else ""
            work = partial(save, document, text, self.place, max_bytes=limit, reason=reason, session=file.made_in)
            result: Saved = await in_thread(work)
        finally:
            file.saving = False
        file.take(result.document)
        file.made.clear()
        file.made_in = ""
        for warning in result.warnings:
            self._app.notify(warning, severity="warning", markup=False)
        self._editors.update_tabs()
        self.saved(file)
        return True

    async def _settle(self, file: OpenFile, problem: str) -> bool:
        """The file is not what was read: what now?"""
        try:
            disk = await in_thread(partial(self._read, file.path)) if file.path is not None else Document("")
            both = await in_thread(partial(merging.merged, file.document, file.area.content, disk))
            answers = [_MERGE, *_SETTLE] if both.text is not None else _SETTLE
            answer = await self._app.push_screen_wait(Ask(problem, answers, merging.told(both)))
            if answer == "merge" and both.text is not None:
                file.take(disk)
                file.area.replace_all(both.text)
                self._editors.update_tabs()
                self._app.notify("merged: look it over and save it", markup=False)
            if answer == "overwrite" and file.path is not None:
                return await self._write(file, await in_thread(partial(self._read, file.path)))
            if answer == "reload":
                await self.reload(file)
        except CoderError as error:
            tell(self._app, error)
        return False

    async def reload(self, file: OpenFile) -> None:
        """Take what is on disk, as a step that Undo takes back. Raises CoderError."""
        if file.path is None:
            return
        document = await in_thread(partial(self._read, file.path))
        file.take(document)
        if file.area.document.lines != file.saved:
            file.area.replace_all(document.text)
        self._editors.update_tabs()

    def moved(self, file: OpenFile, path: Path) -> None:
        """The file has another name now."""
        file.document = replace(file.document, path=path)
        file.name, file.path_name, file.on_disk = path.name, self.name_of(path), stamp(path)
        file.area.renamed(file.path_name)

    async def close(self, file: OpenFile) -> bool:
        """Close a tab, asking when it is modified."""
        if file.modified:
            answer = await self._app.push_screen_wait(Ask(f"Save changes to {file.name}?", _SAVE))
            if answer not in {"save", "discard"} or (answer == "save" and not await self.save(file)):
                return False
        await self._editors.close_tab(file)
        await self.leave([file])
        return True

    async def leave(self, left: Sequence[OpenFile]) -> None:
        """Remember where the cursor is in these."""
        if self.last is not None:
            places = {one.path: one.area.cursor_location for one in left if one.path is not None}
            await in_thread(partial(self.last.leave, places))

    async def look(self) -> None:
        """See whether open files have changed on disk: reload those that are not modified, say it of the others."""
        watched = [file for file in self._editors.files if file.path is not None and not file.saving]
        stamps = await in_thread(lambda: [stamp(file.path) for file in watched if file.path is not None])
        for file, now in zip(watched, stamps, strict=True):
            if now != file.on_disk and not file.saving and file in self._editors.files:
                file.on_disk = now
                await self._changed(file)

    async def _changed(self, file: OpenFile) -> None:
        if file.path is None:
            return
        try:
            document = await in_thread(partial(self._read, file.path))
        except CoderError as error:
            tell(self._app, error)
            return
        if document.digest == file.document.digest:
            return
        if file.modified or not document.digest:
            if not file.changed_on_disk:
                what = "has changed" if document.digest else "is gone"
                text = f"{file.name} {what} on disk; saving will offer to merge"
                self._app.notify(text, severity="warning", markup=False)
            file.changed_on_disk = True
            return
        await self.reload(file)
        self._app.notify(f"{file.name} has changed on disk: reloaded", markup=False)


_SAVE = [
    Answer("save", "Save"),
    Answer("discard", "Don't save", danger=True),
    Answer("cancel", "Cancel"),
]


def go_to(area: CodeArea, line: int, column: int = 0) -> None:
    """The cursor at a place, in the middle of the view; the nearest one where there is no such place."""
    area.move_cursor(area.clamp_visitable((line, column)), center=True)
    if not area.size:  # of a file that has just been opened the middle is not known yet
        area.call_after_refresh(area.scroll_cursor_visible, center=True)


def _same(first: Path, second: Path) -> bool:
    try:
        return first == second or first.samefile(second)
    except OSError:
        return False
