"""Which file, and which of its lines, a block of code in an answer is for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.core.errors import ChangeError
from coder_tui.edits.answers import parse
from coder_tui.edits.answers.pieces import Code

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment


@dataclass(frozen=True, slots=True)
class Target:
    """Where a block may go."""

    path: str
    """Of the repository; empty for the file in view."""
    code: str
    """Without the comment that only said the name."""


def target(
    answer: str, code: str, attachments: Sequence[Attachment], files: Collection[str], shown: str = ""
) -> Target:
    """The file that the answer names for the block; else the one that was asked about, `shown` before all others."""
    name, code = _named(answer, code)
    path = _meant(name, files)
    if path:
        return Target(path, code)
    asked = [one.name for one in attachments if one.name in files]
    if shown in asked or len(set(asked)) != 1:
        return Target("", code)
    return Target(asked[0], code)


def lines_asked_about(text: str, path: str, attachments: Sequence[Attachment]) -> tuple[int, int] | None:
    """0-based first and last line of what was asked about in a file that has this (LF) text now: the lines of the only
    attachment of it, found again where they have moved. None where that is all of the file, or not there any more."""
    parts = [one for one in attachments if one.name == path]
    if len(parts) != 1 or parts[0].text.rstrip("\n") == text.rstrip("\n"):
        return None
    lines, wanted = text.split("\n"), parts[0].text.removesuffix("\n").split("\n")
    starts = [at for at in range(len(lines) - len(wanted) + 1) if lines[at : at + len(wanted)] == wanted]
    if not starts:
        return None
    first = min(starts, key=lambda at: abs(at - parts[0].first_line))
    return first, first + len(wanted) - 1


def _named(answer: str, code: str) -> tuple[str, str]:
    """(the name that the answer gives the block, the block without a comment that only says it)."""
    try:
        pieces = parse.parsed(answer)
    except ChangeError:
        return "", code
    for piece in pieces:
        if isinstance(piece, Code) and (piece.heading + piece.text).rstrip("\n") == code.rstrip("\n"):
            return piece.name, piece.text
    return "", code


def _meant(name: str, files: Collection[str]) -> str:
    """A file of the repository by its path or by the end of it; empty when it is none or not clear."""
    if not name or name in files:
        return name
    ending = [one for one in files if one.endswith(f"/{name}")]
    return ending[0] if len(ending) == 1 else ""
