"""The code at the cursor: it goes along with a question for which nothing else was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.chat_context import first_lines, unasked_tokens
from coder_tui.assistant.chat_context import language as fence
from coder_tui.assistant.opening import Ready
from coder_tui.context import exclude, grammars, mentions, outlines, secrets, symbols

_OUTLINE = " (outline)"
"""Behind the name: in chats that are kept an attachment has no other mark."""
_LINES_AROUND = (96, 48, 24, 12)
_OUTLINED = (200, 100, 50, 25)
"""Lines of an outline that may be left of it."""
_TOKEN_CHARS = 8
"""A text with more characters than this for each token is not counted to learn that it is too long."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where somebody is in a file that is open."""

    text: str
    """As it is being edited; LF line endings."""
    name: str
    """Its path in the repository, or what else it is called."""
    line: int
    """0-based."""
    selected: tuple[int, int] | None = None
    """First and last line of what is selected, 0-based."""


def here(cursor: Cursor, question: str, ready: Ready) -> Attachment | None:
    """What a question asked there is about: the selected lines, the file if it is small, the largest definition around
    the cursor that is not too long; of a long file outside of any definition its outline. None for nothing, for a
    question that is not about it, and for what is not sent unasked: credentials."""
    if not cursor.text.strip() or exclude.by_name(cursor.name) or mentions.is_about_programming(question):
        return None
    language = grammars.language_for(cursor.name, cursor.text)
    if cursor.selected is not None:
        chosen = _part(cursor, *cursor.selected)
        return None if secrets.lines(chosen.text, language) else chosen
    room = unasked_tokens(ready)
    for one in _forms(cursor, language, whole=mentions.is_about_file(question)):
        fits = len(one.text) <= room * _TOKEN_CHARS and ready.count(one.text) <= room
        if fits and not secrets.lines(one.text, language):
            return one
    return None


def is_outline(attachment: Attachment) -> bool:
    """Whether it tells of a file and is not a part of it."""
    return attachment.name.endswith(_OUTLINE)


def is_part(one: Attachment, other: Attachment) -> bool:
    """Whether what the one says has been said by the other."""
    if is_outline(one) and other.name == one.name.removesuffix(_OUTLINE):
        return other.first_line == 0
    return other.name == one.name and one.text in other.text


def _forms(cursor: Cursor, language: str, *, whole: bool) -> Iterator[Attachment]:
    """From the fullest to the shortest."""
    yield Attachment(cursor.name, cursor.text, 0, fence(cursor.name))
    found = symbols.read(cursor.text, language).symbols
    behaviour = [one for one in found if one.kind != "value"]
    lines = cursor.text.split("\n")
    around = (
        [] if whole else [one for one in behaviour if outlines.doc_line(lines, one) <= cursor.line <= one.last_line]
    )
    if behaviour and not around:
        tops = outlines.outlines(cursor.name, found)
        for count in _OUTLINED:
            yield Attachment(cursor.name + _OUTLINE, "\n".join(tops[:count]) + "\n", 0, fence(cursor.name))
        return
    for one in around:
        yield _named(_part(cursor, outlines.doc_line(lines, one), one.last_line))
    first, last = (around[-1].first_line, around[-1].last_line) if around else (0, cursor.text.count("\n"))
    for count in _LINES_AROUND:
        start = min(max(cursor.line - count // 2, first), max(first, last - count + 1))
        yield _named(_part(cursor, start, min(last, start + count - 1)))


def _named(part: Attachment) -> Attachment:
    """A part that begins where its file does would be taken for all of it."""
    return part if part.first_line else replace(part, name=first_lines(part.name, part.line_count))


def _part(cursor: Cursor, first: int, last: int) -> Attachment:
    lines = cursor.text.split("\n")[first : last + 1]
    return Attachment(cursor.name, "".join(f"{line}\n" for line in lines), first, fence(cursor.name))
