"""The context panel over the app: what it looks at, and what becomes of what is chosen there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_tui.assistant.going_along import Along, going_along
from coder_tui.ui.screens.context import ContextPanel
from coder_tui.ui.telling import in_thread

if TYPE_CHECKING:
    from coder_tui.ui.actions import Actions


async def show_context(app: Actions) -> None:
    """What the next request sends. Needs a model: its tokens are counted."""
    from coder_tui.assistant.chat import Question

    ready, file = app.ready, app.editors.active
    if ready is None:
        app.notify("no model is loaded yet", severity="warning", markup=False)
        return
    hole = app.suggesting.hole(file) if file is not None else None
    talk, around, text = app.chatting.talk, app.suggesting.surroundings(), app.chat.prompt.content.strip()
    at_cursor = app.chatting.at_cursor
    await at_cursor.look(text)
    asks = app.focused is not None and app.chat in app.focused.ancestors

    async def look() -> Along:
        question = Question(text, at_cursor.attachments, talk.messages, ready.settings.chat.system)
        return await in_thread(lambda: going_along(ready, hole, question, around, at_cursor.here))

    screen = ContextPanel(
        look, around, app.table, drop=app.chatting.attaching.drop, question_first=asks or hole is None
    )
    place = await app.push_screen_wait(screen)
    if place is not None:
        await app.files.open(app.launch.directory / place.path, place.line)
        app.editors.focus_area()
