"""Ctrl+K: an instruction on lines, or on a blank one, and a review of what the model made of it, in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.app import App
from textual.geometry import Region

from coder_tui.assistant.instructed import informed
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading_ahead import ReadingAhead
from coder_tui.assistant.rewrite import Rewritten, fitted, rewrite
from coder_tui.assistant.selection_edit import Lines, definition_at
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.core.errors import CoderError, DocumentError, NoModelError
from coder_tui.core.prompt import Prompt, Sampling
from coder_tui.ui.code_use import CodeUse
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.screens.ask import AskText
from coder_tui.ui.screens.working import working
from coder_tui.ui.telling import tell

_TITLE = 40
"""Characters of an instruction that the journal names a change by."""
_AGAIN = 0.7
"""Temperature: the same words at 0 would give the same answer."""
_LOOK_S = 0.1
"""Between two looks whether an end is wished."""


async def edit_selection(
    app: App[None],
    file: OpenFile,
    ready: Ready | None,
    code: CodeUse,
    surroundings: Callable[[], Surroundings | None],
    files: Callable[[], Sequence[str]],
) -> None:
    """Ask for an instruction, have the lines rewritten, review; again for as long as the user likes. While the
    instruction is written the model reads what it will be asked about. `files` may be mentioned."""
    ahead = ReadingAhead()
    instruction, temperature, asks = "", 0.0, True
    try:
        ready = _usable(file, ready)
        lines, question = _meant(file, surroundings())
        while True:
            if asks:
                if not lines.are_blank:
                    ahead.begin(ready.engine, partial(_prompt, ready, lines))
                instruction = await _asked(app, lines, question, instruction, files)
                if not instruction.strip():
                    return
            lines = replace(lines, text=file.area.content, surroundings=surroundings())
            sampling = Sampling(temperature=temperature)
            found = await working(
                app, _short(instruction), partial(_rewritten, ready, lines, instruction, sampling, ahead)
            )
            asks, temperature = True, _AGAIN
            if found is None:
                continue
            _warn(app, found)
            along = f"with {', '.join(found.attached)}" if found.attached else ""
            done = await code.review(
                file,
                lines.text,
                found.text,
                made=_short(instruction),
                place=partial(_place, file),
                title=instruction,
                detail=along,
            )
            if not done.again and not done.instruct:
                return
            asks = done.instruct
    except CoderError as error:
        tell(app, error)
    finally:
        ahead.stop()


def _warn(app: App[None], found: Rewritten) -> None:
    if found.broken:
        app.notify("the result does not parse: look twice", severity="warning", markup=False)
    elif found.twice:
        app.notify(f"the file defines already: {', '.join(found.twice)}", severity="warning", markup=False)
    elif found.lost:
        app.notify(f"it takes away: {', '.join(found.gone)}", severity="warning", markup=False)
    for cut in found.cuts:
        app.notify(cut, severity="warning", markup=False)


def _usable(file: OpenFile, ready: Ready | None) -> Ready:
    if ready is None:
        raise NoModelError("there is no model to ask yet", hint="wait until it is loaded, or choose one")
    if file.area.read_only:
        raise DocumentError(f"{file.name} is opened for reading only")
    return ready


async def _asked(
    app: App[None], lines: Lines, question: str, instruction: str, files: Callable[[], Sequence[str]]
) -> str:
    what = "what to write there" if lines.are_blank else "what to do with them"
    asking = AskText(question, instruction, placeholder=f"{what} · @ file", files=files)
    return await app.push_screen_wait(asking) or ""


def _meant(file: OpenFile, surroundings: Surroundings | None) -> tuple[Lines, str]:
    """What is to be changed, and how that is asked: the selected lines, the definition of which the cursor is on the
    head, or the cursor's line, at which new code is written if it is blank."""
    (first, last), text, name = file.area.selected_lines(), file.area.content, ""
    if file.area.selection.is_empty and (whole := definition_at(text, file.path_name, first)) is not None:
        first, last, name = whole.first_line, whole.last_line, f"{whole.name}, "
    lines = Lines(text, first, last, file.path_name, Path(file.name).suffix.lstrip("."), surroundings)
    if lines.are_blank:
        return lines, f"Write at line {first + 1}"
    return lines, f"Change {name}{f'line {first + 1}' if first == last else f'lines {first + 1} to {last + 1}'}"


def _prompt(ready: Ready, lines: Lines) -> Prompt:
    return fitted(ready, informed(ready, lines, ""), "").prompt


def _rewritten(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, ahead: ReadingAhead, said: Callable[[str], None]
) -> Rewritten:
    while not ahead.wait(seconds=_LOOK_S):
        said("reading ...")
    return rewrite(ready, lines, instruction, sampling, said)


def _place(file: OpenFile, line: int) -> tuple[Region, int]:
    """The editor, and the row of the screen at which a line stands."""
    area = file.area
    line = min(line, area.document.line_count - 1)
    return area.region, area.region.y + area.first_row(line) - area.scroll_offset.y


def _short(instruction: str) -> str:
    line = " ".join(instruction.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"
