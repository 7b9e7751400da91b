"""Names that are likely to be written at the cursor: those that the file imports and has not used yet. Who imports a
name is about to use it, and a small model that was shown its definition still often writes another.

Contextual biasing, as in speech recognition (arXiv:1808.02480, shallow fusion), with what static analysis knows, as in
monitor-guided decoding (arXiv:2306.10763).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from coder_tui.context.around import Around
from coder_tui.core.prompt import Likely

_BONUS = 5.0
"""Nats, for one such name; several share it. In 60 tasks a name was missing by 4 to 9 where it was missing at all."""


def likely(around: Around) -> tuple[Likely, ...]:
    """The names, each with its bonus; none where so many are unused that it says nothing."""
    names = list(dict.fromkeys(_unused(around)))
    bonus = _BONUS - math.log(len(names)) if names else 0.0
    return tuple(Likely(name, round(bonus, 3)) for name in names) if bonus > 0 else ()


def _unused(around: Around) -> Iterator[str]:
    text, head = around.buffer.text, set(around.facts.import_lines)
    for one in around.facts.imports:
        name = one.local
        is_name = one.name != "*" and name.isidentifier() and one.module != "__future__"
        if is_name and not _is_used(name, text, head):
            yield name


def _is_used(name: str, text: str, import_lines: set[int]) -> bool:
    """Whether it stands, as a word, anywhere but in lines that import something. With every key: looking for the bare
    letters first is forty times as fast as a pattern with the ends of words."""
    line, counted, at = 0, 0, text.find(name)
    while at >= 0:
        if not _is_in_word(text[at - 1 : at]) and not _is_in_word(text[at + len(name) : at + len(name) + 1]):
            line, counted = line + text.count("\n", counted, at), at
            if line not in import_lines:
                return True
        at = text.find(name, at + 1)
    return False


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
