"""Where new definitions of an answer go: near the cursor, and not into the middle of another one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coder_tui.assistant import namesakes
from coder_tui.context import grammars
from coder_tui.context.outlines import ENCLOSING
from coder_tui.context.symbols import Symbol
from coder_tui.core.indentation import space_of
from coder_tui.core.lines import dedented

_METHOD = re.compile(
    r"^\s*(?:async\s+)?def\s+\w+\((?:self|cls)\b|\bfn\s+\w+(?:<[^(]*>)?\(\s*&?(?:'\w+\s+)?(?:mut\s+)?self\b",
    re.MULTILINE,
)
"""Of Python and Rust, where a function says so."""
_IN_CLASSES = ("java", "csharp")
"""Languages that have functions nowhere else."""


def place(text: str, code: str, path: str, cursor: int) -> tuple[int, str] | None:
    """(the line behind the definition that the cursor is in, or that ends above it with nothing but blank lines
    between; the indentation there). In a class methods go behind a method. None where there is no such place."""
    lines, was = text.split("\n"), namesakes.facts(text, path)
    outer = _last_begun(namesakes.tops(was), cursor)
    if outer is None or any(line.strip() for line in lines[outer.last_line + 1 : cursor + 1]):
        return None
    if outer.kind in ENCLOSING and cursor <= outer.last_line and _are_methods(code, path):
        inside = range(outer.first_line, outer.last_line + 1)
        members = [one for one in was.symbols if one.kind == "function" and one.first_line in inside]
        member = _last_begun(members, max(cursor, members[0].first_line)) if members else None
        if member is not None:
            return member.last_line + 1, space_of(lines[member.first_line])
    return outer.last_line + 1, ""


def _last_begun(found: Sequence[Symbol], line: int) -> Symbol | None:
    return next((one for one in reversed(found) if one.first_line <= line), None)


def _are_methods(code: str, path: str) -> bool:
    found = namesakes.tops(namesakes.facts(dedented(code), path))
    in_classes = grammars.language_of(path) in _IN_CLASSES
    return all(one.kind == "function" and (in_classes or _METHOD.search(one.signature)) for one in found)
