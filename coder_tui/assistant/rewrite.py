"""Changing lines on instruction: asked, taken from the answer, checked, and asked once more when it does not parse,
changes nothing, or has not all of the lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from coder_tui.assistant import chat, inserting, namesakes, placing, selection_edit
from coder_tui.assistant.chat import Attachment, Fitted, Question, fenced
from coder_tui.assistant.chat_context import unasked_tokens
from coder_tui.assistant.instructed import informed
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.selection_edit import Lines, Made
from coder_tui.context import syntax
from coder_tui.context.symbols import IDENTIFIER
from coder_tui.core.errors import CoderError, PromptTooLongError, StoppedError
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Purpose, Sampling, Segment
from coder_tui.edits.answers.parse import code_of

_AGAIN = 0.4
"""Temperature of the second try: the same words at 0 would give the same answer."""
TAKES_AWAY = re.compile(
    r"\b(?:remove|delete|drop|rename|inline|merge|replac|mov|extract|split|turn|convert)", re.IGNORECASE
)
"""Words of an instruction that definitions do not outlive."""
_DEFINITIONS = re.compile(r"\b(?:functions?|methods?|class(?:es)?|helpers?|definitions?)\b", re.IGNORECASE)
_FENCE = re.compile(r"\s*```+\w")
"""Of an answer that begins again."""
_LEAST_ANSWER, _ANSWER_PARTS = 256, 2
"""Room for the answer that nothing attached takes: so many tokens and so many times the lines."""
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
    attached: tuple[str, ...] = ()
    """What went along, by reference."""
    cuts: tuple[str, ...] = ()
    """What was to go along and did not, a line each, for the user."""
    lost: bool = False
    """Definitions are gone that nobody has asked to take away, and none has come instead but what went along: small
    models answer with the line that changes, where all lines were asked for, and with what they were shown."""
    same: bool = False
    """Nothing has changed."""
    is_part: bool = False
    """The answer was a part of a definition, which has been put in its place."""

    @property
    def flaws(self) -> int:
        """The more, the less is it what was wanted."""
        return 8 * self.broken + 4 * (bool(self.twice) or self.lost) + 2 * self.same + self.is_part


def rewrite(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None] = lambda _: None
) -> Rewritten:
    """The file with its lines changed, or new code in place of blank ones. `said` is told in a few words what is going
    on, and may raise StoppedError.

    Raises PromptTooLongError when the lines do not fit the window (they are never cut), CoderError when the model gives
    no code, leaves code out, or is cut off.
    """
    lines = informed(ready, lines, instruction)
    before = syntax.errors(lines.text, lines.path)
    failure: CoderError | None = None
    best: Rewritten | None = None
    for tries, way in enumerate(_ways(ready, lines, instruction, sampling, said), start=1):
        try:
            made = way(best)
        except (PromptTooLongError, StoppedError):
            raise
        except CoderError as error:
            failure = error
        else:
            found = _looked_at(lines, instruction, made, tries, before)
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
) -> Sequence[Callable[[Rewritten | None], Made]]:
    """What is tried, until something comes of it; each is told what came of the one before."""

    def asked(sampling: Sampling, begun: str = "") -> Made:
        sent = fitted(ready, lines, instruction)
        answer, usage = _answer(ready, sent, sampling, said, begun)
        text = selection_edit.result(lines.text, (lines.first, lines.last), answer, lines.path)
        is_part = placing.is_part(code_of(answer) or "", lines.selected, lines.path)
        return Made(text, usage, sent.cuts, is_part)

    def asked_again(before: Rewritten | None) -> Made:
        if before is not None and (before.lost or before.is_part):
            return asked(sampling, _head(lines))
        return asked(replace(sampling, temperature=max(_AGAIN, sampling.temperature)))

    def asked_for_new() -> Made:
        sent = _with_attached(ready, lines, partial(inserting.question, instruction=instruction))
        answer, usage = _answer(ready, sent, sampling, said)
        return Made(inserting.answered(lines, answer), usage, sent.cuts)

    if lines.are_blank:
        return (
            lambda _: inserting.filled_in(ready, lines, instruction, sampling, said),
            lambda _: asked_for_new(),
        )
    return lambda _: asked(sampling), asked_again


def _head(lines: Lines) -> str:
    """How an answer begins that has all of the lines: with those up to the head of the first definition in them. A
    model that is made to begin so goes on with the rest."""
    found, old = namesakes.facts(lines.text, lines.path).symbols, lines.text.split("\n")
    inside = [selection_edit.head_of(one, old) for one in found if one.kind != "value"]
    last = min((line for line in inside if lines.first <= line <= lines.last), default=lines.first)
    return fenced(lines.part(lines.first, last)).partition("\n")[2].rpartition("\n")[0] + "\n"


def _looked_at(lines: Lines, instruction: str, made: Made, tries: int, errors: int) -> Rewritten:
    """What was made, with what is to be said of it. `errors`: of the old text, by its grammar."""
    was, now = (namesakes.defined(namesakes.facts(one, lines.path)) for one in (lines.text, made.text))
    gone = namesakes.gone(lines.text, made.text, lines.path)
    twice = {one[0] for one in now - was if was[one]} if lines.are_blank else set[str]()
    broken = syntax.errors(made.text, lines.path) > errors
    shown = {word for one in lines.attached for word in IDENTIFIER.findall(one.text)}
    has_come = any(name not in shown for name, _, _ in now - was)
    return Rewritten(
        made.text,
        made.usage,
        tries,
        broken,
        gone=gone,
        twice=tuple(sorted(twice)),
        attached=tuple(one.reference for one in lines.attached),
        cuts=made.cuts,
        lost=bool(gone) and not broken and not has_come and not _asks_for(gone, instruction),
        same=made.text == lines.text,
        is_part=made.is_part and not gone,
    )


def _asks_for(gone: Collection[str], instruction: str) -> bool:
    """Whether somebody may have wished definitions away."""
    is_meant = _DEFINITIONS.search(instruction) is not None or any(name in instruction for name in gone)
    return is_meant and TAKES_AWAY.search(instruction) is not None


def _answer(
    ready: Ready, fitted: Fitted, sampling: Sampling, said: Callable[[str], None], begun: str = ""
) -> tuple[str, Usage]:
    """The model's answer, all of it, which it goes on with where it has `begun`."""
    raw = ""
    if begun:
        prompt = replace(fitted.prompt, segments=(*fitted.prompt.segments, Segment(begun)))
        fitted = replace(fitted, prompt=prompt)
    for event in chat.answer(ready, fitted, sampling):
        if isinstance(event, PromptProgress) and event.done < event.total:
            said(f"reading {event.done} of {event.total} tokens ...")
        elif isinstance(event, Delta):
            raw += event.text
            said(f"rewriting, {raw.count(chr(10)) + 1} lines ...")
        elif isinstance(event, Finished):
            if event.reason in (StopReason.LENGTH, StopReason.WINDOW):
                raise CoderError("the answer was cut off", hint="change fewer lines at once, or raise --max-tokens")
            return plain(raw if _FENCE.match(raw) else begun + raw), event.usage
    raise TypeError("a generation ends with Finished")


