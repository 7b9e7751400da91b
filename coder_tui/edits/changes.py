"""From what a file was to what an editor made of it: the spans that differ, so that all other bytes stay."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from coder_tui.core.document import LINE_END, Document, Span, to_lf
from coder_tui.edits.write import replaced

_COMPARED = 4000
"""Lines that are compared one by one. A change with more of them is one span: comparing takes quadratic time."""


def spans(document: Document, text: str) -> list[tuple[Span, str]]:
    """Replacements that turn a document into `text` (LF), for `edits.write.apply`; none when it is that already.

    Lines that are the same keep their own line endings, whatever the others have.
    """
    if to_lf(document.text) == text:
        return []
    starts = [*_line_starts(document.text), len(document.text)]
    old = [to_lf(document.text[start:end]) for start, end in pairwise(starts)]
    new = _lines(text)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    found = [
        (Span(starts[head + i], starts[head + i_end]), "".join(new[head + j : head + j_end]))
        for i, i_end, j, j_end in _blocks(old[head : len(old) - tail], new[head : len(new) - tail])
    ]
    # A line end of a new line and one that was there before it may have become one: CR and LF.
    return found if to_lf(replaced(document, found)) == text else [(Span(0, len(document.text)), text)]


def marks(before: Sequence[str], after: Sequence[str]) -> dict[int, str]:
    """What has become of lines, by 0-based line: `added`, `changed`, or `deleted` (something above it is gone)."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    found: dict[int, str] = {}
    for i, i_end, j, j_end in _blocks(before[head : len(before) - tail], after[head : len(after) - tail]):
        if j == j_end:
            found[min(head + j, len(after) - 1)] = "deleted"
        else:
            found.update(dict.fromkeys(range(head + j, head + j_end), "added" if i == i_end else "changed"))
    return found


def _line_starts(text: str) -> list[int]:
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    return starts[:-1] if len(starts) > 1 and starts[-1] == len(text) else starts


def _lines(text: str) -> list[str]:
    """By LF only."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many lines are the same from the beginning."""
    shorter = min(len(first), len(second))
    return next((index for index in range(shorter) if first[index] != second[index]), shorter)


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    if len(old) + len(new) > _COMPARED:
        return [(0, len(old), 0, len(new))]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [(i, i_end, j, j_end) for tag, i, i_end, j, j_end in matcher.get_opcodes() if tag != "equal"]
