"""Where code of an answer belongs in a file. What comes out is only ever shown as a change to be reviewed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from coder_tui.assistant import anchoring, namesakes, near, placing, values
from coder_tui.context.symbols import Facts
from coder_tui.core.errors import ChangeError
from coder_tui.edits.answers import diffs, parse, search_replace
from coder_tui.edits.answers.elided import elided
from coder_tui.edits.answers.fitting import exchanged, left_out
from coder_tui.edits.answers.pieces import Code, Exchange
from coder_tui.prompts.languages import by_rule

_WHOLE = 0.5
"""Code that is at least so similar to the file, and not much shorter, is the file."""
_MISSING = 4
"""Such code may lack one definition of so many that the file has: a model that was asked to take one away."""
_COMMENTS = ("#", "//", "/*", "*", "--")
_DEFINITION = re.compile(
    r"\s*(?:@|(?:export\s+|pub\s+|public\s+|private\s+|static\s+|async\s+)*(?:def|class|fn|func|function|struct|enum"
    r"|interface|trait|impl|type|const|let|var)\b)"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A file with code of an answer in it."""

    text: str
    """LF."""
    notes: tuple[str, ...] = ()
    """What the user should know."""


def exchanges(code: str) -> bool:
    """Whether code is a diff or has search/replace blocks."""
    return search_replace.looks_like(code) or diffs.looks_like(code.split("\n"))


def applied(
    text: str, code: str, *, path: str = "", lines: tuple[int, int] | None = None, cursor: int | None = None
) -> str:
    """The text of `placed`; where the code is a diff or has search/replace blocks, whatever file these name, with their
    lines exchanged."""
    if exchanges(code):
        if lines is not None:  # nothing else was asked about
            old, (first, last) = text.split("\n"), lines
            part = applied("\n".join(old[first : last + 1]), code, path=path)
            return "\n".join([*old[:first], *part.removesuffix("\n").split("\n"), *old[last + 1 :]])
        for piece in parse.parsed(code):
            if isinstance(piece, Exchange):
                text = exchanged(text, piece)
            elif isinstance(piece, Code):
                text = placed(text, piece.text, path=path, lines=lines, cursor=cursor).text
        return text
    return placed(text, code, path=path, lines=lines, cursor=cursor).text


def placed(
    text: str, code: str, *, path: str = "", lines: tuple[int, int] | None = None, cursor: int | None = None
) -> Placed:
    """LF `text`, of the file `path`, with `code` where it belongs.

    `lines` (first, last; 0-based) were asked about: then the code takes their place, or that of the definitions
    that they are. Else it takes the place of the whole file where it looks like that, of the definitions of the
    same names, of the lines that it begins and ends like, and is otherwise put in behind line `cursor`. Raises
    ChangeError where it leaves code out, or where it is not clear where it belongs.
    """
    code = by_rule(code, path)
    old, new = text.split("\n"), code.rstrip("\n").split("\n")
    left = elided(code, text, stubs=True)
    if left and (lines is not None or not text.strip()):
        raise left_out(left[0][1])
    if lines is not None:
        return _asked_about(text, code, path, lines) or _among(old, code, path, lines) or Placed(_put(old, new, lines))
    if not text.strip():
        return Placed(code.rstrip("\n") + "\n")
    found = _as_defined(text, code, path, cursor, is_elided=bool(left))
    if found is not None:
        return found
    if left:
        raise left_out(left[0][1])
    place = _definition(old, new) or _framed(old, new)
    if place is not None:
        return Placed(_put(old, new, place))
    if cursor is None:
        raise ChangeError("where the code belongs is not clear", hint="coder edit FILE:A-B changes lines that you name")
    at = min(cursor + 1, len(old))
    return Placed("\n".join([*old[:at], *new, *old[at:]]))


def _as_defined(text: str, code: str, path: str, cursor: int | None, *, is_elided: bool) -> Placed | None:
    """By what the code defines: as the whole file, or each definition in its place."""
    whole = None if is_elided else _whole(text, code, path)
    if whole is not None and not _is_headless(text, code, path):
        return whole
    try:
        return _defined(text, code, path, cursor, is_elided=is_elided) or whole
    except ChangeError:
        if whole is None:
            raise
        return whole


def _asked_about(text: str, code: str, path: str, lines: tuple[int, int]) -> Placed | None:
    """Where nothing but definitions was asked about: those of the code in their place, with what it imports where the
    file imports, and without what it repeats of the rest of the file. None where the code is not that."""
    old, facts = text.split("\n"), namesakes.facts(text, path)
    inside = [one for one in facts.symbols if lines[0] <= one.first_line and one.last_line <= lines[1]]
    outer = namesakes.tops(replace(facts, symbols=tuple(inside)))
    theirs = {at for one in outer for at in range(one.first_line, one.last_line + 1)}
    between = (old[at].strip() for at in range(lines[0], lines[1] + 1) if at not in theirs)
    if not outer or any(line and not line.startswith(_COMMENTS) for line in between):
        return None
    try:
        found = namesakes.merged(text, "\n".join(anchoring.without_others(code, old, lines, path)), path)
    except ChangeError:
        return None
    if found is None or found.ignored or not set(found.taken) <= set(range(lines[0], lines[1] + 1)):
        return None  # of two of one name the other one may have been found
    if found.added and any(_indent(old[one.first_line]) for one in outer):  # they would not be in the class
        return None
    touched = {one.parent for one in inside if one.name in found.replaced} | set(found.replaced)
    return Placed(found.text) if {one.name for one in outer} <= touched else None


