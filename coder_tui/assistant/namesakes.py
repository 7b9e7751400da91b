"""Definitions of a block of code in place of those of the same name in a file, found by tree-sitter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from coder_tui.assistant import importing
from coder_tui.context import grammars, symbols
from coder_tui.context.symbols import Facts, Symbol
from coder_tui.core.errors import ChangeError
from coder_tui.core.lines import bare, based, dedented, in_units, indent_unit
from coder_tui.edits.answers.elided import is_elided
from coder_tui.edits.answers.fitting import left_out

_AROUND = ("class", "extension")
_EXCERPT = 2
"""Of a type an answer may leave out one line of so many, and mean that."""
_COMMENTS = ("#", "//", "/*", "*", "--", '"""')


@dataclass(frozen=True, slots=True)
class Merged:
    """A file with definitions in it."""

    text: str
    """LF."""
    replaced: tuple[str, ...]
    """Names of definitions that took the place of others."""
    added: tuple[str, ...]
    ignored: tuple[str, ...]
    """Lines of the code that belong to no definition and are not in the file."""
    taken: tuple[int, ...]
    """0-based lines of the file in whose place something else stands."""


@dataclass
class _Work:
    old: list[str]
    new: list[str]
    was: Facts
    facts: Facts
    stand: frozenset[str]
    """Lines of the file, stripped: they stand for themselves in the code too."""
    near: tuple[int, str] | None
    edits: list[tuple[int, int, list[str]]] = field(default_factory=list[tuple[int, int, list[str]]])
    replaced: list[str] = field(default_factory=list[str])
    added: list[str] = field(default_factory=list[str])
    ignored: list[str] = field(default_factory=list[str])


def facts(text: str, path: str) -> Facts:
    """What a file defines and imports; nothing where its language has no grammar."""
    return symbols.read(text, grammars.language_of(path))


def merged(text: str, code: str, path: str, near: tuple[int, str] | None = None) -> Merged | None:
    """LF `text` with the definitions of `code`: each takes the place of its namesake, a new one follows the definition
    that it follows in the code, else goes to `near` (line behind a definition, indentation). A class of which the code
    shows some members only keeps its others, and lines that stand for code left out stand for it. None where the code
    defines nothing.

    Raises ChangeError when a namesake is there more than once, or a definition leaves code out.
    """
    code = dedented(code)
    found = facts(code, path)
    if not any(one.kind != "value" for one in found.symbols):
        return None
    old, new = text.split("\n"), in_units(code.rstrip("\n").split("\n"), indent_unit(text.split("\n")))
    stand = frozenset(bare(line) for line in old) | {line.strip() for line in old}
    work = _Work(old, new, facts(text, path), with_ends(facts("\n".join(new), path), new), stand, near)
    at, anchor = 0, None
    for symbol in tops(work.facts):
        before = _kept_lines(work, range(at, symbol.first_line))
        anchor = _put(work, symbol, before, anchor)
        at = symbol.last_line + 1
    work.ignored += _kept_lines(work, range(at, len(new)), comments=False)
    theirs = [old[at] for at in work.was.import_lines]
    if imports := importing.wanted([new[at] for at in work.facts.import_lines], theirs):
        work.edits.append(importing.edit(old, work.was, tops(work.was), imports))
    taken = tuple(at for start, end, _ in work.edits for at in range(start, end))
    for start, end, lines in sorted(work.edits, key=lambda one: (one[0], one[1]), reverse=True):
        old[start:end] = lines
    return Merged("\n".join(old), tuple(work.replaced), tuple(work.added), tuple(work.ignored), taken)


def with_ends(found: Facts, lines: Sequence[str]) -> Facts:
    """Definitions up to the last line that stands further in than they do: a comment there is not theirs to a parser,
    and may stand for all of their body."""
    longer: list[Symbol] = []
    for one in found.symbols:
        depth, last = len(_indent(lines[one.first_line])), one.last_line
        for at in range(one.last_line + 1, len(lines)):
            if lines[at].strip() and len(_indent(lines[at])) <= depth:
                break
            last = at if lines[at].strip() else last
        longer.append(replace(one, last_line=last))
    return replace(found, symbols=tuple(longer))


