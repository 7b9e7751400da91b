"""What happens in the chat: questions, commands, attachments, and code of answers that is put to use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from coder_tui.assistant import commands
from coder_tui.assistant.talk import Talk, Turn
from coder_tui.assistant.talk_events import Event, Over, Reading, Said, Sending, Wrong
from coder_tui.core.errors import CoderError, NoModelError, StoppedError, UsageError
from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Purpose
from coder_tui.ui.bindings import said, table_of
from coder_tui.ui.chat.at_cursor import AtCursor
from coder_tui.ui.chat.attaching import Attaching, Waiting
from coder_tui.ui.chat.carrying_out import CarryingOut
from coder_tui.ui.chat.early import Early
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.code_use import CodeUse
from coder_tui.ui.desktop import LONG_S
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files
from coder_tui.ui.launch import Launch
from coder_tui.ui.telling import tell

if TYPE_CHECKING:
    from coder_tui.assistant.opening import Ready

_AGAIN_TEMPERATURE = 0.7
"""At a lower one the same question gives much the same answer."""
_ASKING = frozenset({"commit", "again"})
"""Commands for which the model is needed, besides those that are questions."""
_BUSY = "an answer is being given"
_CHANGING = {"send": "sends it in place of what was said from here on", "stop": "leaves the chat as it is"}


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
        self.code = CodeUse(app, editors, files, launch)
        self.code.attached = lambda number: self.talk.turns[number].attachments if number < len(self.talk.turns) else ()
        self.at_cursor = AtCursor(panel, self.talk, editors)
        self.attaching = Attaching(self.talk, launch, self.at_cursor)
        self.code.session = lambda: self.talk.session
        self._editing: int | None = None
        """The place of the question that is edited, among the turns."""
        self._began = 0.0
        self._queue: list[Waiting] = []
        self.early = Early(panel)
        self._one_by_one = asyncio.Lock()
        """Held until a question is on its way, or waits."""
        self.carrying_out = CarryingOut(app, panel, files, launch)
        self.long_s = LONG_S
        self.tell_away: Callable[[str], None] = lambda _: None
        """Is told of a question whose answer has come after a long time."""
        self.run: Callable[[str], object] = lambda _: None
        """Runs an action of the app by its name."""

    def close(self) -> None:
        self.carrying_out.stop()
        self.talk.close()

    def model_is(self, ready: Ready | None) -> None:
        """There is another model, or none."""
        self.at_cursor.ready = ready
        self._panel.meter.say(window=ready.engine.window(Purpose.CHAT) if ready is not None else 0)

    @property
    def _stops(self) -> str:
        return said(table_of(self._app), {"stop": "stops"})

    async def sent(self, text: str, ready: Ready | None) -> None:
        """A prompt: a command, or a question."""
        try:
            command = commands.find(text)
            if ready is None and (command is None or command[0].question or command[0].name in _ASKING):
                ready = await self.early.ready(text)
                if ready is None:
                    return
            if command is None:
                await self._ask(text, ready)
            elif command[0].question:
                await self._ask_about(command[0], command[1], ready)
            else:
                await self._carry_out(command[0].name, command[1], ready)
        except CoderError as error:
            if not isinstance(error, StoppedError):
                tell(self._app, error)
            self._panel.prompt.give_back(text)

    async def _carry_out(self, name: str, rest: str, ready: Ready | None) -> None:
        if name == "add":
            await self.attaching.add(rest)
        elif name == "drop":
            self.attaching.drop(rest)
        elif name == "new":
            await self._begin_anew()
        elif name == "commit":
            await self.carrying_out.commit(ready)
        elif name == "undo":
            await self.carrying_out.undo()
        elif name == "sessions":
            await self._open_session(rest)
        elif name == "again":
            await self.again(len(self.talk.turns) - 1, ready)
        else:
            self.run({"model": "models"}.get(name, name))

    async def _begin_anew(self) -> None:
        self.talk.new()
        self._editing = None
        self._queue.clear()
        self.early.stop()
        self._panel.waiting(())
        self._panel.say("")
        self._panel.meter.say(used=0, cut=0)
        self.attaching.show()
        await self._panel.clear()

    async def _ask_about(self, command: commands.Command, rest: str, ready: Ready | None) -> None:
        if not self.talk.attachments and not commands.named_files(rest, self._files.listed()):
            if self._editors.active is None:
                raise UsageError(f"/{command.name} needs code", hint="open a file, or attach one: @PATH or /add PATH")
            await self.attaching.code(self._editors.active)
        await self._ask(f"{command.question} {rest}".strip(), ready)

    async def _ask(self, text: str, ready: Ready | None) -> None:
        if ready is None:
            raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one: /model")
        async with self._one_by_one:
            await self._ask_in_turn(text, ready)

    async def _ask_in_turn(self, text: str, ready: Ready) -> None:
        await self.attaching.what_is_meant(text, self._files.listed())
        if self.talk.is_busy:
            self._queue.append(Waiting(text, self.talk.attachments))
            self.talk.attachments = ()
            self.attaching.show()
            self._panel.waiting([one.text for one in self._queue])
            return
        if self._editing is not None:
            attached, number = self.talk.attachments, self._editing
            self._editing = None
            await self._rewind(number)
            self.talk.attachments = attached
        await self._begin(text, ready)

    async def _begin(self, text: str, ready: Ready, temperature: float | None = None) -> None:
        self._question, self._began = text, time.monotonic()
        await self._panel.asked(text, self.talk.attachments, len(self.talk.turns))
        self._panel.say(f"reading … · {self._stops}")
        self.talk.ask(ready, text, temperature)
        self.attaching.show()

    async def _ask_next(self, ready: Ready) -> None:
        """The first question that waits; what is attached to the one after them stays."""
        waiting, meanwhile = self._queue.pop(0), self.talk.attachments
        self._panel.waiting([one.text for one in self._queue])
        self.talk.attachments = waiting.attachments
        await self._begin(waiting.text, ready)
        self.talk.attachments = meanwhile
        self.attaching.show()

    async def again(self, number: int, ready: Ready | None) -> None:
        """Answer a question of the chat once more, as if what came after it had not been said. Raises CoderError."""
        if ready is None:
            raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one: /model")
        if self.talk.is_busy or not 0 <= number < len(self.talk.turns):
            raise UsageError(f"{_BUSY}; {self._stops} it" if self.talk.is_busy else "there is no answer yet to repeat")
        self._editing, meanwhile = None, self.talk.attachments
        turn = await self._rewind(number)
        await self._begin(turn.text, ready, max(_AGAIN_TEMPERATURE, ready.settings.chat.temperature))
        self.talk.attachments = meanwhile
        self.attaching.show()

    def edit(self, number: int) -> None:
        """Put a question of the chat into the prompt; sending it goes on from there. Raises UsageError."""
        if self.talk.is_busy:
            raise UsageError(f"{_BUSY}; {self._stops} it")
        turn = self.talk.turns[number]
        self._editing = number
        self.talk.attachments = turn.attachments
        self.attaching.show()
        self._panel.prompt.put(turn.text)
        self._panel.say(said(table_of(self._app), _CHANGING))

    async def _rewind(self, number: int) -> Turn:
        turn = self.talk.rewind(number)
        await self._panel.rewound(number)
        return turn

    async def _open_session(self, words: str) -> None:
        """Choose a chat that was kept, and go on with it."""
        chosen = await self.carrying_out.choose_session(words)
        if chosen is not None:
            await self.resume(chosen)

    async def resume(self, session: str) -> None:
        """Go on with a chat that was kept. Raises HistoryError."""
        from coder_tui.ui.chat.resuming import resume

        if self._launch.workspace is not None:
            await resume(self.talk, self._panel, self._launch.workspace, session, self._begin_anew)

    async def stop(self) -> None:
        """Escape: end the answer; without one, leave a question that is edited as it was, or go back to the editor."""
        if self._editing is not None:
            self._editing = None
            self.talk.drop()
            self.attaching.show()
            self._panel.prompt.put("")
            self._panel.say("")
        elif early := self.early.stop():
            self._panel.prompt.give_back(early)
        elif self.carrying_out.stop() or self.talk.is_busy:
            self.talk.stop()
            self._panel.say("stopping …")
        else:
            self._editors.focus_area()

    async def take(self, event: Event, ready: Ready | None) -> None:
        """What the model says, on the app's loop."""
        if not self.talk.is_current(event.number):
            return
        if isinstance(event, Sending):
            self._panel.sent(event.attachments)
        elif isinstance(event, Reading):
            if event.done < event.total:
                self._panel.say(f"reading {event.done} of {event.total} tokens · {self._stops}")
        elif isinstance(event, Said):
            self._panel.say(f"answering · {self._stops}")
            await self._panel.said(event.text)
        elif isinstance(event, Wrong):
            self.talk.fail(event)
            await self._panel.ended()
            self._panel.say("")
            self.attaching.show()
            self._give_back([self._question])
            tell(self._app, event.error)
        else:
            await self._over(event)
        if self._queue and not self.talk.is_busy and ready is not None:
            await self._ask_next(ready)

    async def _over(self, event: Over) -> None:
        self.talk.end(event)
        await self._panel.ended(event.notes)
        if event.text and time.monotonic() - self._began >= self.long_s:
            self.tell_away(self._question)
        usage = event.usage
        used = usage.prompt_tokens + usage.completion_tokens
        if used:
            self._panel.meter.say(used=used, cut=event.cut_tokens, window=event.window)
        speed = f"{usage.tokens_per_second:.0f} tokens/s" if usage.tokens_per_second else ""
        self._panel.say(speed if event.text else "; ".join(event.notes) or "there was no answer")
        self.attaching.show()
        if not event.text:
            self._give_back([self._question])
        elif event.reason is StopReason.CANCELLED:
            if self._queue:
                self._give_back([])
            elif not self._panel.prompt.text.strip():
                self.edit(len(self.talk.turns) - 1)

    def _give_back(self, questions: list[str]) -> None:
        """Into the prompt: questions that got no answer, and those that waited behind them."""
        waited, self._queue = self._queue, []
        self._panel.waiting(())
        for one in waited:
            for attachment in one.attachments:
                self.talk.attach(attachment)
        self.attaching.show()
        self._panel.prompt.give_back("\n\n".join([*questions, *(one.text for one in waited)]))
