"""Slash commands that are more than a question: commit, undo, sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from coder_tui.core.errors import CoderError, NoModelError, StoppedError, UsageError
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Sampling
from coder_tui.ui.bindings import said, table_of
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.files import Files
from coder_tui.ui.launch import Launch
from coder_tui.ui.screens.ask import Answer, Ask
from coder_tui.ui.screens.choose import Choose, Row
from coder_tui.ui.telling import in_thread

if TYPE_CHECKING:
    from coder_tui.assistant.commit_message import Written
    from coder_tui.assistant.opening import Ready
    from coder_tui.edits.journal import Record
    from coder_tui.history.sessions import Sessions

_PROMPTS = 100
_TAKE_BACK = [Answer("undo", "Take it back", danger=True), Answer("keep", "Leave it")]


class CarryingOut:
    """What commands do. Coroutines ask the user, and need a worker around them."""

    def __init__(self, app: App[None], panel: ChatPanel, files: Files, launch: Launch) -> None:
        self._app, self._panel, self._files, self._launch = app, panel, files, launch
        self._stop: threading.Event | None = None
        """While the model is at work."""

    def stop(self) -> bool:
        """End what the model is doing; whether it did anything."""
        if self._stop is None:
            return False
        self._stop.set()
        return True

    async def commit(self, ready: Ready | None) -> None:
        """A message for what is staged, looked over by the user, then the commit. Raises CoderError, and StoppedError
        when it was stopped before there was a message."""
        from coder_tui.assistant import commit_message
        from coder_tui.assistant.committing import commit
        from coder_tui.context import repository
        from coder_tui.ui.screens.edit_text import EditText

        root = self._launch.root
        if root is None:
            raise CoderError("this is not a git repository, nothing is staged")
        diff = await in_thread(partial(repository.staged_diff, root))
        if ready is None:
            raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one: /model")
        subjects = await in_thread(partial(repository.subjects, root, 20))
        found = await self._written(partial(commit_message.write, ready, diff, subjects, Sampling(0.0)))
        staged = [path for path, _ in commit_message.files_of(diff)]
        message = await self._app.push_screen_wait(EditText("Commit", found.message, _listed(staged), "commits"))
        if message is None:
            return
        self._app.notify(await in_thread(partial(commit, root, message)), markup=False)

    async def _written(self, write: Callable[[Callable[[str], None]], Written]) -> Written:
        """What the model writes, shown meanwhile. Raises StoppedError once an end was wished."""
        stops = said(table_of(self._app), {"stop": "stops"})
        if self._stop is not None:
            raise UsageError(f"a message is being written already; {stops} it")
        stop = self._stop = threading.Event()

        def say(text: str) -> None:
            if stop.is_set():
                raise StoppedError("stopped")
            self._app.call_later(self._tell, stop, f"{text} · {stops}")

        try:
            self._panel.say(f"reading what is staged … · {stops}")
            found = await in_thread(lambda: write(say))
            if stop.is_set():
                raise StoppedError("stopped")
            return found
        finally:
            self._stop = None
            self._panel.say("stopped" if stop.is_set() else "")

    def _tell(self, of: threading.Event, text: str) -> None:
        if self._stop is of and not of.is_set():
            self._panel.say(text)

    async def undo(self) -> None:
        """Take back a change that coder wrote. Raises CoderError."""
        from coder_tui.assistant import saving
        from coder_tui.edits import changing

        place = self._files.place
        records = await in_thread(partial(saving.written, place, self._launch.directory))

        def rows(text: str) -> Sequence[Row]:
            return [row for row in map(_row, records) if text.lower() in f"{row.text} {row.more}".lower()]

        none = "coder has written nothing here that could be taken back; Ctrl+Z in the editor takes back what was typed"
        screen = Choose("Take back", rows, placeholder="a part of what it was", none=none)
        chosen = await self._app.push_screen_wait(screen)
        record = next((one for one in records if one.id == chosen), None)
        if record is None:
            return
        detail = _listed([self._files.name_of(Path(file.path)) for file in record.files])
        question = f"Take this back: {plain(record.reason)}?"
        if await self._app.push_screen_wait(Ask(question, _TAKE_BACK, detail)) != "undo":
            return
        changed = await in_thread(partial(changing.undo, place, record))
        for warning in changed.warnings:
            self._app.notify(warning, severity="warning", markup=False)
        self._app.notify(f"taken back: {plain(record.reason)}; coder redo makes it again", markup=False)
        await self._files.look()

    async def choose_session(self, words: str) -> str | None:
        """The id of a chat that the user chooses. Raises CoderError where none are kept."""
        kept = self._launch.workspace
        sessions = await in_thread(kept.sessions) if kept is not None else None
        if sessions is None:
            raise CoderError("chats are not kept here", hint="coder config set history.enabled on")
        root = str(self._launch.root or "")
        rows = partial(_sessions, sessions, root)
        screen = Choose("Chats", rows, placeholder="words of a chat", none="no chat has been kept here", start=words)
        return await self._app.push_screen_wait(screen)

    async def recall(self) -> None:
        """What was asked here in earlier chats that were kept, for Up in the prompt."""

        def earlier() -> list[str]:
            with suppress(CoderError):
                if self._launch.workspace is not None and (sessions := self._launch.workspace.sessions()) is not None:
                    return sessions.questions(str(self._launch.root or ""), _PROMPTS)
            return []

        self._panel.prompt.recall(await in_thread(earlier))

    async def search_history(self) -> None:
        """Put an earlier prompt, of this chat or of one that was kept, into the prompt."""
        own, kept = self._panel.prompt.history_texts, self._launch.workspace

        def rows(text: str) -> Sequence[Row]:
            earlier = list[str]()
            if kept is not None and (sessions := kept.sessions()) is not None:
                earlier = sessions.questions(str(self._launch.root or ""))
            words = text.lower().split()
            prompts = dict.fromkeys([*own, *earlier])
            return [Row(one, one) for one in prompts if all(word in one.lower() for word in words)][:_PROMPTS]

        screen = Choose(
            "Earlier prompts", rows, placeholder="words of a prompt", none="nothing has been asked here yet"
        )
        chosen = await self._app.push_screen_wait(screen)
        if chosen is not None:
            self._panel.prompt.put(chosen)


def _sessions(sessions: Sessions, root: str, words: str) -> list[Row]:
    """The chats of a repository, the latest first; with words those in which they occur, each once."""
    if not words:
        return [
            Row(one.id, one.title, f"{_when(one.updated)} · {one.messages} messages")
            for one in sessions.all(root, 200)
            if one.messages
        ]
    rows: dict[str, Row] = {}
    for found in sessions.search(words, root):
        excerpt = found.excerpt.replace("\x02", "").replace("\x03", "")
        rows.setdefault(found.session.id, Row(found.session.id, found.session.title, excerpt))
    return list(rows.values())


def _row(record: Record) -> Row:
    names = ", ".join(Path(file.path).name for file in record.files)
    return Row(record.id, record.reason, f"{_when(record.time)} · {names}")


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return "\n".join([*(plain(name).replace("\n", " ") for name in names[:most]), *more])
