"""Changing selected lines on instruction: what the model is asked, and what comes of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from coder_tui.assistant import anchoring
from coder_tui.assistant.applying import applied, exchanges
from coder_tui.assistant.chat import Attachment, Question, fenced
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context import grammars, symbols, syntax
from coder_tui.context.symbols import Symbol
from coder_tui.core.errors import ChangeError, CoderError
from coder_tui.core.events import Usage
from coder_tui.edits.answers.parse import code_of

_DECORATORS = ("@", "#[")
_LONG_LINES = 80
_ASK = (
    "Rewrite the code above as follows: {instruction}\n"
    "Answer with the rewritten code in one code block and nothing else. Keep what need not change."
)
_ASK_OF_PART = (
    "The lines to rewrite:\n{lines}\n\n"
    "Rewrite these lines as follows: {instruction}\n"
    "Answer with the rewritten lines in one code block and nothing else. Keep what need not change."
)
_FOR_REFERENCE = "Code that may be of use:"


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
    surroundings: Surroundings | None = field(default=None, compare=False)
    """Where to look for more; None for nowhere."""
    attached: tuple[Attachment, ...] = ()
    """Of other places, what goes along with an instruction."""
    system: str = ""
    """What the model is told first."""
    refused: tuple[str, ...] = ()
    """What the instruction mentions and does not get, a line each, for the user."""

    @property
    def selected(self) -> str:
        """The lines themselves."""
        return self.part(self.first, self.last).text

    @property
    def are_blank(self) -> bool:
        """Whether new code is wanted there, in a text that has some."""
        return not self.selected.strip() and bool(self.text.strip())

    def part(self, first: int, last: int) -> Attachment:
        """Lines of the file, for a question."""
        lines = self.text.split("\n")[first : last + 1]
        return Attachment(self.path or "code", "\n".join(lines) + "\n", first, self.language)


@dataclass(frozen=True, slots=True)
class Made:
    """What the model has made of them."""

    text: str
    """Of the whole file, LF."""
    usage: Usage
    cuts: tuple[str, ...] = ()
    """What was to go along and did not, a line each, for the user."""
    is_part: bool = False
    """Of a definition the answer has some statements only, of which it had to be found out where they belong."""


def found_again(lines: Lines, text: str) -> Lines:
    """The same lines in what has become of their file meanwhile. Raises ChangeError where they are not the same."""
    old, new = lines.text.split("\n"), text.split("\n")
    pairs = zip(old, new, strict=False)
    above = next((at for at, (was, now) in enumerate(pairs) if was != now), min(len(old), len(new)))
    if lines.last < above:
        return replace(lines, text=text)
    shift = len(new) - len(old)
    if lines.first + shift >= 0 and old[lines.first :] == new[lines.first + shift :]:
        return replace(lines, text=text, first=lines.first + shift, last=lines.last + shift)
    raise ChangeError("these lines have changed meanwhile", hint="begin again with the lines as they are now")


def definition_at(text: str, path: str, line: int) -> Symbol | None:
    """The definition that begins with this (0-based) line of LF `text`, or with decorators and has it behind them; None
    where that is long. Who is on its head means all of it."""
    lines = text.split("\n")
    for one in symbols.read(text, grammars.language_for(path, text)).symbols:
        if one.kind != "value" and one.first_line <= line <= head_of(one, lines):
            return one if one.last_line - one.first_line < _LONG_LINES else None
    return None


def head_of(definition: Symbol, lines: Sequence[str]) -> int:
    """The 0-based line of a file's `lines` with which a definition begins, behind its decorators."""
    head = definition.first_line
    while head < definition.last_line and lines[head].lstrip().startswith(_DECORATORS):
        head += 1
    return head


def question(lines: Lines, instruction: str, around: Attachment | None = None) -> Question:
    """What the model is asked. `around` is the code of which the lines are a part: a model that does not see it
    invents what the names in them are, and there is nothing in a comment or a call that it could go by.

    What is attached to the lines is part of what the model is told first: beside the lines, small models take it for
    what is to be rewritten.
    """
    if around is None:
        asked, shown = _ASK.format(instruction=instruction), lines.part(lines.first, lines.last)
    else:
        part = fenced(lines.part(lines.first, lines.last)).partition("\n")[2]
        asked, shown = _ASK_OF_PART.format(lines=part, instruction=instruction), around
    return Question(asked, (shown,), system=told_first(lines), refused=lines.refused)


def told_first(lines: Lines) -> str:
    """The system text, with what is attached."""
    attached = [_FOR_REFERENCE, *map(fenced, lines.attached)] if lines.attached else []
    return "\n\n".join(text for text in (lines.system, *attached) if text)


def result(text: str, lines: tuple[int, int], answer: str, path: str = "") -> str:
    """LF `text`, of the file `path`, with its lines (first, last; 0-based) as the answer has them: of what it may mean
    that which parses best. Raises CoderError without code in it."""
    code = code_of(answer)
    if code is None or not code.strip():
        raise CoderError("the model gave no code", hint="say it in other words, or select fewer lines")
    if exchanges(code):
        return applied(text, code, path=path, lines=lines)
    best: tuple[int, str] | None = None
    failure: CoderError | None = None
    inner = anchoring.within(text, lines)
    for meant in anchoring.kept(code, text, inner, path):
        try:
            found = applied(text, meant, path=path, lines=inner)
        except CoderError as error:  # what follows the selection may be what was left out
            failure = failure or error
            continue
        wrong = syntax.errors(found, path)
        if best is None or wrong < best[0]:
            best = (wrong, found)
    if best is None:
        raise failure or CoderError("the model gave no code")
    return best[1] if text else f"{best[1]}\n"  # an empty file has no end of the last line to keep
