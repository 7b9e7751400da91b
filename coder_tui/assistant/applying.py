"""Where code of an answer belongs in a file. What comes out is only ever shown as a change to be reviewed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

_WHOLE = 0.5
"""Code that is at least so similar to the file, and not much shorter, is the file."""
_DEFINITION = re.compile(
    r"\s*(?:@|(?:export\s+|pub\s+|public\s+|private\s+|static\s+|async\s+)*(?:def|class|fn|func|function|struct|enum"
    r"|interface|trait|impl|type|const|let|var)\b)"
)


def applied(text: str, code: str, *, lines: tuple[int, int] | None = None, cursor: int = 0) -> str:
    """LF `text` with `code` where it belongs.

    `lines` (first, last; 0-based) were asked about: then the code takes their place. Else it takes the place of the
    whole file where it looks like that, of the definition or the lines that it begins and ends like, and is otherwise
    put in behind line `cursor`.
    """
    old, new = text.split("\n"), code.rstrip("\n").split("\n")
    place = lines
    if place is None:
        if not text.strip() or _is_whole(old, new):
            return code.rstrip("\n") + "\n"
        place = _definition(old, new) or _framed(old, new)
    if place is None:
        at = min(cursor + 1, len(old))
        return "\n".join([*old[:at], *new, *old[at:]])
    first, last = place
    new = _indented_as(old[first : last + 1], new)
    return "\n".join([*old[:first], *new, *old[last + 1 :]])


def code_of(answer: str) -> str | None:
    """The longest code block of an answer; None without one."""
    blocks = re.findall(r"^(`{3,}|~{3,})[^\n]*\n(.*?)(?:^\1[ \t]*$|\Z)", answer, re.MULTILINE | re.DOTALL)
    return max((body for _, body in blocks), key=len, default=None)


def _is_whole(old: Sequence[str], new: Sequence[str]) -> bool:
    if len(new) < _WHOLE * len(old):
        return False
    if len(old) + len(new) > 4000:
        return old[0] == new[0]
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= _WHOLE


def _definition(old: Sequence[str], new: Sequence[str]) -> tuple[int, int] | None:
    """The definition in the file that has the same first line, up to its opening bracket, as the code's."""
    head = next((line for line in new if _DEFINITION.match(line) and not line.lstrip().startswith("@")), None)
    if head is None or _definitions(new) > 1:
        return None
    name = re.split(r"[({:=<]", head.strip())[0].strip()
    found = [
        index
        for index, line in enumerate(old)
        if _DEFINITION.match(line) and re.split(r"[({:=<]", line.strip())[0].strip() == name
    ]
    if len(found) != 1:
        return None
    first = last = found[0]
    depth = _indent(old[first])
    for index in range(first + 1, len(old)):
        line = old[index]
        if line.strip() and (_indent(line) < depth or (_indent(line) == depth and line.strip()[0] not in ")]}")):
            break
        if line.strip():
            last = index
    while first and old[first - 1].strip().startswith("@") and new[0].strip().startswith("@"):
        first -= 1
    return first, last


def _definitions(lines: Sequence[str]) -> int:
    """How many there are at the least indentation."""
    least = min((_indent(line) for line in lines if line.strip()), default=0)
    return sum(
        bool(_DEFINITION.match(line)) and _indent(line) == least and not line.lstrip().startswith("@") for line in lines
    )


def _framed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int] | None:
    """Lines that begin and end as the code does, each only once in the file, and not many more than it has."""
    first, last = new[0].strip(), new[-1].strip()
    begins = [index for index, line in enumerate(old) if line.strip() == first]
    ends = [index for index, line in enumerate(old) if line.strip() == last]
    if not first or not last or len(begins) != 1 or len(ends) != 1:
        return None
    return (begins[0], ends[0]) if 0 <= ends[0] - begins[0] <= 3 * len(new) else None


def _indented_as(old: Sequence[str], new: list[str]) -> list[str]:
    """The code as far in as what it replaces."""
    wanted = next((line[: _indent(line)] for line in old if line.strip()), "")
    has = next((line[: _indent(line)] for line in new if line.strip()), "")
    if wanted == has:
        return new
    if all(line.startswith(has) for line in new if line.strip()):
        return [wanted + line[len(has) :] if line.strip() else line for line in new]
    return new


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
