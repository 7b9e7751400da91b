"""Which bracket belongs to which. Those in strings and comments count as any."""

from __future__ import annotations

from collections.abc import Sequence

CLOSERS = {")": "(", "]": "[", "}": "{"}
"""And what they close."""
OPENERS = {opening: closing for closing, opening in CLOSERS.items()}
_MOST_LINES = 500


def match(lines: Sequence[str], bracket: str, at: tuple[int, int]) -> tuple[int, int] | None:
    """The place, (line, column), of the other one of a pair of which `bracket` is at a place; None where there is none
    within some hundred lines."""
    row, column = at
    forward = bracket in OPENERS
    other = OPENERS[bracket] if forward else CLOSERS[bracket]
    depth = 0
    rows = range(row, min(row + _MOST_LINES, len(lines))) if forward else range(row, max(-1, row - _MOST_LINES), -1)
    for line in rows:
        text = lines[line]
        start = column if line == row else (0 if forward else len(text) - 1)
        columns = range(start, len(text)) if forward else range(start, -1, -1)
        for place in columns:
            if text[place] == bracket:
                depth += 1
            elif text[place] == other:
                depth -= 1
                if not depth:
                    return line, place
    return None
