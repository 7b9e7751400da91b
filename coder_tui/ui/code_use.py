"""Code that the model has made: put to use from answers, and reviewed before it becomes part of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from coder_tui.core.errors import DocumentError, UsageError
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.ui.chat.answer import CodeBlock
    from coder_tui.ui.screens.review import Place, Reviewed


_MADE = "code of an answer"
"""For the journal."""


class CodeUse:
    """What can be done with such code. Coroutines ask the user, and need a worker around them."""

    def __init__(self, app: App[None], editors: Editors, files: Files, launch: Launch) -> None:
        self._app, self._editors, self._files, self._launch = app, editors, files, launch
        self.attached: Callable[[int], Sequence[Attachment]] = lambda _: ()
        """What went with a question, by its place among the turns."""
        self.session: Callable[[], str] = str
        """The id of the chat, for the journal."""

    async def use(self, wish: CodeBlock.Wish, copy: Callable[[str], None]) -> None:
        """What is to be done with a code block. Raises CoderError."""
        file = self._editors.active
        if wish.action == "copy":
            copy(wish.code)
            self._app.notify("copied", markup=False, timeout=2)
        elif wish.action == "save":
            new = await self._files.new(wish.code)
            new.saved = [""]
            self._comes_from_chat(new)
            await self._files.save_as(new)
        elif wish.action == "apply":
            await self._apply(wish, file)
        elif file is None:
            raise UsageError("no file is open to put it into", hint="open one, or save the code as a new file")
        elif file.area.read_only:
            raise DocumentError(f"{file.name} is opened for reading only")
        else:
            file.area.insert_text(wish.code)
            self._comes_from_chat(file)
            self._editors.focus_area()

    async def _apply(self, wish: CodeBlock.Wish, shown: OpenFile | None) -> None:
        from coder_tui.assistant.applying import applied
        from coder_tui.assistant.block_target import lines_asked_about, target
        from coder_tui.assistant.namesakes import gone

        attached = self.attached(wish.number)
        name = shown.path_name if shown is not None else ""
        found = target(wish.answer, wish.code, attached, set(self._files.listed()), name)
        file = await self._files.open(self._launch.directory / found.path) if found.path else shown
        if file is None:
            if not found.path:
                raise UsageError("no file is open to apply it to", hint="open one, or save the code as a new file")
            return
        text = file.area.content
        path = file.path_name or file.name
        code = wish.code if text.startswith(wish.code.split("\n")[0] + "\n") else found.code
        lines = lines_asked_about(text, path, attached)
        new = applied(text, code, path=path, lines=lines, cursor=file.area.cursor_location[0])
        if lost := gone(text, new, path):
            self._app.notify(f"it takes away: {', '.join(lost)}", severity="warning", markup=False)
        await self.review(file, text, new, made=_MADE)
        if _MADE in file.made:
            file.made_in = self.session()

    def _comes_from_chat(self, file: OpenFile) -> None:
        file.made.append(_MADE)
        file.made_in = self.session()

    async def review(
        self,
        file: OpenFile,
        text: str,
        new: str,
        *,
        made: str,
        place: Place | None = None,
        title: str = "",
        detail: str = "",
    ) -> Reviewed:
        """Show a change of a file, and make it what is taken of it. `made` is what it comes from, for the journal; the
        rest as for Review. Raises DocumentError for a file that is for reading only."""
        from coder_tui.edits.hunks import moved
        from coder_tui.ui.hunks import Change
        from coder_tui.ui.screens.review import Review

        if file.area.read_only:
            raise DocumentError(f"{file.name} is opened for reading only")
        name = file.path_name or file.name
        screen = Review(name, Change(text, new), self._launch.table, place=place, title=title, detail=detail)
        done = await self._app.push_screen_wait(screen)
        if done.text is not None:
            # The text may have been changed during the review, by a reload say.
            file.area.replace_all(moved(text, done.text, file.area.content))
            file.made.append(made)
            self._editors.show(file)
            self._app.notify("applied; it is not saved yet", markup=False)
        return done
