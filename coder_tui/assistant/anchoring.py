"""Keeping an answer to the lines that were selected: what it repeats of those above and below, or says beyond them, is
cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from coder_tui.assistant import namesakes
from coder_tui.core.lines import based, dedented, in_units, indent_unit
from coder_tui.prompts.languages import by_rule

_NEARLY = 0.7
"""Lines of which so much is the same are the same lines."""
_WORD = re.compile(r"\w+|[^\w\s]")
_TELLING = 4
"""Characters without white space that make a line one which is not there twice by chance."""


def kept(code: str, text: str, lines: tuple[int, int], path: str) -> Iterator[str]:
    """What `code`, an answer about lines (first, last; 0-based) of LF `text`, may mean as their replacement: the most
    likely first, as far in as they are."""
    code, old, (first, last) = by_rule(code, path), text.split("\n"), lines
    selected, above, below = old[first : last + 1], old[:first], old[last + 1 :]
    base = next((_indent(line) for line in selected if line.strip()), None)
    new = _trimmed(_without_others(_unwrapped(code, old, lines, path), old, lines, path))
    if base is None or not new:
        yield code.removesuffix("\n")
        return
    if any(_indent(line) for line in old):
        new = in_units(new, indent_unit(old))
    found = _without_below(_without_above(new, above, selected, base), below, selected, base)
    before, behind = _beside_what_was_asked(found, old, lines, path)
    found = found[min(before, _repeated(found, above, selected)) :]
    found = found[: len(found) - min(behind, _repeated(found[::-1], below[::-1], selected[::-1]))]
    for one in (found, *_cut(found, below, selected)):
        yield "\n".join(_trimmed(one))


def within(text: str, lines: tuple[int, int]) -> tuple[int, int]:
    """The lines without the blank ones at both ends, which stay; all of them where there is nothing else."""
    old, (first, last) = text.split("\n"), lines
    full = [at for at in range(first, last + 1) if old[at].strip()]
    return (full[0], full[-1]) if full else lines


def _unwrapped(code: str, old: Sequence[str], lines: tuple[int, int], path: str) -> list[str]:
    """The lines of the code: without the class around its functions, or the head of a function around its lines, that
    stands above the selection and not in it. A class of another name counts where the functions are of one too."""
    new = code.split("\n")
    known = namesakes.with_ends(namesakes.facts(code, path), new).symbols
    inside = "\n".join(old[lines[0] : lines[1] + 1])
    asked = {one.name for one in namesakes.facts(dedented(inside), path).symbols}
    tops = [one for one in known if not one.parent and one.kind != "value"]
    around, is_nested = _around(old, lines, path), bool(_indent(old[lines[0]]))
    for top in tops:
        members = [one for one in known if one.parent == top.name and one.kind == "function"]
        if top.name in asked or not (top.name in around or (is_nested and len(tops) == 1)):
            continue
        if {one.name for one in members} & asked or (members and not asked and top.name in around):
            return new[members[0].first_line : max(one.last_line for one in members) + 1]
        if top.kind == "function" and top.name in around and len(tops) == 1:
            return _body(new[top.first_line : top.last_line + 1])
    return new


def without_others(code: str, old: Sequence[str], lines: tuple[int, int], path: str) -> list[str]:
    """The lines of an answer about lines of the file `old`, without definitions that were not asked about."""
    return _without_others(code.rstrip("\n").split("\n"), old, lines, path)


def _without_others(new: list[str], old: Sequence[str], lines: tuple[int, int], path: str) -> list[str]:
    """Without definitions that the file has outside of the selection, beside those that were asked about."""
    facts = namesakes.facts("\n".join(old), path)
    file, outer = [one for one in facts.symbols if one.kind != "value"], namesakes.tops(facts)
    inside = [one for one in file if lines[0] <= one.first_line <= lines[1]]
    asked, parents = {one.name for one in inside}, {one.parent for one in inside}
    beside = outer if all(one in outer for one in inside) else [one for one in file if one.parent in parents]
    others = {one.name for one in beside if one not in inside} - asked
    tops = namesakes.tops(namesakes.with_ends(namesakes.facts(dedented("\n".join(new)), path), new))
    if not any(one.name in asked for one in tops):
        return new
    gone = {at for one in tops if one.name in others for at in range(one.first_line, one.last_line + 1)}
    return [line for at, line in enumerate(new) if at not in gone]


def _beside_what_was_asked(new: list[str], old: Sequence[str], lines: tuple[int, int], path: str) -> tuple[int, int]:
    """How many lines an answer has before and behind the definitions in it that the selection has too; all of them
    where there are none."""
    file = namesakes.facts("\n".join(old), path).symbols
    asked = {one.name for one in file if one.kind != "value" and lines[0] <= one.first_line <= lines[1]}
    tops = namesakes.tops(namesakes.with_ends(namesakes.facts(dedented("\n".join(new)), path), new))
    own = [one for one in tops if one.name in asked]
    before = min((one.first_line for one in own), default=len(new))
    return before, len(new) - 1 - max((one.last_line for one in own), default=-1)


def _around(old: Sequence[str], lines: tuple[int, int], path: str) -> set[str]:
    """Names of what is defined around the lines."""
    known = namesakes.facts("\n".join(old), path).symbols
    return {one.name for one in known if one.first_line < lines[0] <= lines[1] <= one.last_line}


def _body(definition: list[str]) -> list[str]:
    """The lines of a function without its head, and the bracket that ends it."""
    head = next((at for at, line in enumerate(definition) if line.rstrip().endswith((":", "{"))), None)
    if head is None:
        return definition
    is_closed = definition[head].rstrip().endswith("{") and definition[-1].strip().startswith("}")
    return definition[head + 1 : len(definition) - is_closed]


def _without_above(new: list[str], above: Sequence[str], selected: Sequence[str], base: str) -> list[str]:
    """Without the lines that stand right above the selection too."""
    for count in range(min(len(new) - 1, len(above)), 0, -1):
        before = above[len(above) - count :]
        moved = based(new, _indent(before[0])) if before[0].strip() else new
        is_head = _depth(before[-1]) < len(base) and _depth(moved[count]) > _depth(moved[count - 1])
        if _same(moved[:count], before, is_clear=is_head) and not _begins(selected, before):
            return moved[count:]
    return based(new, base)


def _without_below(new: list[str], below: Sequence[str], selected: Sequence[str], base: str) -> list[str]:
    """Without the lines that stand right below the selection too."""
    for count in range(min(len(new) - 1, len(below)), 0, -1):
        behind = below[:count]
        is_end = bool(behind[0].strip()) and _depth(behind[0]) < len(base)
        if _same(new[len(new) - count :], behind, is_clear=is_end) and not _begins(selected[::-1], behind[::-1]):
            return new[: len(new) - count]
    return new


def _repeated(new: Sequence[str], above: Sequence[str], selected: Sequence[str]) -> int:
    """How many lines at its beginning an answer has that are nearly those above: one that gives all of a function may
    have changed a name there too, or left out a blank line. They are more like these than like the selected ones."""
    before, own = _full(above), _full(selected)
    best, found = 0.0, 0
    for count in range(len(new) - 1, 1, -1):
        if not before or _alike(before[-1:], new[count - 1 : count]) < _NEARLY:
            continue
        part = _full(new[:count])
        alike = _alike(before[-len(part) :], part)
        if alike > max(best, _alike(own[: len(part)], part)) and any(map(_is_telling, part)):
            best, found = alike, count
    return found if best >= _NEARLY else 0


def _full(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _alike(lines: Sequence[str], others: Sequence[str]) -> float:
    """By words, of which a new name changes a few."""
    one, other = (_WORD.findall("\n".join(each)) for each in (lines, others))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _cut(new: list[str], below: Sequence[str], selected: Sequence[str]) -> Iterator[list[str]]:
    """Up to where the answer reaches the next line below, and goes on in its own way."""
    following = next((line.rstrip() for line in below if line.strip()), "")
    if not _is_telling(following) or following in (line.rstrip() for line in selected):
        return
    for at in range(len(new) - 1, 0, -1):
        if new[at].rstrip() == following:
            yield new[:at]


def _same(new: Sequence[str], old: Sequence[str], *, is_clear: bool) -> bool:
    """Whether lines are the same, and not by chance; `is_clear` where their place says so, of an `else:` say."""
    return (is_clear or any(map(_is_telling, old))) and [line.rstrip() for line in new] == [
        line.rstrip() for line in old
    ]


def _begins(selected: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether the selection has the same lines there itself: then they are no repetition."""
    return [line.strip() for line in selected[: len(lines)]] == [line.strip() for line in lines]


def _trimmed(lines: Sequence[str]) -> list[str]:
    full = [at for at, line in enumerate(lines) if line.strip()]
    return list(lines[full[0] : full[-1] + 1]) if full else []


def _is_telling(line: str) -> bool:
    return len("".join(line.split())) >= _TELLING and any(map(str.isalnum, line))


def _depth(line: str) -> int:
    return len(_indent(line))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
