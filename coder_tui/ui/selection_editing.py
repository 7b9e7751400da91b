"""Ctrl+K: an instruction on the selected lines, and a review of what the model made of them, in their place."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from textual.app import App
from textual.geometry import Region

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import rewrite
from coder_tui.assistant.selection_edit import Lines
from coder_tui.core.errors import CoderError, DocumentError, NoModelError
from coder_tui.core.prompt import Sampling
from coder_tui.ui.code_use import CodeUse
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.screens.ask import AskText
from coder_tui.ui.screens.working import working
from coder_tui.ui.telling import tell

_TITLE = 40
"""Characters of an instruction that the journal names a change by."""
_AGAIN = 0.7
"""Temperature: the same words at 0 would give the same answer."""


async def edit_selection(app: App[None], file: OpenFile, ready: Ready | None, code: CodeUse) -> None:
    """Ask for an instruction, have the lines rewritten, review; again for as long as the user likes."""
    first, last = file.area.selected_lines()
    question = f"Change line {first + 1}" if first == last else f"Change lines {first + 1} to {last + 1}"
    instruction, temperature, asks = "", 0.0, True
    try:
        if ready is None:
            raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one")
        if file.area.read_only:
            raise DocumentError(f"{file.name} is opened for reading only")
        while True:
            if asks:
                said = await app.push_screen_wait(AskText(question, instruction, placeholder="what to do with them"))
                if not said or not said.strip():
                    return
                instruction = said
            text = file.area.content
            lines = Lines(text, first, last, file.path_name, Path(file.name).suffix.lstrip("."))
            sampling = Sampling(temperature=temperature)
            found = await working(app, _short(instruction), partial(rewrite, ready, lines, instruction, sampling))
            asks, temperature = True, _AGAIN
            if found is None:
                continue
            if found.broken:
                app.notify("the result does not parse: look twice", severity="warning", markup=False)
            done = await code.review(
                file, text, found.text, made=_short(instruction), place=partial(_place, file), title=instruction
            )
            if not done.again and not done.instruct:
                return
            asks = done.instruct
    except CoderError as error:
        tell(app, error)


def _place(file: OpenFile, line: int) -> tuple[Region, int]:
    """The editor, and the row of the screen at which a line stands."""
    area = file.area
    line = min(line, area.document.line_count - 1)
    return area.region, area.region.y + area.first_row(line) - area.scroll_offset.y


def _short(instruction: str) -> str:
    line = " ".join(instruction.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"
