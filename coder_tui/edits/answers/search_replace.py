"""Search/replace blocks: `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`, and what models make of these marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from coder_tui.core.errors import ChangeError
from coder_tui.edits.answers import names
from coder_tui.edits.answers.pieces import Exchange

_WORDS = "SEARCH|ORIGINAL|OLD|BEFORE|FIND"
"""Not HEAD: that is a conflict of git's, in which neither side is to be looked for."""
_BEGIN = re.compile(rf"\s*(?:<{{5,}}|-{{5,}})[ \t]*(?:{_WORDS})?\b[ \t:]*(?P<name>\S.*?)?\s*$", re.IGNORECASE)
_STRICT_BEGIN = re.compile(rf"\s*(?:<{{5,}}|-{{5,}})[ \t]*(?:{_WORDS})[ \t:]*(?:\S+)?\s*$", re.IGNORECASE)
_MIDDLE = re.compile(r"\s*(?:={5,}|>{5,}\s*=+)\s*$")
_END = re.compile(r"\s*(?:>{5,}|\+{5,})[ \t]*(?:REPLACE|UPDATED|NEW|AFTER|MODIFIED|END|[\w./-]+)?\s*$", re.IGNORECASE)
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")


def looks_like(text: str) -> bool:
    """Whether a text has such blocks."""
    return any(_STRICT_BEGIN.match(line) for line in text.split("\n"))


def parsed(answer: str) -> Iterator[Exchange]:
    """The blocks of an answer, in fences or not. Raises ChangeError for one without a middle or an end."""
    lines = answer.split("\n")
    at, name = 0, ""
    while at < len(lines):
        if not _STRICT_BEGIN.match(lines[at]):
            at += 1
            continue
        begin = _BEGIN.match(lines[at])
        inside = names.named(begin["name"]) if begin and begin["name"] else ""
        name = inside or _named_above(lines, at) or name
        middle = _next(lines, at + 1, _MIDDLE)
        if middle is None:
            raise ChangeError("a search/replace block of the answer has no ======= in it", hint="ask again")
        end = _end(lines, middle + 1)
        if end is None:
            raise ChangeError("a search/replace block of the answer has no end", hint="ask again, or --max-tokens")
        yield Exchange(name, _text(lines[at + 1 : middle]), _text(lines[middle + 1 : end]))
        at = end + 1


def _next(lines: Sequence[str], start: int, mark: re.Pattern[str]) -> int | None:
    for at in range(start, len(lines)):
        if mark.match(lines[at]):
            return at
        if _STRICT_BEGIN.match(lines[at]):
            return None
    return None


def _end(lines: Sequence[str], start: int) -> int | None:
    """Where the new lines end: at the mark; without one at the fence that closes the block."""
    for at in range(start, len(lines)):
        if _END.match(lines[at]):
            return at
        if _STRICT_BEGIN.match(lines[at]):
            break
    closing = [at for at in range(start, len(lines)) if re.fullmatch(r"\s*(?:`{3,}|~{3,})\s*", lines[at])]
    begun = next((at for at in range(start, len(lines)) if _STRICT_BEGIN.match(lines[at])), len(lines))
    return closing[0] if closing and closing[0] < begun else None


def _named_above(lines: Sequence[str], at: int) -> str:
    """The name in the lines right above a block; the fence around it may stand between, with a name of its own."""
    for line in reversed(lines[max(0, at - 3) : at]):
        if _END.match(line) and line.strip():
            return ""
        fence = _FENCE.match(line)
        name = names.in_info(line[fence.end() :])[1] if fence else names.above([line])
        if name:
            return name
        if line.strip() and not fence:
            return ""
    return ""


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
