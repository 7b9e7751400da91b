"""Ctrl+K: an instruction on lines, or on a blank one, and a review of what the model made of it, in their place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.app import App
from textual.geometry import Region

from coder_tui.assistant.instructed import informed
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading_ahead import ReadingAhead
from coder_tui.assistant.rewrite import Rewritten, fitted, rewrite
from coder_tui.assistant.selection_edit import Lines, definition_at, found_again
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context.mentions import all_names
from coder_tui.core.errors import CoderError, DocumentError, NoModelError
from coder_tui.core.events import PromptProgress
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
_LOOK_S = 0.1
"""Between two looks whether an end is wished."""


async def edit_selection(
    app: App[None],
    file: OpenFile,
    model: Callable[[], Ready | None],
    code: CodeUse,
    surroundings: Callable[[], Surroundings | None],
    files: Callable[[], Sequence[str]],
) -> None:
    """Ask for an instruction, have the lines rewritten, review; again for as long as the user likes. While the
    instruction is written the model reads what it will be asked about; where it is still being loaded, that is waited
    for. `files` may be mentioned."""
    instruction, temperature, asks = "", 0.0, True
    ahead: _Ahead | None = None
    try:
        _refuse_useless(file, model)
        lines, question = _meant(file)
        ahead = _Ahead(model, lines, surroundings)
        while True:
            if asks:
                instruction = await _asked(app, question, instruction, files, ahead)
                if not instruction.strip():
                    return
            lines = replace(found_again(lines, file.area.content), surroundings=surroundings())
            sampling = Sampling(temperature=temperature)
            found = await working(
                app, _short(instruction), partial(_rewritten, model, lines, instruction, sampling, ahead)
            )
            asks, temperature = True, _AGAIN
            if found is None:
                continue
            _warn(app, found)
            done = await code.review(
                file,
                lines.text,
                found.text,
                made=_short(instruction),
                place=partial(_place, file),
                title=instruction,
                detail=f"with {', '.join(found.attached)}" if found.attached else "",
            )
            if not done.again and not done.instruct:
                return
            asks = done.instruct
    except CoderError as error:
        tell(app, error)
    finally:
        if ahead is not None:
            ahead.reading.stop()


class _Ahead:
    """What the model reads of a question about lines while their instruction is written."""

    def __init__(
        self, model: Callable[[], Ready | None], lines: Lines, surroundings: Callable[[], Surroundings | None]
    ) -> None:
        self.reading = ReadingAhead()
        self._model, self._lines, self._surroundings = model, lines, surroundings
        self._named: tuple[str, ...] | None = None
        """By the instruction, when the reading was begun last."""

    @property
    def of_blank_lines(self) -> bool:
        """Nothing is read of those: their prompt begins with what is around them, as a suggestion's does."""
        return self._lines.are_blank

    def written(self, instruction: str) -> None:
        """As far as its words are whole: each name in them may take something along."""
        words = instruction[: instruction.rfind(" ") + 1]
        named, ready = all_names(words), None
        with suppress(NoModelError):  # whoever sends it is told
            ready = self._model()
        if self.of_blank_lines or ready is None or named == self._named:
            return
        self._named = named
        lines = replace(self._lines, surroundings=self._surroundings())
        self.reading.begin(ready.engine, lambda: fitted(ready, informed(ready, lines, words), "").prompt)


def _warn(app: App[None], found: Rewritten) -> None:
    if found.broken:
        app.notify("the result does not parse: look twice", severity="warning", markup=False)
    elif found.twice:
        app.notify(f"the file defines already: {', '.join(found.twice)}", severity="warning", markup=False)
    elif found.lost:
        app.notify(f"it takes away: {', '.join(found.gone)}", severity="warning", markup=False)
    elif found.is_part:
        app.notify("some lines came only; they stand in place of those that begin alike", markup=False)
    for cut in found.cuts:
        app.notify(cut, severity="warning", markup=False)


def _refuse_useless(file: OpenFile, model: Callable[[], Ready | None]) -> None:
    """Raises CoderError where nothing can come of it."""
    model()
    if file.area.read_only:
        raise DocumentError(f"{file.name} is opened for reading only")


async def _asked(
    app: App[None], question: str, instruction: str, files: Callable[[], Sequence[str]], ahead: _Ahead
) -> str:
    what = "what to write there" if ahead.of_blank_lines else "what to do with them"
    ahead.written(f"{instruction} ")
    asking = AskText(question, instruction, placeholder=f"{what} · @ file", files=files, changed=ahead.written)
    return await app.push_screen_wait(asking) or ""


def _meant(file: OpenFile) -> tuple[Lines, str]:
    """What is to be changed, and how that is asked: the selected lines, the definition of which the cursor is on the
    head, or the cursor's line, at which new code is written if it is blank."""
    (first, last), text, name = file.area.selected_lines(), file.area.content, ""
    if file.area.selection.is_empty and (whole := definition_at(text, file.path_name, first)) is not None:
        first, last, name = whole.first_line, whole.last_line, f"{whole.name}, "
    lines = Lines(text, first, last, file.path_name, Path(file.name).suffix.lstrip("."))
    if lines.are_blank:
        return lines, f"Write at line {first + 1}"
    return lines, f"Change {name}{f'line {first + 1}' if first == last else f'lines {first + 1} to {last + 1}'}"


def _rewritten(
    model: Callable[[], Ready | None],
    lines: Lines,
    instruction: str,
    sampling: Sampling,
    ahead: _Ahead,
    said: Callable[[str], None],
) -> Rewritten:
    while (ready := model()) is None:
        said("the model is being loaded ...")
        time.sleep(_LOOK_S)
    progress = "reading ..."

    def told(step: PromptProgress) -> None:
        nonlocal progress
        progress = f"reading {step.done} of {step.total} tokens ..."

    while not ahead.reading.wait(told, _LOOK_S):
        said(progress)
    return rewrite(ready, lines, instruction, sampling, said)


def _place(file: OpenFile, line: int) -> tuple[Region, int]:
    """The editor, and the row of the screen at which a line stands."""
    area = file.area
    line = min(line, area.document.line_count - 1)
    return area.region, area.region.y + area.first_row(line) - area.scroll_offset.y


def _short(instruction: str) -> str:
    line = " ".join(instruction.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"
