"""Finding and replacing in a text: plain or by regular expression, in lines, never for longer than a key may take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coder_tui.core.document import Span
from coder_tui.core.errors import UsageError

MAX_MATCHES = 10_000
"""More are not looked for: nobody steps through them, and counting them would make a key wait."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for."""

    text: str
    regex: bool = False
    case: bool = False
    """Whether upper and lower case differ; without it they do as soon as the text has upper case."""
    words: bool = False

    def pattern(self) -> re.Pattern[str]:
        """Compiled. Raises UsageError with what is wrong in a regular expression."""
        source = self.text if self.regex else re.escape(self.text)
        if self.words:
            source = rf"\b(?:{source})\b"
        flags = re.MULTILINE
        if not self.case and self.text == self.text.lower():
            flags |= re.IGNORECASE
        try:
            return re.compile(source, flags)
        except (re.error, OverflowError, RecursionError) as error:
            raise UsageError(f"not a regular expression: {error}") from None


def matches(wanted: Wanted, text: str) -> list[Span]:
    """Where it stands in LF text, at most MAX_MATCHES. Empty matches are none. Raises UsageError."""
    return list(_matches(wanted, text)) if wanted.text else []


def _matches(wanted: Wanted, text: str) -> Iterator[Span]:
    count = 0
    for match in wanted.pattern().finditer(text):
        if match.end() > match.start():
            yield Span(match.start(), match.end())
            count += 1
            if count >= MAX_MATCHES:
                return


def nearest(found: list[Span], offset: int, *, forward: bool = True) -> int | None:
    """Index of the match at or behind an offset, or the one before it; goes round at the ends. None without matches."""
    if not found:
        return None
    if forward:
        return next((index for index, span in enumerate(found) if span.start >= offset), 0)
    return next((index for index in reversed(range(len(found))) if found[index].end < offset), len(found) - 1)


def replacement(wanted: Wanted, text: str, span: Span, template: str) -> str:
    """What comes in a match's place: with a regular expression, `\\1` and `\\g<name>` stand for its groups.

    Raises UsageError for a template that names a group which is not there.
    """
    if not wanted.regex:
        return template
    match = wanted.pattern().match(text, span.start)
    if match is None:
        return template
    try:
        return match.expand(template)
    except (re.error, IndexError) as error:
        raise UsageError(f"not a replacement: {error}") from None


def replaced(wanted: Wanted, text: str, template: str) -> tuple[str, int]:
    """The text with every match replaced, and how many there were. Raises UsageError."""
    pieces, end, count = [], 0, 0
    if wanted.text:
        for span in _matches(wanted, text):
            pieces += [text[end : span.start], replacement(wanted, text, span, template)]
            end, count = span.end, count + 1
    return "".join([*pieces, text[end:]]), count
