"""Changing lines on instruction: asked, taken from the answer, checked, and asked once more when it does not parse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from coder_tui.assistant import chat, inserting, namesakes, selection_edit
from coder_tui.assistant.chat import Attachment, Fitted, Question
from coder_tui.assistant.chat_context import unasked_tokens
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.selection_edit import Lines
from coder_tui.context import syntax
from coder_tui.core.errors import CoderError, PromptTooLongError, StoppedError
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
    twice: tuple[str, ...] = ()
    """Names that new code defines and the file had already: small models repeat what stands below."""

    @property
    def flaws(self) -> int:
        """The more, the less is it what was wanted."""
        return 2 * self.broken + bool(self.twice)


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
    for tries, way in enumerate(_ways(ready, lines, instruction, sampling, said), start=1):
        try:
            text, usage = way()
        except (PromptTooLongError, StoppedError):
            raise
        except CoderError as error:
            failure = error
        else:
            gone, twice = _compared(lines, text)
            found = Rewritten(text, usage, tries, syntax.errors(text, lines.path) > before, gone, twice)
            best = found if best is None or found.flaws <= best.flaws else best
            if not best.flaws:
                return best
        if tries == 1:
            said("that was no use, once more ...")
    if best is not None:
        return best
    raise failure or CoderError("the model gave no code")


def _ways(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None]
) -> Iterator[Callable[[], tuple[str, Usage]]]:
    """What is tried, until something comes of it."""

    def asked() -> tuple[str, Usage]:
        answer, usage = _answer(ready, fitted(ready, lines, instruction), sampling, said)
        return selection_edit.result(lines.text, (lines.first, lines.last), answer, lines.path), usage

    def asked_for_new() -> tuple[str, Usage]:
        answer, usage = _answer(ready, _fit(ready, inserting.question(lines, instruction), lines), sampling, said)
        return inserting.answered(lines, answer), usage

    if lines.are_blank:
        yield partial(inserting.filled_in, ready, lines, instruction, sampling, said)
        yield asked_for_new
        return
    yield asked
    sampling = replace(sampling, temperature=max(_AGAIN, sampling.temperature))
    yield asked


def _compared(lines: Lines, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names of definitions that are no longer there, names that new code defines once more)."""
    was, now = (namesakes.defined(namesakes.facts(one, lines.path)) for one in (lines.text, text))
    gone = {name for name, _, _ in was} - {name for name, _, _ in now}
    twice = {one[0] for one in now - was if was[one]} if lines.are_blank else set[str]()
    return tuple(sorted(gone)), tuple(sorted(twice))


def _answer(ready: Ready, fitted: Fitted, sampling: Sampling, said: Callable[[str], None]) -> tuple[str, Usage]:
    """The model's answer, all of it."""
    raw = ""
    for event in chat.answer(ready, fitted, sampling):
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
    around = _around(ready, lines)
    if around is not None:
        with suppress(PromptTooLongError):
            return _fit(ready, selection_edit.question(lines, instruction, around), lines)
    return _fit(ready, selection_edit.question(lines, instruction), lines)


def _fit(ready: Ready, question: Question, lines: Lines) -> Fitted:
    """Nothing is cut. Raises PromptTooLongError."""
    needed = ready.count(lines.selected)
    found = chat.fit(ready, question, max_tokens=max(ready.settings.chat.max_tokens, 2 * needed))
    if found.cuts or found.room < needed:
        raise PromptTooLongError(
            f"{lines.last - lines.first + 1} lines are too many for the model's window",
            hint="change fewer at once: FILE:A-B, or set a larger model.context_tokens",
        )
    return found


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
