"""Recovery copies: what is not saved is copied a moment after it was typed, and forgotten once it is on disk."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

from textual.app import App

from coder_tui.core.plain import plain
from coder_tui.edits.recovery import Copy, Recovery
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files, go_to
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.screens.ask import Answer, Ask
from coder_tui.ui.telling import in_thread

WAIT_S = 1.0
"""After the first change that no copy has."""


class Keeping:
    """Copies of the modified files of an app."""

    def __init__(self, app: App[None], editors: Editors, recovery: Recovery, directory: Path) -> None:
        """`directory`: what a crash has left of files elsewhere is offered there."""
        self._directory = directory
        self._app, self._editors, self.recovery = app, editors, recovery
        self._due: set[OpenFile] = set()
        self._given_up: set[OpenFile] = set()
        """Files with changes that the user does not want."""
        self._has_failed = False

    def changed(self, file: OpenFile) -> None:
        """Its text is not what it was."""
        if not self._due:
            self._app.set_timer(WAIT_S, self._start)
        self._due.add(file)
        self._given_up.discard(file)

    def _start(self) -> None:
        self._app.run_worker(self.keep_all(), group="recovery", exit_on_error=False)

    async def keep_at_the_end(self) -> None:
        """Copy whatever is modified: of what was typed in the last instant nobody may have been told yet."""
        self._due.update(file for file in self._editors.files if file.modified and file not in self._given_up)
        await self.keep_all()

    async def keep_all(self) -> None:
        """Copy what is due."""
        due, self._due = self._due, set()
        for file in due:
            if file in self._editors.files:
                await self.keep(file)

    async def keep(self, file: OpenFile) -> None:
        """Copy a file's text, or forget the copy of one that is as on disk."""
        number = 0 if file.path is not None else file.number
        try:
            if file.modified:
                file.kept = True
                place = file.area.cursor_location
                keep = self.recovery.keep
                await in_thread(partial(keep, file.path, file.area.content, file.document.digest, place, number))
            elif file.kept:
                file.kept = False
                await in_thread(partial(self.recovery.drop, file.path, number))
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                reason = plain(error.strerror or str(error))
                text = f"unsaved text cannot be copied for a crash: {reason}"
                self._app.notify(text, severity="warning", markup=False)

    async def offer(self, files: Files) -> None:
        """What a crash has left: open it, discard it, or leave it for later. Needs a worker around it."""
        found = await in_thread(self.recovery.found)
        copies = [copy for copy in found if not copy.path or Path(copy.path).is_relative_to(self._directory)]
        if not copies:
            return
        question = "There is text that was not saved when coder ended. Open it?"
        answer = await self._app.push_screen_wait(Ask(question, _RECOVER, described(copies), by_letter=False))
        for copy in copies:
            if answer == "open":
                await self._open(files, copy)
            if answer in {"open", "discard"}:
                await in_thread(partial(self.recovery.discard, copy))

    async def _open(self, files: Files, copy: Copy) -> None:
        file = await files.open(Path(copy.path)) if copy.path else await files.new()
        if file is None:  # what is on disk cannot be opened: the text must not be lost with it
            file = await files.new()
        file.area.replace_all(copy.text)
        go_to(file.area, copy.line, copy.column)
        if copy.digest and file.document.digest != copy.digest:
            text = f"{file.name} has changed on disk since; compare before you save"
            self._app.notify(text, severity="warning", markup=False)
        await self.keep(file)

    def forget(self, file: OpenFile) -> None:
        """It was saved or given up."""
        self._due.discard(file)
        if file.modified:
            self._given_up.add(file)
        file.kept = False
        with contextlib.suppress(OSError):
            self.recovery.drop(file.path, 0 if file.path is not None else file.number)


def described(copies: list[Copy]) -> str:
    """What was found, for a question."""
    lines = []
    for copy in copies[:8]:
        name = plain(copy.path).replace("\n", " ") or "a new file"
        lines.append(f"{name}  ({copy.text.count(chr(10)) + 1} lines, {copy.saved[:16].replace('T', ' ')} UTC)")
    if len(copies) > 8:
        lines.append(f"and {len(copies) - 8} more")
    return "\n".join(lines)


_RECOVER = [Answer("open", "Open"), Answer("discard", "Discard", danger=True), Answer("later", "Later")]
