"""How much a prompt's second reading, as if the file ended at the cursor, counts (`core.prompt.Aside`).

Infilling is what small models and chat models do worst: they were trained on it for a part of the time, or it was
trained away. As plain text they continue the same code better, but do not see what follows.
"""

from __future__ import annotations

from coder_tui.prompts.indentation import width

_OVER, _GOES_ON = 0.7, 0.3


def weight(wanted: float | str, left: str, right: str, suffix: str) -> float:
    """For a hole between `left` and `right`, the parts of its line, with `suffix` below: as `wanted`, for "auto" the
    more, the less the text behind it has to do with the line that is written. Nothing where the line goes on behind the
    cursor."""
    if right.strip():
        return 0.0
    if isinstance(wanted, float):
        return wanted
    return _OVER if _is_over(left, suffix) else _GOES_ON


def _is_over(left: str, suffix: str) -> bool:
    """Whether the block at the cursor ends there: before a blank line, or one with less indentation."""
    following = suffix.removeprefix("\n").partition("\n")[0]
    return not following.strip() or width(following) < width(left)
