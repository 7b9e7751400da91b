"""What editing does to whole lines: indenting, comments. Pure functions on lines without their line ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from coder_tui.core.indentation import space_of

_LOOKED_AT = 2000
"""Lines from which a file's indentation is told."""


def indent_unit(lines: Sequence[str], *, tabs: bool = False) -> str:
    """One step of a text's indentation: a tab, or spaces; `tabs` says which without indented lines (then 4 spaces)."""
    steps: Counter[str] = Counter()
    before = 0
    for line in lines[:_LOOKED_AT]:
        if not line.strip():
            continue
        space = line[: len(line) - len(line.lstrip())]
        if space.startswith("\t"):
            steps["\t"] += 1
        elif 2 <= len(space) - before <= 8:
            steps[" " * (len(space) - before)] += 1
        before = 0 if space.startswith("\t") else len(space)
    return steps.most_common(1)[0][0] if steps else "\t" if tabs else "    "


def indented(lines: Sequence[str], unit: str) -> list[str]:
    """One step further in; blank lines stay."""
    return [unit + line if line.strip() else line for line in lines]


def outdented(lines: Sequence[str], unit: str) -> list[str]:
    """One step further out, as far as there is indentation."""
    return [_outdented(line, len(unit) if unit != "\t" else 4) for line in lines]


def _outdented(line: str, width: int) -> str:
    if line.startswith("\t"):
        return line[1:]
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, width) :]


def commented(lines: Sequence[str], start: str, end: str = "") -> list[str]:
    """Comments put around each line, or taken away when all that are not blank have them.

    The marks stand at the least indentation of the lines.
    """
    start, end = start.strip(), end.strip()
    full = [line for line in lines if line.strip()]
    if full and all(line.lstrip().startswith(start) and line.rstrip().endswith(end) for line in full):
        return [_uncommented(line, start, end) for line in lines]
    column = min((len(line) - len(line.lstrip()) for line in full), default=0)
    tail = f" {end}" if end else ""
    return [f"{line[:column]}{start} {line[column:]}{tail}" if line.strip() else line for line in lines]


def _uncommented(line: str, start: str, end: str) -> str:
    if not line.strip():
        return line
    space, text = line[: len(line) - len(line.lstrip())], line.lstrip()
    text = text[len(start) :].removeprefix(" ")
    if end:
        text = text.rstrip()[: -len(end)].removesuffix(" ")
    return space + text


def based(lines: Sequence[str], base: str) -> list[str]:
    """As far in as `base`, the first line first."""
    has = next((space_of(line) for line in lines if line.strip()), "")
    if has == base:
        return list(lines)
    return [base + line[len(has) :] if line.startswith(has) and line.strip() else line for line in lines]


def bare(line: str) -> str:
    """A line without its indentation and the semicolon that some write and others do not."""
    return line.strip().rstrip(";")


def dedented(code: str) -> str:
    """An LF text without the indentation that all of its lines have."""
    lines = code.split("\n")
    least = min((space_of(line) for line in lines if line.strip()), key=len, default="")
    return "\n".join(line[len(least) :] if line.startswith(least) else line for line in lines) if least else code


def in_units(lines: list[str], unit: str) -> list[str]:
    """With the indentation unit of the file, where all lines are indented by whole steps of their own."""
    own = indent_unit(lines)
    inner = [space_of(line) for line in lines if line.strip() and space_of(line)]
    if own == unit or not inner or any(set(one) - set(own) or len(one) % len(own) for one in inner):
        return lines
    return [unit * (len(space_of(line)) // len(own)) + line.lstrip() if line.strip() else line for line in lines]
