"""Unified diffs as models write them: git's form and plain ones, with wrong counts and line numbers, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from coder_tui.edits.answers.elided import is_elided
from coder_tui.edits.answers.pieces import Code, Exchange, Piece, Removal

_GIT = re.compile(r"diff\s+(?:--git\s+)?(?:\"?a/(?P<old>.+?)\"?\s+\"?b/(?P<new>.+?)\"?|(?P<only>\S+))\s*$")
_HEADER = re.compile(
    r"(?:index [0-9a-f]+|(?:new|deleted) file mode|(?:old|new) mode|similarity index|rename (?:from|to)|Binary files)\b"
)
_RANGE = re.compile(r"@@\s*-(?P<line>\d+)(?:,(?P<count>\d+))?\s+\+\d+(?:,\d+)?\s*@@|@@(?:[\s.-]|$)")
_NOWHERE = "/dev/null"


@dataclass
class _Hunk:
    line: int | None
    rows: list[str] = field(default_factory=list[str])


@dataclass
class _File:
    name: str = ""
    old: str = ""
    hunks: list[_Hunk] = field(default_factory=list[_Hunk])
    is_gone: bool = False


def looks_like(lines: Sequence[str]) -> bool:
    """Whether lines are a diff, whatever their fence says."""
    return any(_RANGE.match(line) for line in lines) or any(
        old.startswith("--- ") and new.startswith("+++ ") for old, new in pairwise(lines)
    )


def parsed(lines: Sequence[str], name: str = "") -> list[Piece]:
    """What a diff wants; `name` is of its file where it says none. The last hunk of a file comes first: the lines that
    they say are those of the text before any."""
    found: list[Piece] = []
    for file in _files(lines, name):
        if file.is_gone:
            found.append(Removal(file.old))
            continue
        exchanges = [one for hunk in file.hunks for one in _exchanges(file.name, hunk)]
        found += exchanges[::-1] or _unmarked(file)
    return found


def _files(lines: Sequence[str], name: str) -> Iterator[_File]:
    file = _File(name)
    hunk: _Hunk | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if (git := _GIT.match(line)) and (hunk is None or not line.startswith(" ")):
            yield from _worth(file)
            file, hunk = _File(git["new"] or git["only"] or name, git["old"] or ""), None
        elif line.startswith("--- ") and following.startswith("+++ "):
            if file.hunks:
                yield from _worth(file)
                file = _File(name)
            old, new = _name(line), _name(following)
            file.old, file.is_gone = old, new == _NOWHERE
            file.name = old if file.is_gone else new
            hunk = None
            at += 1
        elif at_range := _RANGE.match(line):
            given = at_range["line"]
            hunk = _Hunk(None if given is None or at_range["count"] == "0" else max(0, int(given) - 1))
            file.hunks.append(hunk)
        elif hunk is None and (_HEADER.match(line) or not line.strip()):
            pass
        elif not line.startswith("\\"):
            if hunk is None:
                hunk = _Hunk(None)
                file.hunks.append(hunk)
            hunk.rows.append(line)
        at += 1
    yield from _worth(file)


def _worth(file: _File) -> Iterator[_File]:
    if file.hunks or file.is_gone:
        yield file


def _name(line: str) -> str:
    """Of a `---` or `+++` line: without the date that `diff -u` puts behind a tab, quotes, and the prefix of git."""
    name = re.split(r"\t|\s{2,}\d{4}-", line[4:].strip())[0].strip().strip('"`')
    return name if name == _NOWHERE else re.sub(r"^[ab]/", "", name)


def _exchanges(name: str, hunk: _Hunk) -> Iterator[Exchange]:
    """One for each part of a hunk; a line of context that stands for others parts it."""
    while hunk.rows and not hunk.rows[-1]:
        hunk.rows.pop()
    part: list[str] = []
    line, passed = hunk.line, 0
    for row in [*hunk.rows, None]:
        if row is not None and not (row[:1] not in "+-" and is_elided(row)):
            part.append(row)
            continue
        if any(one[:1] in ("+", "-") for one in part):
            search = [one[1:] if one[:1] in " -" else one for one in part if not one.startswith("+")]
            replace = [one[1:] if one[:1] in " +" else one for one in part if not one.startswith("-")]
            yield Exchange(name, _text(search), _text(replace), None if line is None or passed else line)
        passed += len(part)
        part = []


def _unmarked(file: _File) -> list[Piece]:
    """A diff in which nothing is put in or taken away is what the model wants the file to be, when all of its lines are
    marked as context."""
    rows = [row for hunk in file.hunks for row in hunk.rows]
    if not any(row.strip() for row in rows) or any(row.strip() and not row.startswith(" ") for row in rows):
        return []
    return [Code(file.name, _text([row[1:] for row in rows]).strip("\n") + "\n")]


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
