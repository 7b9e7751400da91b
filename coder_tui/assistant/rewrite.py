"""Changing lines on instruction: asked, taken from the answer, checked, and asked once more when it does not parse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from coder_tui.assistant import chat, namesakes, selection_edit
from coder_tui.assistant.chat import Question
from coder_tui.assistant.opening import Ready
from coder_tui.context import syntax
from coder_tui.core.errors import CoderError, PromptTooLongError, StoppedError
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Sampling

_AGAIN = 0.4
"""Temperature of the second try: the same words at 0 would give the same answer."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What is to be changed."""

    text: str
    """Of the whole file, LF."""
    first: int
    """0-based."""
    last: int
    """0-based, the last one."""
    path: str = ""
    """In the repository."""
    language: str = ""
    """For the fence."""

    @property
    def selected(self) -> str:
        """The lines themselves."""
        lines = self.text.split("\n")[self.first : self.last + 1]
        return "\n".join(lines) + "\n"


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
    """The file with its lines changed. `said` is told in a few words what is going on, and may raise StoppedError.

    Raises PromptTooLongError when the lines do not fit the window (they are never cut), CoderError when the model gives
    no code, leaves code out, or is cut off.
    """
    before = syntax.errors(lines.text, lines.path)
    failure: CoderError | None = None
    best: Rewritten | None = None
    for tries in (1, 2):
        temperature = sampling.temperature if tries == 1 else max(_AGAIN, sampling.temperature)
        try:
            answer, usage = _asked(ready, lines, instruction, replace(sampling, temperature=temperature), said)
            text = selection_edit.result(lines.text, (lines.first, lines.last), answer, lines.path)
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


def _gone(lines: Lines, text: str) -> tuple[str, ...]:
    was, now = (namesakes.defined(namesakes.facts(one, lines.path)) for one in (lines.text, text))
    return tuple(sorted({name for name, _, _ in was} - {name for name, _, _ in now}))


def _asked(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None]
) -> tuple[str, Usage]:
    """The model's answer, all of it."""
    selected = lines.selected
    question: Question = selection_edit.question(lines.path, lines.language, selected, lines.first, instruction)
    wanted = max(ready.settings.chat.max_tokens, 2 * ready.count(selected))
    fitted = chat.fit(ready, question, max_tokens=wanted)
    if fitted.cuts or fitted.room < ready.count(selected):
        raise PromptTooLongError(
            f"{lines.last - lines.first + 1} lines are too many for the model's window",
            hint="change fewer at once: FILE:A-B, or set a larger model.context_tokens",
        )
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