def fitted(ready: Ready, lines: Lines, instruction: str) -> Fitted:
    """What is asked about lines, with the code around them if there is room, and then with what is attached as far as
    it fits. Raises PromptTooLongError."""
    question = partial(selection_edit.question, instruction=instruction)
    around = _around(ready, lines)
    if around is not None:
        with suppress(PromptTooLongError):
            return _with_attached(ready, lines, partial(question, around=around))
    return _with_attached(ready, lines, question)


def _with_attached(ready: Ready, lines: Lines, question: Callable[[Lines], Question]) -> Fitted:
    """The lines, and what is around them, are never cut. Raises PromptTooLongError."""
    needed = ready.count(lines.selected)
    window = ready.engine.window(Purpose.CHAT)
    bare = chat.fit(ready, question(replace(lines, attached=(), refused=())), max_tokens=window)
    if bare.cuts or bare.room < needed:
        raise PromptTooLongError(
            f"{lines.last - lines.first + 1} lines are too many for the model's window",
            hint="change fewer at once: FILE:A-B, or set a larger model.context_tokens",
        )
    room = bare.room - _LEAST_ANSWER - _ANSWER_PARTS * needed
    attached, cuts = chat.shared_out(ready, lines.attached, room)
    lines = replace(lines, attached=attached, refused=(*lines.refused, *cuts))
    return chat.fit(ready, question(lines), max_tokens=max(ready.settings.chat.max_tokens, 2 * needed))


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
