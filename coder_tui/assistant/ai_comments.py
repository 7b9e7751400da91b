"""Comments that ask: `AI: ...` to change the code there, `AI? ...` to answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coder_tui.assistant import namesakes
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import TAKES_AWAY, Rewritten, rewrite
from coder_tui.assistant.selection_edit import Lines
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context import grammars
from coder_tui.core.document import to_lf
from coder_tui.core.errors import ChangedOnDiskError, CoderError
from coder_tui.core.indentation import space_of
from coder_tui.core.prompt import Sampling
from coder_tui.edits import changes, changing, files
from coder_tui.edits.changing import Change, Changed, Place
from coder_tui.edits.hunks import moved
from coder_tui.prompts.languages import language

_ENDS = r"\s*(?:\*/|-->|\*\))?\s*$"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class AiComment:
    """A comment that asks."""

    line: int
    """0-based, in the file."""
    text: str
    """What it asks."""
    is_question: bool
    rest: str
    """The file (LF) without the comment."""
    first: int
    """0-based lines of `rest` that it is about."""
    last: int


def found(text: str, path: str) -> list[AiComment]:
    """The comments of an LF text that ask, in order; what only looks like one, in a string say, is none."""
    kind = language(path)
    marks = {kind.comment.strip(), "/*" if kind.comment.strip() in ("//", "/*") else kind.comment.strip()}
    opened = "|".join(re.escape(mark) for mark in sorted(marks))
    asking = re.compile(rf"^(?P<code>.*?)(?:{opened})+\s*AI(?P<kind>[:?])\s*(?P<text>\S.*?){_ENDS}")
    lines = text.split("\n")
    comments: list[AiComment] = []
    for at, line in enumerate(lines):
        match = asking.match(line) if "AI" in line else None
        if match is not None and match["text"] and _is_comment(text, path, at, len(match["code"])):
            comments.append(_about(lines, path, at, match))
    return comments


def changed(
    ready: Ready,
    comment: AiComment,
    name: str,
    sampling: Sampling,
    said: Callable[[str], None] = lambda _: None,
    surroundings: Surroundings | None = None,
) -> Rewritten:
    """The file (LF) with what the comment asks for, and without it. New code may go by its `surroundings`.

    Raises CoderError as `rewrite`, and where the result is what was there, does not parse, asks again, or takes
    definitions away without having been asked to: nobody looks at it before it is written.
    """
    lines = Lines(comment.rest, comment.first, comment.last, name, Path(name).suffix.lstrip("."), surroundings)
    done = rewrite(ready, lines, comment.text, sampling, said)
    if done.broken:
        raise CoderError("what the model made of it does not parse, twice; the file stays as it is")
    if done.text == comment.rest:
        raise CoderError("the model would change nothing there; the file stays as it is", hint="say it in other words")
    again = [name for name in done.twice if name not in comment.text]
    if again:
        raise CoderError(f"what the model made of it is there already: {', '.join(again)}; the file stays as it is")
    unasked = [name for name in done.gone if name not in comment.text]
    if unasked and not TAKES_AWAY.search(comment.text):
        raise CoderError(f"what the model made of it takes away: {', '.join(unasked)}; the file stays as it is")
    if len(found(done.text, name)) > len(found(comment.rest, name)):
        raise CoderError("what the model made of it asks the same again; the file stays as it is")
    return done


def put(place: Place, path: Path, before: str, after: str, *, reason: str, max_bytes: int) -> Changed:
    """Write the change from `before` to `after` (LF) into a file, which somebody may have saved anew meanwhile: then it
    is made in what the file is now, where that is clear.

    Raises ChangeError where it is not, and ChangedOnDiskError where the file keeps changing.
    """
    failure: CoderError | None = None
    for _ in range(_TRIES):
        document = files.read(path, max_bytes=max_bytes)
        text = moved(before, after, to_lf(document.text))
        try:
            return changing.apply(place, [Change(document, tuple(changes.spans(document, text)))], reason=reason)
        except ChangedOnDiskError as error:
            failure = error
    raise failure or CoderError("nothing was written")


def _is_comment(text: str, path: str, line: int, column: int) -> bool:
    known = grammars.language_of(path)
    if not known:
        return True
    parser, _ = grammars.loaded(known)
    lines = text.split("\n")
    at = (line, len(lines[line][:column].encode("utf-8", "replace")))
    node = parser.parse(text.encode("utf-8", "replace")).root_node.descendant_for_point_range(at, at)
    return node is not None and "comment" in node.type


def _about(lines: list[str], path: str, at: int, match: re.Match[str]) -> AiComment:
    """The comment, and the lines that it is about: the definition that begins below it, else the function around it,
    else the lines up to the next blank one. Where it stands outside of functions with blank lines above and below, new
    code is wanted in its place."""
    is_alone = not match["code"].strip()
    rest = [*lines[:at], *([] if is_alone else [match["code"].rstrip()]), *lines[at + 1 :]]
    rest = rest or [""]
    text = "\n".join(rest)
    known = namesakes.with_ends(namesakes.facts(text, path), rest).symbols
    below = next((number for number in range(at, len(rest)) if rest[number].strip()), len(rest)) if is_alone else at
    begins = [one for one in known if is_alone and one.kind != "value" and one.first_line == below]
    inside = namesakes.with_ends(namesakes.facts("\n".join(lines), path), lines).symbols
    around = [one for one in inside if one.kind == "function" and one.first_line <= at <= one.last_line]
    apart = [line for line in (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2]) if line.strip()]
    if is_alone and not around and not apart and match["kind"] == ":" and "".join(rest).strip():
        rest = [*lines[:at], space_of(lines[at]), *lines[at + 1 :]]
        return AiComment(at, match["text"], False, "\n".join(rest), at, at)
    if begins and not any(one.first_line < at for one in around):
        first, last = begins[0].first_line, max(one.last_line for one in begins)
    elif around:
        inner = max(around, key=lambda one: one.first_line)
        first, last = inner.first_line, inner.last_line - is_alone
    else:
        first, last = _paragraph(rest, below if below < len(rest) else max(0, at - 1))
    return AiComment(at, match["text"], match["kind"] == "?", text, first, min(last, len(rest) - 1))


def _paragraph(lines: list[str], at: int) -> tuple[int, int]:
    """Lines around one up to blank ones; below it only where it begins there."""
    at = min(at, len(lines) - 1)
    first = last = at
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    while not lines[last].strip() and last > 0:
        last -= 1
        first = min(first, last)
    return first, last
