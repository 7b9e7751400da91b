"""New code at a blank line on instruction. It is filled in behind the instruction, which stands there as a comment:
that goes by what is around it more than an answer in a chat does. Where nothing useful comes of it, the model is asked
for an answer, about a line that marks the place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from coder_tui.assistant import selection_edit
from coder_tui.assistant.chat import Question
from coder_tui.assistant.infill import TRIES, Infilled, LeftOut, Manner, Shown, infill
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.selection_edit import Lines, Made
from coder_tui.context import grammars, symbols
from coder_tui.core.context import Snippet
from coder_tui.core.document import Document, Position
from coder_tui.core.errors import CoderError
from coder_tui.core.events import PromptProgress
from coder_tui.core.indentation import new_line, space_of
from coder_tui.core.lines import indent_unit
from coder_tui.core.prompt import Sampling
from coder_tui.prompts import languages

_MOST_TOKENS = 512
"""Of what is written: suggestions are shorter."""
_MARK = "HERE"
_ABOVE, _BELOW = 24, 12
"""Lines that are shown around the mark."""
_ASK = (
    "Write the code that belongs in the place of the line `{mark}`: {instruction}\n"
    "Answer with this new code alone in one code block and nothing else."
)


def filled_in(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None] = lambda _: None
) -> Made:
    """The file with what the instruction asks for in place of blank lines. `said` as in `rewrite`.

    Raises NoInfillError where the model cannot fill in, CoderError where nothing comes but comments.
    """
    gap = _Gap.of(lines)
    document = Document("\n".join([*gap.above, gap.comment(instruction), gap.indent, *gap.below]))
    along = tuple(Snippet(one.name, one.text, "goes along", one.first_line) for one in lines.attached)
    place = Position(len(gap.above) + 1, len(gap.indent))
    hole = Hole(document, place, lines.path, along, surroundings=lines.surroundings)
    lines_written, cuts = 1, lines.refused
    for event in infill(_roomy(ready), hole, sampling, Manner(tries=TRIES)):
        if isinstance(event, PromptProgress) and event.done < event.total:
            said(f"reading {event.done} of {event.total} tokens ...")
        elif isinstance(event, Shown):
            lines_written += event.text.count("\n")
            said(f"writing, {lines_written} lines ...")
        elif isinstance(event, LeftOut):
            cuts = (*cuts, event.text)
        elif isinstance(event, Infilled):
            return Made(gap.closed(f"{gap.indent}{event.suggestion.text}"), event.usage, cuts)
    raise TypeError("an infill ends with Infilled")


def question(lines: Lines, instruction: str) -> Question:
    """What is asked where nothing can be filled in."""
    gap = _Gap.of(lines)
    mark = gap.comment(_MARK)
    marked = replace(lines, text="\n".join([*gap.above, mark, *gap.below]))
    part = marked.part(max(0, lines.first - _ABOVE), lines.first + _BELOW)
    asked = _ASK.format(mark=mark.strip(), instruction=instruction)
    return Question(asked, (part,), system=selection_edit.told_first(lines), refused=lines.refused)


def answered(lines: Lines, answer: str) -> str:
    """LF text with the code of an answer to `question` in place of blank lines. Raises CoderError."""
    gap = _Gap.of(lines)
    at = len(gap.above)
    text = "\n".join([*gap.above, gap.comment(_MARK), *gap.below])
    found = selection_edit.result(text, (at, at), answer, lines.path).split("\n")
    return gap.closed("\n".join(found[at : len(found) - len(gap.below)]))


@dataclass(frozen=True, slots=True)
class _Gap:
    """A file without its blank lines."""

    above: Sequence[str]
    below: Sequence[str]
    indent: str
    path: str

    @staticmethod
    def of(lines: Lines) -> _Gap:
        old = lines.text.split("\n")
        above, blank, below = old[: lines.first], old[lines.first : lines.last + 1], old[lines.last + 1 :]
        return _Gap(above, below, _indent(above, blank, below, lines.path), lines.path)

    def comment(self, text: str) -> str:
        kind = languages.language(self.path)
        return f"{self.indent}{kind.comment.rstrip()} {' '.join(text.split())}{kind.comment_end}"

    def closed(self, code: str) -> str:
        """The file with code in it; new definitions stand apart from what is beside them."""
        mark = languages.language(self.path).comment.rstrip()
        new = code.rstrip().split("\n")
        if not any(line.strip() and not line.strip().startswith(mark) for line in new):
            raise CoderError("the model has nothing to put there", hint="say it in other words")
        language = grammars.language_of(self.path)
        if any(one.kind != "value" for one in symbols.read("\n".join(new), language).symbols):
            apart = 2 if language == "python" and not space_of(new[0]) else 1
            opens = bool(self.above) and self.above[-1].rstrip().endswith((":", "{"))
            new = [*([] if opens else _missing(self.above[::-1], apart)), *new, *_missing(self.below, apart)]
        return "\n".join([*self.above, *new, *(self.below or [""])])


def _missing(beside: Sequence[str], apart: int) -> list[str]:
    """Blank lines up to what stands beside it."""
    there = next((at for at, line in enumerate(beside) if line.strip()), None)
    return [] if there is None else [""] * max(0, apart - there)


def _indent(above: Sequence[str], blank: Sequence[str], below: Sequence[str], path: str) -> str:
    """As far in as somebody has gone there; else as Enter does behind an opener, or as what follows."""
    if own := max(map(space_of, blank), key=len):
        return own
    before = next((line for line in reversed(above) if line.strip()), "")
    unit = indent_unit([*above, *below], tabs=languages.language(path).tabs)
    opened, _ = new_line(before, "", unit)
    if len(opened) - 1 > len(space_of(before)):
        return opened[1:]
    return space_of(next((line for line in below if line.strip()), ""))


def _roomy(ready: Ready) -> Ready:
    most = max(ready.settings.suggest.max_tokens, min(_MOST_TOKENS, ready.settings.chat.max_tokens))
    return replace(ready, settings=replace(ready.settings, suggest=replace(ready.settings.suggest, max_tokens=most)))
