"""Changing lines on instruction: asked, taken from the answer, checked, and asked once more when it does not parse."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from coder_tui.assistant import chat, inserting, namesakes, selection_edit
from coder_tui.assistant.chat import Attachment, Fitted
from coder_tui.assistant.chat_context import unasked_tokens
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.selection_edit import Lines
from coder_tui.context import syntax
from coder_tui.core.errors import CoderError, NoInfillError, PromptTooLongError, StoppedError
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Sampling

_AGAIN = 0.4
"""Temperature of the second try: the same words at 0 would give the same answer."""
_LINES_AROUND = (48, 24, 12)
"""Above and below, of a function that is too long."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of it."""

    text: str
    """Of the whole file, LF."""
    usage: Usage
    tries: int
    broken: bool
    """It does not parse, where the old text did."""
    gone: tuple[str, ...] = ()
    """Names of definitions that the file has no more."""


def rewrite(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None] = lambda _: None
) -> Rewritten:
    """The file with its lines changed, or new code in place of blank ones. `said` is told in a few words what is going
    on, and may raise StoppedError.

    Raises PromptTooLongError when the lines do not fit the window (they are never cut), CoderError when the model gives
    no code, leaves code out, or is cut off.
    """
    before = syntax.errors(lines.text, lines.path)
    failure: CoderError | None = None
    best: Rewritten | None = None
    for tries in (1, 2):
        temperature = sampling.temperature if tries == 1 else max(_AGAIN, sampling.temperature)
        try:
            text, usage = _made(ready, lines, instruction, replace(sampling, temperature=temperature), said)
        except (PromptTooLongError, StoppedError):
            raise
        except CoderError as error:
            failure = error
        else:
            broken = syntax.errors(text, lines.path) > before
            best = Rewritten(text, usage, tries, broken, _gone(lines, text))
            if not best.broken:
                return best
        if tries == 1:
            said("that was no code that parses, once more ..." if best else "that was no use, once more ...")
    if best is not None:
        return best
    raise failure or CoderError("the model gave no code")


def _made(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None]
) -> tuple[str, Usage]:
    if lines.are_blank:
        with suppress(NoInfillError):
            return inserting.inserted(ready, lines, instruction, sampling, said)
    answer, usage = _asked(ready, lines, instruction, sampling, said)
    return selection_edit.result(lines.text, (lines.first, lines.last), answer, lines.path), usage


def _gone(lines: Lines, text: str) -> tuple[str, ...]:
    was, now = (namesakes.defined(namesakes.facts(one, lines.path)) for one in (lines.text, text))
    return tuple(sorted({name for name, _, _ in was} - {name for name, _, _ in now}))


def _asked(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None]
) -> tuple[str, Usage]:
    """The model's answer, all of it."""
    raw = ""
    for event in chat.answer(ready, fitted(ready, lines, instruction), sampling):
        if isinstance(event, PromptProgress) and event.done < event.total:
            said(f"reading {event.done} of {event.total} tokens ...")
        elif isinstance(event, Delta):
            raw += event.text
            said(f"rewriting, {raw.count(chr(10)) + 1} lines ...")
        elif isinstance(event, Finished):
            if event.reason in (StopReason.LENGTH, StopReason.WINDOW):
                raise CoderError("the answer was cut off", hint="change fewer lines at once, or raise --max-tokens")
            return plain(raw), event.usage
    raise TypeError("a generation ends with Finished")


def fitted(ready: Ready, lines: Lines, instruction: str) -> Fitted:
    """What is asked about lines, with the code around them if there is room. Raises PromptTooLongError."""
    needed = ready.count(lines.selected)
    wanted = max(ready.settings.chat.max_tokens, 2 * needed)
    for around in (_around(ready, lines), None):
        question = selection_edit.question(lines, instruction, around)
        found = chat.fit(ready, question, max_tokens=wanted)
        if not found.cuts and found.room >= needed:
            return found
    raise PromptTooLongError(
        f"{lines.last - lines.first + 1} lines are too many for the model's window",
        hint="change fewer at once: FILE:A-B, or set a larger model.context_tokens",
    )


def _around(ready: Ready, lines: Lines) -> Attachment | None:
    """The function that the lines are a part of, or what of it is nearest to them; None where they are no such part."""
    functions = (one for one in namesakes.facts(lines.text, lines.path).symbols if one.kind == "function")
    function = next((one for one in functions if one.first_line <= lines.first <= lines.last <= one.last_line), None)
    if function is None or (function.first_line, function.last_line) == (lines.first, lines.last):
        return None
    room = unasked_tokens(ready)
    for count in (function.last_line - function.first_line + 1, *_LINES_AROUND):
        first = max(function.first_line, lines.first - count)
        last = min(function.last_line, lines.last + count)
        part = lines.part(first, last)
        if ready.count(part.text) <= room:
            return part
    return None
