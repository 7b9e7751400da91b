"""From a file to what the index keeps of it: its facts, the names that it mentions, which of its lines hold secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path

from coder_tui.context import exclude, grammars, secrets, symbols
from coder_tui.context.entries import Entry, Row, row_of
from coder_tui.context.exclude import RefusedError, Rules
from coder_tui.context.symbols import IDENTIFIER

_ASCII_NAME = re.compile(r"[A-Za-z_]\w{2,62}\b", re.ASCII)
"""Three times as fast; most files have no other characters."""
_SHORTEST, _LONGEST = 3, 63


def entry(root: Path, path: str, rules: Rules) -> tuple[Entry, str]:
    """(what a file is to the index, its text; empty when it is not sent). Raises OSError when it is not there."""
    try:
        if reason := rules.reason(path):
            raise RefusedError(reason)
        text, state = exclude.read(root, path)
    except RefusedError as refused:
        state = os.lstat(root / path)
        return Entry(state.st_mtime_ns, state.st_size, str(refused)), ""
    language = grammars.language_for(path, text)
    facts = symbols.read(text, language)
    return Entry(state.st_mtime_ns, state.st_size, "", facts, secrets.lines(text, language)), text


def words(text: str) -> set[str]:
    """The names that a text mentions."""
    if text.isascii():
        return set(_ASCII_NAME.findall(text))
    return {word for word in IDENTIFIER.findall(text) if _SHORTEST <= len(word) <= _LONGEST}


def rows(root: Path, rules: Rules, paths: list[str]) -> list[Row]:
    """What the index keeps of files; nothing of those that are not there."""
    found: list[Row] = []
    for path in paths:
        try:
            known, text = entry(root, path, rules)
        except (OSError, ValueError):
            continue
        found.append(row_of(path, known, words(text)))
    return found


def state(root: str, path: str) -> tuple[int, int] | None:
    """(mtime in ns, size in bytes) of a file; None when it is not there."""
    try:
        found = os.lstat(f"{root}/{path}")
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
