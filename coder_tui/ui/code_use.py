"""Code that the model has made: put to use from answers, and reviewed before it becomes part of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from coder_tui.core.errors import DocumentError
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile

if TYPE_CHECKING:
    from coder_tui.ui.chat.answer import CodeBlock

_CHAT = "code of an answer"


class CodeUse:
    """What can be done with such code. Coroutines ask the user, and need a worker around them."""

    def __init__(self, app: App[None], editors: Editors, files: Files, launch: Launch) -> None:
        self._app, self._editors, self._files, self._launch = app, editors, files, launch
        self.asked_about: tuple[Path, int, int] | None = None
        """File and lines that went with the last question, for applying its answer."""
        self.session: Callable[[], str] = str
        """The id of the chat, for the journal."""

    async def use(self, wish: CodeBlock.Wish, copy: Callable[[str], None]) -> None:
        """What is to be done with a code block. Questions need a worker around this."""
        file = self._editors.active
        if wish.action == "copy":
            copy(wish.code)
        elif wish.action == "save":
            new = await self._files.new(wish.code)
            new.saved = [""]
            self._comes_from_chat(new)
            await self._files.save_as(new)
        elif file is None:
            self._app.notify("no file is open to put it into", severity="warning", markup=False)
        elif wish.action == "insert":
            file.area.insert_text(wish.code)
            self._comes_from_chat(file)
            self._editors.focus_area()
        else:
            await self._apply(file, wish.code)

    async def _apply(self, file: OpenFile, code: str) -> None:
        from coder_tui.assistant.applying import applied

        lines = None
        if self.asked_about is not None and self.asked_about[0] == file.path:
            lines = self.asked_about[1:]
            if lines[1] >= file.area.document.line_count:
                lines = None
        text = file.area.content
        path = file.path_name or file.name
        new = applied(text, code, path=path, lines=lines, cursor=file.area.cursor_location[0])
        await self.review(file, text, new, made=_CHAT)
        if _CHAT in file.made:
            file.made_in = self.session()

    def _comes_from_chat(self, file: OpenFile) -> None:
        file.made.append(_CHAT)
        file.made_in = self.session()

    async def review(self, file: OpenFile, text: str, new: str, *, made: str, can_repeat: bool = False) -> bool:
        """Show a change of a file, and make it what is taken of it. Whether the model is to be asked again. `made` is
        what it comes from, for the journal."""
        from coder_tui.edits.hunks import moved
        from coder_tui.ui.hunks import Change
        from coder_tui.ui.screens.review import Review

        if file.area.read_only:
            raise DocumentError(f"{file.name} is opened for reading only")
        name = file.path_name or file.name
        table = self._launch.table
        done = await self._app.push_screen_wait(Review(name, Change(text, new), table, can_repeat=can_repeat))
        if done.text is not None:
            # The text may have been changed during the review, by a reload say.
            file.area.replace_all(moved(text, done.text, file.area.content))
            file.made.append(made)
            self._editors.show(file)
            self._app.notify("applied; it is not saved yet", markup=False)
        return done.again
