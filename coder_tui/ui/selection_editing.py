"""Ctrl+K: an instruction on the selected lines, and a review of what the model made of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from textual.app import App

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import Lines, rewrite
from coder_tui.core.errors import CoderError, NoModelError
from coder_tui.core.prompt import Sampling
from coder_tui.ui.chatting import Chatting
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.screens.ask import AskText
from coder_tui.ui.status import StatusBar
from coder_tui.ui.telling import in_thread, tell

_TITLE = 40
"""Characters of an instruction that the journal names a change by."""


async def edit_selection(
    app: App[None], file: OpenFile, ready: Ready | None, chatting: Chatting, status: StatusBar
) -> None:
    """Ask for an instruction, have the lines rewritten, review; again for as long as the user likes."""
    first, last = file.area.selected_lines()
    question = f"Change line {first + 1}" if first == last else f"Change lines {first + 1} to {last + 1}"
    instruction: str | None = ""
    temperature = 0.0
    while True:
        instruction = await app.push_screen_wait(
            AskText(question, instruction or "", placeholder="what to do with them")
        )
        if not instruction or not instruction.strip():
            return
        try:
            if ready is None:
                raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one")
            text = file.area.content
            lines = Lines(text, first, last, file.path_name, Path(file.name).suffix.lstrip("."))
            status.say(chat="rewriting …")
            found = await in_thread(partial(rewrite, ready, lines, instruction, Sampling(temperature=temperature)))
            status.say(chat="")
            if found.broken:
                app.notify("the result does not parse: look twice", severity="warning", markup=False)
            if not await chatting.code.review(file, text, found.text, made=_title(instruction), can_repeat=True):
                return
        except CoderError as error:
            tell(app, error)
            return
        finally:
            status.say(chat="")
        temperature = 0.7  # the same words would give the same answer


def _title(instruction: str) -> str:
    line = " ".join(instruction.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"
