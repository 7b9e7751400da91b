"""A few statements of a definition in their place among its others: models that were asked for all of it often answer
with the lines that change, and nothing says where they go but what they begin like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coder_tui.assistant import namesakes
from coder_tui.core.lines import based, dedented
from coder_tui.prompts.brackets import MASKED, mask
from coder_tui.prompts.languages import Quotes, language

_ASSIGNS = re.compile(r"(?<![=!<>:+\-*/%&|^])(?::=|[-+*/%&|^]?=)(?![=>])")
_CALLS = re.compile(r"(?:await\s+)?[\w.:>\-]+(?=\()")
_JUMPS = re.compile(r"(?:return|raise|throw|yield|break|continue|goto)\b")
_ENDS = re.compile(r"[\s)\]};,]*")
_NEAR = 3
"""So many times as many statements as they are may be replaced."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One, or the head of a block."""

    key: str
    """What it begins like: one that begins so is the same, in another form. Empty for one that is like many."""
    first: int
    last: int


def placed(code: str, old: Sequence[str], path: str) -> list[str] | None:
    """`old`, lines of the file `path` with a definition, with the statements of `code` in place of those that begin
    alike. None where the code has definitions or the lines have none, and where the place is not clear."""
    new = dedented(code.strip("\n")).split("\n")
    if not is_part(code, "\n".join(old), path):
        return None
    wanted, there = (list(_statements(lines, path)) for lines in (new, old))
    if not wanted or len(wanted) >= len(there):
        return None
    begins = [at for at, one in enumerate(there) if one.key and one.key == wanted[0].key]
    if len(begins) != 1:
        return None
    begin = end = begins[0]
    if len(wanted) > 1:
        ends = [at for at in range(begin, len(there)) if there[at].key and there[at].key == wanted[-1].key]
        ends.sort(key=lambda at: abs(at - begin + 1 - len(wanted)))
        if not ends or ends[0] - begin >= _NEAR * len(wanted):
            return None
        end = ends[0]
    first, last = there[begin].first, there[end].last
    indent = old[first][: len(old[first]) - len(old[first].lstrip())]
    found = [*old[:first], *based(new[wanted[0].first : wanted[-1].last + 1], indent), *old[last + 1 :]]
    before, after = (dedented("\n".join(lines)) for lines in (old, found))
    return None if namesakes.gone(before, after, path) else found


def is_part(code: str, old: str, path: str) -> bool:
    """Whether old lines have a definition, and code that is meant for them has none."""
    return _defines(old, path) and not _defines(code, path)


def _defines(code: str, path: str) -> bool:
    return any(one.kind != "value" for one in namesakes.facts(dedented(code), path).symbols)


def _statements(lines: Sequence[str], path: str) -> Iterator[_Statement]:
    """Statements with their brackets closed, each line that opens a block for itself; without blank lines, comments,
    and brackets that only close."""
    kind = language(path)
    opening = "([{" if kind.quotes is Quotes.PYTHON else "(["
    closing = ")]}" if kind.quotes is Quotes.PYTHON else ")]"
    masked = mask("\n".join(lines), kind).split("\n")
    depth, first = 0, -1
    for at, line in enumerate(masked):
        if first < 0:
            if _ENDS.fullmatch(line.replace(MASKED, " ")) and not lines[at].strip().startswith(('"', "'", "`")):
                continue
            first = at
        depth = max(0, depth + sum(line.count(one) for one in opening) - sum(line.count(one) for one in closing))
        if not depth:
            yield _Statement(_key(lines[first].strip(), masked[first].strip()), first, at)
            first = -1
    if first >= 0:
        yield _Statement("", first, len(lines) - 1)


def _key(line: str, masked: str) -> str:
    assigns = _ASSIGNS.search(masked)
    if assigns is not None and not masked[: assigns.start()].count("(") > masked[: assigns.start()].count(")"):
        return " ".join(line[: assigns.start()].partition(": ")[0].split()) + assigns[0]
    found = _JUMPS.match(masked) or _CALLS.match(masked)
    return found[0] if found is not None else " ".join(line.split())
