"""Values that code of an answer assigns at the top of a file, and that the file assigns already."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from coder_tui.assistant import namesakes
from coder_tui.context.symbols import Facts, Symbol
from coder_tui.core.lines import bare, dedented

_STRING = re.compile(r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` """, re.VERBOSE)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Settled:
    """A file and code for it, without the values that both have."""

    text: str
    """LF, with the constants of the code in place of its own."""
    code: str
    """The rest of it."""
    ignored: tuple[str, ...] = ()
    """First lines of values that stay as the file has them."""
    replaced: tuple[str, ...] = ()
    """Names of constants."""


def settled(text: str, code: str, path: str) -> Settled:
    """Values of the code that the LF `text` has too, once each. Constants take their place there, and so does any value
    where the code has nothing else. Others stay as they are in the file: beside a function, `app = App()` is there for
    the reader of an answer."""
    code = dedented(code)
    was, now = namesakes.facts(text, path), namesakes.facts(code, path)
    before, new = text.split("\n"), code.split("\n")
    old = [*before]
    theirs = {one.name: one for one in _values(was, before)}
    both = [(one, theirs[one.name]) for one in _values(now, new) if one.name in theirs]
    alone = {at for one, _ in both for at in range(one.first_line, one.last_line + 1)}
    is_all = not any(line.strip() for at, line in enumerate(new) if at not in alone)
    constants = [(one, other) for one, other in both if is_all or one.name.isupper()]
    for one, other in sorted(constants, key=lambda pair: -pair[1].first_line):
        old[other.first_line : other.last_line + 1] = new[one.first_line : one.last_line + 1]
    names = tuple(one.name for one, _ in constants)
    others = [(one, other) for one, other in both if one.name not in names]
    ignored = tuple(new[one.first_line] for one, other in others if _lines(one, new) != _lines(other, before))
    rest = [line for at, line in enumerate(new) if at not in alone]
    return Settled("\n".join(old), "\n".join(rest), ignored, names)


def _values(found: Facts, lines: Sequence[str]) -> list[Symbol]:
    """Those that are assigned once, in statements that are not within others and assign nothing else."""
    assigned = [one for one in found.symbols if one.kind == "value"]
    names, begun = Counter(one.name for one in assigned), Counter(one.first_line for one in assigned)
    return [
        one
        for one in assigned
        if not one.parent
        and not lines[one.first_line][:1].isspace()
        and names[one.name] == begun[one.first_line] == 1
        and _is_single("\n".join(lines[one.first_line : one.last_line + 1]))
    ]


def _is_single(statement: str) -> bool:
    """Whether it has no comma but in strings and brackets."""
    rest, more = _STRING.sub("", statement), 1
    while more:
        rest, more = _BRACKETS.subn("", rest)
    return "," not in rest


def _lines(one: Symbol, lines: Sequence[str]) -> list[str]:
    return [bare(line) for line in lines[one.first_line : one.last_line + 1]]
