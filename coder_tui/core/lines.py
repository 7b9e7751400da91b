"""What editing does to whole lines: indenting, comments, the indentation of a new line. Pure functions on lines without
their line ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LOOKED_AT = 2000
"""Lines from which a file's indentation is told."""
_OPENERS = ("(", "[", "{", ":")
_CLOSERS = ")]}"


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


def new_line(left: str, right: str, unit: str) -> tuple[str, str]:
    """What Enter puts between the parts of a line: (before the cursor, behind it).

    The new line has the indentation of the old one, a step more behind an opener; a closer on the right goes to a line
    of its own.
    """
    space = re.match(r"[ \t]*", left)
    same = space.group() if space else ""
    opened = left.rstrip().endswith(_OPENERS)
    if opened and not left.rstrip().endswith(":") and right[:1] and right[0] in _CLOSERS:
        return f"\n{same}{unit}", f"\n{same}"
    return f"\n{same}{unit if opened else ''}", ""


def based(lines: Sequence[str], base: str) -> list[str]:
    """As far in as `base`, the first line first."""
    has = next((_space(line) for line in lines if line.strip()), "")
    if has == base:
        return list(lines)
    return [base + line[len(has) :] if line.startswith(has) and line.strip() else line for line in lines]


def dedented(code: str) -> str:
    """An LF text without the indentation that all of its lines have."""
    lines = code.split("\n")
    least = min((_space(line) for line in lines if line.strip()), key=len, default="")
    return "\n".join(line[len(least) :] if line.startswith(least) else line for line in lines) if least else code


def in_units(lines: list[str], unit: str) -> list[str]:
    """With the indentation unit of the file, where all lines are indented by whole steps of their own."""
    own = indent_unit(lines)
    inner = [_space(line) for line in lines if line.strip() and _space(line)]
    if own == unit or not inner or any(set(one) - set(own) or len(one) % len(own) for one in inner):
        return lines
    return [unit * (len(_space(line)) // len(own)) + line.lstrip() if line.strip() else line for line in lines]


def _space(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