def _put(work: _Work, symbol: Symbol, before: list[str], anchor: int | None) -> int | None:
    """One definition in its place; the line behind it there."""
    same = _namesake(work, symbol)
    if same is None:
        lines = _body(work, symbol)
        top = tops(work.was)
        beside = [one for one in top if symbol.parent and one.parent == symbol.parent] or top
        last = max((one.last_line + 1 for one in beside), default=_content_end(work.old))
        at, base = work.near or (last, "")
        end = anchor if anchor is not None else at
        blank = [""] * (1 if base else _blank_lines(work, top))
        work.edits.append((end, end, [*blank, *based(before, base), *based(lines, base)]))
        work.added.append(symbol.name)
        return end
    if _is_excerpt(work, symbol, same):
        return same.last_line + 1
    members = _members(work.was, same)
    shown = _members(work.facts, symbol)
    missing = {one.name for one in members} - {one.name for one in shown}
    if symbol.kind in _AROUND and shown and (missing or _elided(work, symbol)):
        _put_members(work, symbol, same, shown, members)
    elif symbol.kind in _AROUND and _elided(work, symbol):
        raise left_out(_elided(work, symbol)[0])
    else:
        _replace(work, symbol, same, before)
    return same.last_line + 1


def _is_excerpt(work: _Work, symbol: Symbol, same: Symbol) -> bool:
    """Whether a type is there for the reader only, beside other definitions: with few of its lines, and none new. It
    would take the others away, of a struct its fields."""
    if symbol.kind not in _AROUND or len(tops(work.facts)) == 1:
        return False
    shown = [" ".join(line.split()) for line in work.new[symbol.first_line : symbol.last_line + 1] if line.strip()]
    theirs = [" ".join(line.split()) for line in work.old[same.first_line : same.last_line + 1] if line.strip()]
    return len(shown) * _EXCERPT <= len(theirs) and set(shown) <= set(theirs)


def _put_members(work: _Work, symbol: Symbol, same: Symbol, shown: Sequence[Symbol], members: Sequence[Symbol]) -> None:
    """Members in place of their namesakes; new ones behind the one that they follow, else behind the last."""
    behind = max((one.last_line for one in members), default=same.last_line) + 1
    at = symbol.first_line + 1
    for member in shown:
        before = [
            line
            for line in _kept_lines(work, range(at, member.first_line))
            if line.strip() and line.strip() not in ('"""',)
        ]
        at = member.last_line + 1
        found = [one for one in members if one.name == member.name]
        if len(found) > 1:
            raise _twice(member.name, found)
        if found:
            _replace(work, member, found[0], before)
            behind = found[0].last_line + 1
        else:
            base = _indent(work.old[members[0].first_line]) if members else _indent(work.old[same.first_line]) + "    "
            lines = based([*before, *_body(work, member)], base)
            work.edits.append((behind, behind, ["", *lines]))
            work.added.append(member.name)
    work.ignored += [
        line
        for line in _kept_lines(work, range(at, symbol.last_line + 1), comments=False)
        if line.strip() not in ("}", "};")
    ]


def _replace(work: _Work, symbol: Symbol, same: Symbol, before: list[str]) -> None:
    """A definition for its namesake. The one in the file keeps its decorators where the code shows none, and its
    comment above it unless the code has another."""
    first = same.first_line
    lines = _body(work, symbol)
    if not lines[0].lstrip().startswith("@"):
        while first < same.last_line and work.old[first].lstrip().startswith("@") and not _is_one_line(work.old[first]):
            first += 1
    base = _indent(work.old[same.first_line])
    comment = [line for line in before if line.strip().startswith(_COMMENTS)]
    start = first
    if comment and before[-1].strip().startswith(_COMMENTS):
        while start and work.old[start - 1].strip().startswith(_COMMENTS) and _indent(work.old[start - 1]) == base:
            start -= 1
    work.edits.append((start, same.last_line + 1, [*based(before, base), *based(lines, base)]))
    work.replaced.append(symbol.name)


def _is_one_line(line: str) -> bool:
    """`@Override public int f() {` begins the definition itself."""
    return "(" in line and line.rstrip().endswith(("{", ":", "}"))


