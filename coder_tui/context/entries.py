"""A file as the index has it, and as it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from coder_tui.context.symbols import Facts


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as the index has it."""

    mtime_ns: int
    size: int
    refused: str = ""
    """Why it is not sent; empty when it may be."""
    facts: Facts = field(default_factory=Facts)
    secret_lines: tuple[int, ...] = ()
    """0-based lines that hold a credential."""


Row = tuple[
    tuple[str, int, int, str, str, str, str],
    list[tuple[str, str, str, int, int, str, str]],
    list[tuple[str, str, str]],
    str,
]
"""A file as it is written down: (its row, symbols, imports, the names that it mentions), plain values that go from one
process to another."""


def row_of(path: str, entry: Entry, words: Iterable[str]) -> Row:
    """What is written down of a file. `words`: the names that it mentions."""
    facts = entry.facts
    file = (path, entry.mtime_ns, entry.size, entry.refused, facts.namespace)
    symbols = [(s.name, s.kind, s.parent, s.first_line, s.last_line, s.signature, s.doc) for s in facts.symbols]
    imports = [(i.module, i.name, i.alias) for i in facts.imports]
    return (*file, dump(entry.secret_lines), dump(facts.import_lines)), symbols, imports, " ".join(words)


def dump(lines: Sequence[int]) -> str:
    """Numbers of lines as text."""
    return json.dumps(lines, separators=(",", ":")) if lines else ""


def load(text: str) -> tuple[int, ...]:
    """What `dump` has written."""
    return tuple(json.loads(text)) if text else ()
