"""A chat that was kept, in the panel again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from coder_tui.assistant.kept import chat_bytes
from coder_tui.ui.telling import in_thread

if TYPE_CHECKING:
    from coder_tui.assistant.talk import Talk
    from coder_tui.assistant.workspace import Workspace
    from coder_tui.ui.chat.panel import ChatPanel

_SHOWN_TURNS = 20
"""The model is given what fits its window."""


async def resume(
    talk: Talk, panel: ChatPanel, workspace: Workspace, session: str, begin_anew: Callable[[], Awaitable[None]]
) -> None:
    """Go on with it in place of the one that is there. Raises HistoryError."""
    sessions = await in_thread(workspace.sessions)
    if sessions is None:
        return
    said = await in_thread(partial(sessions.messages, session))
    await begin_anew()
    talk.resume(workspace.recorder(sessions.find(session).model, session), said)
    answers = {at: one.text for at, one in enumerate(said)}
    turns = [
        (number, turn.text, turn.attachments, answers.get(turn.kept + 1, "")) for number, turn in enumerate(talk.turns)
    ]
    await panel.shown(turns[-_SHOWN_TURNS:])
    size = await in_thread(partial(chat_bytes, session)) / 2**20
    notes = [f"the last {_SHOWN_TURNS} of {len(turns)} questions"] if len(turns) > _SHOWN_TURNS else []
    notes += [f"read before: {size:.1f} MiB kept on disk"] if size else []
    panel.say(" · ".join(notes))
    panel.prompt.focus()
