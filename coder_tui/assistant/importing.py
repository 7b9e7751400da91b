"""What code of an answer imports, beside what the file imports."""

from __future__ import annotations

from collections.abc import Sequence

from coder_tui.context.symbols import Facts, Symbol
from coder_tui.core.lines import bare

_FIRST = ("#!", "# -*-", "package ", "<?php", "'use strict'", '"use strict"')
"""Lines that nothing may stand before."""
_GROUP = "import ("
_CLOSERS = (")", "}")


def wanted(lines: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Of the lines of an answer that import something those that are not among the lines of a file that do (`theirs`).
    Of a statement of several lines its ends go along; a group of Go becomes a statement for each."""
    there = {_bare(line) for line in theirs}
    new: list[str] = []
    for first, *rest in _statements(lines):
        inner = [line for line in rest[:-1] if _bare(line) not in there]
        if _bare(first) == _GROUP:
            new += [f"import {line.strip()}" for line in inner]
        elif len(rest) > 1:
            new += [first, *inner, rest[-1]] if inner else []
        elif any(_bare(line) not in there for line in (first, *rest)):
            new += [first, *rest]
    return new


def _statements(lines: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for line in filter(str.strip, lines):
        if found and (line[0].isspace() or line.startswith(_CLOSERS)):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _bare(line: str) -> str:
    return bare(line).rstrip(",")


def edit(old: Sequence[str], was: Facts, outer: Sequence[Symbol], new: list[str]) -> tuple[int, int, list[str]]:
    """(from line, to line, lines) that puts imports into a file: behind the last of those that stand before its `outer`
    definitions."""
    inner = {at for one in outer for at in range(one.first_line, one.last_line + 1)}
    alone = [at for at in was.import_lines if at not in inner]  # functions import too
    before = [at for at in alone if not outer or at < outer[0].first_line] or alone
    if before:
        at = max(before) + 1
        return at, at, new
    at = 0
    while at < len(old) and (
        old[at].startswith(_FIRST) or (at and not old[at].strip() and old[at - 1].startswith(("package ", "<?php")))
    ):
        at += 1
    return at, at, [*new, "", ""] if at == 0 else [*new, ""]
