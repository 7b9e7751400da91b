"""How much a prompt's second reading, as if the file ended at the cursor, counts (`core.prompt.Aside`).

Infilling is what the smallest models do worst: as plain text they continue the same code better, but do not see what
follows. Where functions were typed anew, a model of 0.5B parameters suggested 212 instead of 185 of 400 lines as their
authors wrote them, one of 1.5B 31 instead of 33 of 50.
"""

from __future__ import annotations

from coder_tui.prompts.indentation import width

_OVER, _GOES_ON = 0.7, 0.3
_SMALLEST_BYTES = 700_000_000
"""Larger models are left alone: about 0.5B parameters at eight bits each, 1B at four."""


def weight(wanted: float | str, left: str, right: str, suffix: str, size_bytes: int) -> float:
    """For a hole between `left` and `right`, the parts of its line, with `suffix` below: as `wanted`, for "auto" and
    weights of so few bytes the more, the less the text behind it has to do with the line that is written. Nothing where
    the line goes on behind the cursor."""
    if right.strip():
        return 0.0
    if isinstance(wanted, float):
        return wanted
    if size_bytes > _SMALLEST_BYTES:
        return 0.0
    return _OVER if _is_over(left, suffix) else _GOES_ON


def _is_over(left: str, suffix: str) -> bool:
    """Whether the block at the cursor ends there: before a blank line, or one with less indentation."""
    following = suffix.removeprefix("\n").partition("\n")[0]
    return not following.strip() or width(following) < width(left)
