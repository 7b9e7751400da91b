"""What code of an answer imports, beside what the file imports."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from coder_tui.context.symbols import Facts, Symbol

_FIRST = ("#!", "# -*-", "package ", "<?php", "'use strict'", '"use strict"')
"""Lines that nothing may stand before."""


def wanted(lines: Sequence[str], there: Collection[str]) -> list[str]:
    """Of the lines of an answer that import something those that a file has not (`there`: its lines, stripped). A
    statement of several lines is taken as a whole."""
    if any(line[:1].isspace() or line.rstrip().endswith(("(", "{")) for line in lines):
        lines = [] if all(line.strip() in there for line in lines) else lines
    return [line for line in lines if line.strip() and line.strip() not in there]


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