def tops(found: Facts) -> list[Symbol]:
    """Definitions but values that are not within another one, in their order. One may be of a class all the same: in Go
    and C++ a method says of which, in JavaScript a function that is assigned to a member."""
    outer: list[Symbol] = []
    for one in found.symbols:
        if one.kind != "value" and (not outer or one.first_line > outer[-1].last_line):
            outer.append(one)
    return outer


def _namesake(work: _Work, symbol: Symbol) -> Symbol | None:
    """The definition in the file; for one that says nothing of a class also a member that alone has the name."""
    same = [one for one in work.was.symbols if one.name == symbol.name and one.kind != "value"]
    found = [one for one in same if one.parent == symbol.parent]
    if not found and not symbol.parent:
        found = same
    if symbol.kind in _AROUND:  # Rust has a struct and its `impl` under one name
        found = [one for one in found if one.kind == symbol.kind]
    if len(found) > 1:
        kind = [one for one in found if one.kind == symbol.kind]
        if len(kind) != 1:
            by_head = [one for one in found if one.signature == symbol.signature]
            if len(by_head) != 1:
                raise _twice(symbol.name, found)
            return by_head[0]
        return kind[0]
    return found[0] if found else None


def _twice(name: str, found: Sequence[Symbol]) -> ChangeError:
    places = " and ".join(str(one.first_line + 1) for one in found[:2])
    return ChangeError(
        f"{name} is defined more than once, at lines {places}; it is not clear which is meant",
        hint="coder edit FILE:A-B",
    )


def _body(work: _Work, symbol: Symbol) -> list[str]:
    """The lines of a definition. Raises ChangeError when they leave code out."""
    if left := _elided(work, symbol):
        raise left_out(left[0])
    return work.new[symbol.first_line : symbol.last_line + 1]


def _elided(work: _Work, symbol: Symbol) -> list[str]:
    lines = work.new[symbol.first_line : symbol.last_line + 1]
    return [
        line
        for at, line in enumerate(lines)
        if is_elided(line, work.stand) and not (line.strip() == "..." and lines[at - 1].rstrip().endswith(":"))
    ]


def _kept_lines(work: _Work, places: range, *, comments: bool = True) -> list[str]:
    """Lines between definitions that the file does not have; blank ones at the beginning, imports and what stands for
    code left out are not among them."""
    kept = [
        work.new[at]
        for at in places
        if at not in work.facts.import_lines
        and bare(work.new[at]) not in work.stand - {""}
        and not is_elided(work.new[at])
        and (comments or not work.new[at].strip().startswith(_COMMENTS))
    ]
    while kept and not kept[0].strip():
        kept.pop(0)
    return kept if any(line.strip() for line in kept) else []


def _members(found: Facts, around: Symbol) -> list[Symbol]:
    return [
        one
        for one in found.symbols
        if one.parent == around.name
        and one.kind == "function"
        and around.first_line <= one.first_line <= one.last_line <= around.last_line
    ]


def _blank_lines(work: _Work, tops: Sequence[Symbol]) -> int:
    """As many as stand between the definitions of the file."""
    gaps = []
    for one, other in pairwise(tops):
        between = work.old[one.last_line + 1 : other.first_line]
        if between and not any(line.strip() for line in between):
            gaps.append(len(between))
    return min(gaps) if gaps else 2 if any(line.startswith(("def ", "class ")) for line in work.new) else 1


def _content_end(lines: Sequence[str]) -> int:
    return max((at + 1 for at, line in enumerate(lines) if line.strip()), default=0)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def defined(found: Facts) -> Counter[tuple[str, str, str]]:
    """(name, parent, kind) of all definitions but values, and how many times each is there."""
    return Counter((one.name, one.parent, one.kind) for one in found.symbols if one.kind != "value")


def gone(before: str, after: str, path: str) -> tuple[str, ...]:
    """Names of definitions that a text has no more, or, where it has no new ones, not as often."""
    was, now = (defined(facts(text, path)) for text in (before, after))
    fewer = {name for name, _, _ in was - now} if not now - was else set[str]()
    return tuple(sorted({name for name, _, _ in was} - {name for name, _, _ in now} | fewer))
