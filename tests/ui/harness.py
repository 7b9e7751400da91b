"""The app in this process, with a scripted model: no terminal, no weights, no waiting by the clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.healing import Healing
from prompts.infos import QWEN
from textual import _wait
from textual.events import Key
from textual.keys import _character_to_key as character_to_key
from textual.message import Message
from textual.pilot import Pilot

from coder_tui.assistant.opening import Ready
from coder_tui.config.schema import Settings
from coder_tui.context import repository
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.ui.app import CoderApp
from coder_tui.ui.launch import Launch

# Textual's pilot waits, three times a key, until an app has used less than a twentieth of 20 ms. 5 ms say as much.
_wait.SLEEP_GRANULARITY = 1 / 200
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20
TIMEOUT_S = 20
_PAUSES = 600
"""So often a test looks whether something has come true, with a turn of the loop between."""


class Play:
    """A running app, and what it was told."""

    def __init__(self, app: CoderApp, pilot: Pilot[None], messages: list[Message], engine: ScriptedEngine) -> None:
        self.app, self.pilot, self.messages, self.engine = app, pilot, messages, engine

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def type_at_once(self, *keys: str) -> None:
        """As a terminal brings them when somebody types faster than the app is: all of them before any is looked at."""
        for key in keys:
            character = key if len(key) == 1 else None
            self.app.post_message(Key(key if key.isalnum() or len(key) > 1 else character_to_key(key), character))

    async def until(self, is_so: Callable[[], object]) -> None:
        """Let the app run until something is so."""
        for _ in range(_PAUSES):
            if is_so():
                return
            await asyncio.sleep(0.01)
            await self.pilot.pause()
        raise AssertionError(f"it never came true; {self.app.faults}\n{self.screen_text}")

    @property
    def area(self) -> Any:
        """The text area in view."""
        assert self.app.editors.active is not None
        return self.app.editors.active.area

    @property
    def told(self) -> str:
        """What the user was notified of and still sees."""
        return "\n".join(notification.message for notification in self.app._notifications)

    @property
    def screen_text(self) -> str:
        """What is on the screen, row by row."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        rows = ["".join(segment.text for segment in strip) for strip in strips]
        return "\n".join(row[:width].rstrip() for row in rows[:height])

    def row_of(self, text: str) -> int:
        """The row on which a text stands."""
        return next(row for row, line in enumerate(self.screen_text.split("\n")) if text in line)


def answered(running: Play, count: int = 1) -> bool:
    """Whether the chat has so many answers, and gives none."""
    return running.app.chat.answer is None and len(running.app.chatting.talk.messages) == 2 * count


def asked(running: Play) -> str:
    """What the model read for its latest answer."""
    return read_for([one for one in running.engine.requests if one[2].max_tokens][-1])


def read_for(request: tuple[Prompt, Sampling, Limits, Purpose]) -> str:
    """What the model read for a request."""
    return "".join(segment.text for segment in request[0].segments)


class Held(ScriptedEngine):
    """Waits in the middle of an answer."""

    def __init__(self, *answers: str) -> None:
        super().__init__(answers)
        self.go = threading.Event()

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose) -> tuple[list[str], Usage]:
        assert self.go.wait(TIMEOUT_S)
        return super().begin(prompt, sampling, limits, purpose)


@asynccontextmanager
async def playing(
    directory: Path,
    *answers: Any,
    file: str | None = None,
    line: int | None = None,
    size: tuple[int, int] = (100, 30),
    settings: Settings | None = None,
    engine: ScriptedEngine | None = None,
    **changes: Any,
) -> AsyncIterator[Play]:
    """The app on a directory; the model gives these answers."""
    script = engine or Healing(answers)

    @contextmanager
    def open_model(_path: Path, chosen: Settings, **_: Any) -> Iterator[Ready]:
        with script:
            yield Ready(script, QWEN, chosen)

    launch = Launch(
        directory,
        repository.find_root(directory),
        settings or Settings(),
        directory / file if file else None,
        line,
        open_model=open_model,
    )
    app = CoderApp(replace(launch, **changes))
    messages: list[Message] = []
    async with app.run_test(size=size, message_hook=messages.append, notifications=True) as pilot:
        play = Play(app, pilot, messages, script)
        if file is not None:
            await play.until(lambda: app.editors.active is not None)
        if changes.get("find_model") is None:
            await play.until(lambda: app.ready is not None)
        await pilot.pause()
        yield play
        for fault in app.faults:
            raise fault


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene to its end."""
    asyncio.run(scene())  # type: ignore[arg-type]


GHOST = "[\n    add(1, 2),\n    add(3, 4),\n]"


def has_ghost(running: Play, text: str = GHOST) -> bool:
    """Whether a suggestion with this text shows in the editor."""
    return running.area.ghost is not None and running.area.ghost.text == text
