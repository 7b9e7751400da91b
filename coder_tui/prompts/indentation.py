"""White space at the beginning of lines: which kind a file uses, how deep a line stands, and translation."""

from __future__ import annotations

from collections import Counter

TAB_COLUMNS = 4
"""For comparing depths only; a file's own lines use one kind nearly always."""


def leading(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(line: str) -> int:
    """Columns of the white space that a line begins with."""
    return len(leading(line).expandtabs(TAB_COLUMNS))


def style(text: str) -> str | None:
    """One step of indentation as the text has it: a tab, so many spaces, or None where no line is indented."""
    tabs, steps, last = 0, Counter[int](), 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        space = leading(line)
        if space.startswith("\t"):
            tabs += 1
            continue
        if len(space) > last:
            steps[len(space) - last] += 1
        last = len(space)
    steps = Counter({step: count for step, count in steps.items() if 1 < step <= 8})
    if not tabs and not steps:
        return None
    if tabs > steps.total():
        return "\t"
    return " " * max(steps, key=lambda step: (steps[step], -step))


def translate(space: str, unit: str | None, foreign: int) -> str:
    """White space in a file's own kind. `foreign` is how many spaces make a step in the text that it comes from."""
    if unit is None:
        return space
    if unit == "\t":
        if not space.startswith(" "):
            return space
        steps, rest = divmod(len(space.expandtabs(foreign)), foreign)
        return "\t" * steps + " " * rest
    return space.replace("\t", unit)
