"""What happens in the chat: questions, commands, attachments, and code of answers that is put to use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from coder_tui.assistant import commands
from coder_tui.assistant.talk import Event, Over, Reading, Said, Talk, Wrong
from coder_tui.core.document import to_lf
from coder_tui.core.errors import CoderError, DocumentError, NoModelError
from coder_tui.core.events import StopReason
from coder_tui.core.standins import released
from coder_tui.edits import files as reading
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.telling import in_thread, tell

if TYPE_CHECKING:
    from coder_tui.assistant.opening import Ready
    from coder_tui.ui.chat.answer import CodeBlock


class Chatting:
    """The chat of an app."""

    def __init__(
        self,
        app: App[None],
        panel: ChatPanel,
        editors: Editors,
        files: Files,
        launch: Launch,
        post: Callable[[Event], None],
    ) -> None:
        """`post` brings an event from any thread to `take`."""
        self._app, self._panel, self._editors, self._files, self._launch = app, panel, editors, files, launch
        self.talk = Talk(post)
        self._question = ""
        self._asked_about: tuple[Path, int, int] | None = None
        """File and lines that went with the last question, for applying its answer."""
        self._queue: list[str] = []
        self.run: Callable[[str], object] = lambda _: None
        """Runs an action of the app by its name."""

    def close(self) -> None:
        self.talk.close()

    async def sent(self, text: str, ready: Ready | None) -> None:
        """A prompt: a command, or a question."""
        try:
            command = commands.find(text)
            if command is None:
                await self._ask(text, ready)
            elif command[0].question:
                await self._ask_about(command[0], command[1], ready)
            else:
                await self._carry_out(command[0].name, command[1])
        except CoderError as error:
            tell(self._app, error)
            self._panel.prompt.give_back(text)

    async def _carry_out(self, name: str, rest: str) -> None:
        if name == "add":
            await self._attach_file(rest)
        elif name == "drop":
            self.talk.drop(rest)
            self._panel.attached(self.talk.attachments)
        elif name == "new":
            self.talk.new()
            self._panel.attached(())
            self._panel.say("")
            await self._panel.clear()
        else:
            self.run({"model": "models"}.get(name, name))

    async def _ask_about(self, command: commands.Command, rest: str, ready: Ready | None) -> None:
        if not self.talk.attachments and self._editors.active is not None:
            self.attach(self._editors.active)
        await self._ask(f"{command.question} {rest}".strip(), ready)

    async def _ask(self, text: str, ready: Ready | None) -> None:
        if ready is None:
            raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one: /model")
        if self.talk.is_busy:
            self._queue.append(text)
            self._panel.say(f"{len(self._queue)} waiting; Esc stops the answer at hand")
            return
        for named in commands.named_files(text, self._files.listed()):
            await self._attach_file(named.path, named.lines)
        self._question = text
        await self._panel.asked(text, self.talk.attachments)
        self._panel.say("reading …")
        self.talk.ask(ready, text)
        self._panel.attached(())

    async def stop(self) -> None:
        """Escape: end the answer; without one, go back to the editor."""
        self._queue.clear()
        if self.talk.is_busy:
            self.talk.stop()
            self._panel.say("stopping …")
        else:
            self._editors.focus_area()

    async def take(self, event: Event, ready: Ready | None) -> None:
        """What the model says, on the app's loop."""
        if not self.talk.is_current(event.number):
            return
        if isinstance(event, Reading):
            if event.done < event.total:
                self._panel.say(f"reading {event.done} of {event.total} tokens · Esc stops")
        elif isinstance(event, Said):
            self._panel.say("answering · Esc stops")
            await self._panel.said(event.text)
        elif isinstance(event, Wrong):
            self.talk.fail(event)
            await self._panel.ended()
            self._panel.say("")
            self._panel.attached(self.talk.attachments)
            self._panel.prompt.give_back(self._question)
            tell(self._app, event.error)
        else:
            await self._over(event)
        if self._queue and not self.talk.is_busy:
            await self.sent(self._queue.pop(0), ready)

    async def _over(self, event: Over) -> None:
        self.talk.end(event)
        notes = list(event.cuts)
        if event.reason is StopReason.CANCELLED:
            notes.append("stopped")
        elif event.reason in (StopReason.LENGTH, StopReason.WINDOW):
            notes.append("the answer was cut off here: chat.max_tokens or the window is used up")
        await self._panel.ended(notes)
        if not event.text:
            self._panel.prompt.give_back(self._question)
        usage = event.usage
        used = usage.prompt_tokens + usage.completion_tokens
        speed = f" · {usage.tokens_per_second:.0f} tok/s" if usage.tokens_per_second else ""
        self._panel.say(f"context {used}/{event.window} tokens{speed}" if used else "")

    # Attachments.

    def attach(self, file: OpenFile) -> None:
        """The selected lines of a file, or all of it."""
        from coder_tui.assistant.chat import Attachment

        area = file.area
        name, language = file.path_name or file.name, Path(file.name).suffix.lstrip(".")
        if area.selection.is_empty:
            attachment = Attachment(name, area.content, language=language)
            self._asked_about = None
        else:
            first, last = area.selected_lines()
            lines = "".join(f"{area.document.get_line(line)}\n" for line in range(first, last + 1))
            attachment = Attachment(name, released(lines), first, language)
            self._asked_about = (file.path, first, last) if file.path is not None else None
        self.talk.attach(attachment)
        self._panel.attached(self.talk.attachments)

    async def _attach_file(self, name: str, lines: tuple[int, int] | None = None) -> None:
        if not name:
            raise DocumentError("/add needs the path of a file")
        from coder_tui.assistant.chat import Attachment

        path = self._launch.directory / name
        limit = self._launch.settings.files.max_bytes
        document = await in_thread(partial(reading.read, path, max_bytes=limit))
        text, first = to_lf(document.text), 0
        if lines is not None:
            first = lines[0]
            text = "".join(f"{line}\n" for line in text.split("\n")[first : lines[1] + 1])
        self.talk.attach(Attachment(name, text, first, path.suffix.lstrip(".")))
        self._panel.attached(self.talk.attachments)

    # Code of answers.

    async def use(self, wish: CodeBlock.Wish, copy: Callable[[str], None]) -> None:
        """What is to be done with a code block. Questions need a worker around this."""
        file = self._editors.active
        if wish.action == "copy":
            copy(wish.code)
        elif wish.action == "save":
            new = await self._files.new(wish.code)
            new.saved = [""]
            await self._files.save_as(new)
        elif file is None:
            self._app.notify("no file is open to put it into", severity="warning", markup=False)
        elif wish.action == "insert":
            file.area.insert_text(wish.code)
            self._editors.focus_area()
        else:
            await self._apply(file, wish.code)

    async def _apply(self, file: OpenFile, code: str) -> None:
        from coder_tui.assistant.applying import applied

        lines = None
        if self._asked_about is not None and self._asked_about[0] == file.path:
            lines = self._asked_about[1:]
            if lines[1] >= file.area.document.line_count:
                lines = None
        text = file.area.content
        path = file.path_name or file.name
        new = applied(text, code, path=path, lines=lines, cursor=file.area.cursor_location[0])
        await self.review(file, text, new)

    async def review(self, file: OpenFile, text: str, new: str, *, can_repeat: bool = False) -> bool:
        """Show a change of a file, and make it what is taken of it. Whether the model is to be asked again."""
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
            self._editors.show(file)
            self._app.notify("applied; it is not saved yet", markup=False)
        return done.again
