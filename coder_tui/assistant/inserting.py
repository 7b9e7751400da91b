"""New code at a blank line on instruction: it stands there as a comment while the model fills in what follows that.

Models that are asked for code at a place in a chat repeat what is around it, or write what would fit anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from coder_tui.assistant.infill import TRIES, Infilled, Manner, Shown, infill
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.selection_edit import Lines
from coder_tui.context import grammars, symbols
from coder_tui.core.document import Document, Position
from coder_tui.core.errors import CoderError
from coder_tui.core.events import PromptProgress, Usage
from coder_tui.core.indentation import new_line, space_of
from coder_tui.core.lines import indent_unit
from coder_tui.core.prompt import Sampling
from coder_tui.prompts import languages

_MOST_TOKENS = 512
"""Of what is written: suggestions are shorter."""


def inserted(
    ready: Ready, lines: Lines, instruction: str, sampling: Sampling, said: Callable[[str], None] = lambda _: None
) -> tuple[str, Usage]:
    """(LF text with what the instruction asks for in place of blank lines, tokens). `said` as in `rewrite`.

    Raises NoInfillError where the model cannot fill in, CoderError where nothing comes.
    """
    old, path = lines.text.split("\n"), lines.path
    above, below = old[: lines.first], old[lines.last + 1 :]
    indent = _indent(above, old[lines.first : lines.last + 1], below, path)
    kind = languages.language(path)
    comment = f"{indent}{kind.comment.rstrip()} {' '.join(instruction.split())}{kind.comment_end}"
    document = Document("\n".join([*above, comment, indent, *below]))
    hole = Hole(document, Position(len(above) + 1, len(indent)), path, surroundings=lines.surroundings)
    lines_written = 1
    for event in infill(_roomy(ready), hole, sampling, Manner(tries=TRIES)):
        if isinstance(event, PromptProgress) and event.done < event.total:
            said(f"reading {event.done} of {event.total} tokens ...")
        elif isinstance(event, Shown):
            lines_written += event.text.count("\n")
            said(f"writing, {lines_written} lines ...")
        elif isinstance(event, Infilled):
            if not event.suggestion.text.strip():
                raise CoderError("the model has nothing to put there", hint="say it in other words")
            new = f"{indent}{event.suggestion.text}".rstrip().split("\n")
            return "\n".join([*above, *_spaced(above, new, below, path), *(below or [""])]), event.usage
    raise TypeError("an infill ends with Infilled")


def _roomy(ready: Ready) -> Ready:
    most = max(ready.settings.suggest.max_tokens, min(_MOST_TOKENS, ready.settings.chat.max_tokens))
    return replace(ready, settings=replace(ready.settings, suggest=replace(ready.settings.suggest, max_tokens=most)))


def _indent(above: Sequence[str], blank: Sequence[str], below: Sequence[str], path: str) -> str:
    """As far in as somebody has gone there; else as Enter does behind an opener, or as what follows."""
    if own := max(map(space_of, blank), key=len):
        return own
    before = next((line for line in reversed(above) if line.strip()), "")
    kind = languages.language(path)
    unit = indent_unit([*above, *below], tabs=kind.tabs)
    opened, _ = new_line(before, "", unit)
    if len(opened) - 1 > len(space_of(before)):
        return opened[1:]
    return space_of(next((line for line in below if line.strip()), ""))


def _spaced(above: Sequence[str], new: list[str], below: Sequence[str], path: str) -> list[str]:
    """New definitions stand apart from what is beside them."""
    found = symbols.read("\n".join(new), grammars.language_of(path)).symbols
    if not any(one.kind != "value" for one in found):
        return new
    apart = 2 if grammars.language_of(path) == "python" and not space_of(new[0]) else 1

    def blank(lines: Sequence[str]) -> list[str]:
        there = next((at for at, line in enumerate(lines) if line.strip()), None)
        return [] if there is None else [""] * max(0, apart - there)

    opens = bool(above) and above[-1].rstrip().endswith((":", "{"))
    return [*([] if opens else blank(above[::-1])), *new, *blank(below)]