def _among(old: Sequence[str], code: str, path: str, lines: tuple[int, int]) -> Placed | None:
    """With a part of the definition that was asked about in its place there."""
    first, last = lines
    part = placing.placed(code, old[first : last + 1], path)
    return None if part is None else Placed("\n".join([*old[:first], *part, *old[last + 1 :]]))


def _defined(text: str, code: str, path: str, cursor: int | None, *, is_elided: bool) -> Placed | None:
    """With the code's definitions in place of their namesakes. Where all are new and not all that the code has,
    all of it belongs to the cursor, if there is one."""
    both = values.settled(text, code, path)
    place = None if cursor is None else near.place(both.text, both.code, path, cursor)
    found = namesakes.merged(both.text, both.code, path, place)
    if found is None:
        return Placed(both.text) if both.replaced and not both.code.strip() else None
    ignored = [line for line in found.ignored if line.strip()]
    is_wanted = cursor is None or is_elided or (place is not None and not ignored)
    if not (found.replaced or (is_wanted and found.added)):
        return None
    lost = _fields_lost(both.text, found.text, found.replaced, path)
    return Placed(found.text, (*_told((*both.ignored, *ignored)), *_takes_away(lost)))


def _fields_lost(before: str, after: str, replaced: Collection[str], path: str) -> list[str]:
    """Fields of types that another one has taken the place of: that it shows fewer may be an answer's shortness."""
    was, now = (namesakes.facts(text, path).symbols for text in (before, after))
    left = {(one.parent, one.name) for one in now}
    fields = (one for one in was if one.kind == "value" and one.parent in replaced)
    return [f"{one.parent}.{one.name}" for one in fields if (one.parent, one.name) not in left]


def _takes_away(names: Sequence[str]) -> tuple[str, ...]:
    return (f"it takes away: {', '.join(names)}",) if names else ()


def _told(ignored: Sequence[str]) -> tuple[str, ...]:
    lines = [line.strip() for line in ignored if line.strip()]
    more = " ..." if len(lines) > 1 else ""
    return (f"not applied, since it belongs to no definition: {lines[0]!r}{more}",) if lines else ()


def _put(old: Sequence[str], new: list[str], lines: tuple[int, int]) -> str:
    first, last = lines
    return "\n".join([*old[:first], *_indented_as(old[first : last + 1], new), *old[last + 1 :]])


def _whole(text: str, code: str, path: str) -> Placed | None:
    """The code as the whole file, where it is that; None where it would take too much away."""
    was, now = namesakes.facts(text, path), namesakes.facts(code, path)
    gone = namesakes.defined(was) - namesakes.defined(now)
    missing = sorted({name for name, _, _ in gone})
    ends = text.endswith("\n") or not code.strip()
    result = code.rstrip("\n") + ("\n" if ends else "")
    lost = _outside(text, was) - {line.strip() for line in code.split("\n")}
    if namesakes.defined(was) and not missing and not lost:
        return Placed(result)
    if not _is_similar(text.split("\n"), code.rstrip("\n").split("\n")):
        return None
    if len(missing) * _MISSING > namesakes.defined(was).total():
        return None
    if any(not parent for _, parent, _ in gone) and not _is_framed_as(text, code):
        return None
    if lost and now.symbols and not _outside(code, now):
        return None  # definitions only, where the file has more than these
    return Placed(result, _takes_away(missing))


def _is_headless(text: str, code: str, path: str) -> bool:
    """Whether code that has all that the file defines leaves out what stands above that, the comment with which the
    file begins or imports that it needs, as an answer does that shows definitions only."""
    first = text.lstrip().split("\n", 1)[0].strip()
    if first.startswith(_COMMENTS) and first not in (line.strip() for line in code.split("\n")):
        return True
    was, now = namesakes.facts(text, path), namesakes.facts(code, path)
    gone = {one.local for one in was.imports} - {one.local for one in now.imports}
    none_left = bool(was.import_lines) and not now.import_lines
    return none_left or any(re.search(rf"\b{re.escape(name)}\b", code) for name in gone if name)


def _is_framed_as(text: str, code: str) -> bool:
    """Whether both begin and end with the same lines."""
    old, new = text.strip().split("\n"), code.strip().split("\n")
    return old[0] == new[0] and old[-1] == new[-1]


def _outside(text: str, facts: Facts) -> set[str]:
    """Lines, stripped, that belong to no definition and import nothing; without blank ones and comments."""
    defined = [one for one in facts.symbols if one.kind != "value"]
    inside = {at for one in defined for at in range(one.first_line, one.last_line + 1)} | set(facts.import_lines)
    lines = [line.strip() for at, line in enumerate(text.split("\n")) if at not in inside]
    return {line for line in lines if line and not line.startswith(_COMMENTS)}


def _is_similar(old: Sequence[str], new: Sequence[str]) -> bool:
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
