"""What a question names: files with `@path`, and code by names that the repository defines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source, outline
from coder_tui.context.symbols import IDENTIFIER, Symbol

INSTRUCTIONS = ".coder.md"
"""At the root of a repository: what its owner wants a model to know before a chat."""

_MENTION = re.compile(r"(?<![\w@])@([\w./\-+]*[\w/])")
_CODE = re.compile(r"`([^`\n]+)`|\b(\w+\.\w[\w.]*|\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)|\b(\w+)\s*\(")
"""Names as people write them in a question: in backticks, with a dot, an underscore or a capital inside, or called."""
_NAMES = 6
_EVERYWHERE = 4
"""A name that more files define says nothing."""
_BODY_LINES = 60


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a question mentions with `@`, each once."""

    files: tuple[str, ...]
    """By their path, or the end of one where that is enough."""
    several: Mapping[str, Sequence[str]]
    """Ends of paths with the files that have them."""
    unknown: tuple[str, ...]
    """Whatever else has a word behind an `@`."""


def files(question: str, paths: Sequence[str]) -> Mentioned:
    """Which of the paths a question mentions."""
    found: dict[str, Sequence[str]] = {}
    for mention in _MENTION.findall(question):
        found[mention] = [path for path in paths if path == mention] or [
            path for path in paths if path.endswith(f"/{mention}")
        ]
    sure = dict.fromkeys(same[0] for same in found.values() if len(same) == 1)
    several = {mention: same for mention, same in found.items() if len(same) > 1}
    return Mentioned(tuple(sure), several, tuple(mention for mention, same in found.items() if not same))


def names(question: str) -> list[str]:
    """The names of code in a question, in their order, each once."""
    found: dict[str, None] = {}
    for match in _CODE.finditer(question):
        for name in IDENTIFIER.findall(match[1] or match[2] or match[3]):
            found[name] = None
    return list(found)


def pieces(question: str, known: Knowledge) -> Iterator[Piece]:
    """Definitions of the names in a question, with their bodies where these are short."""
    taken = 0
    for name in names(question):
        defined = [
            one for one in known.definitions(name, _EVERYWHERE + 1) if not one[1].parent or one[1].kind == "function"
        ]
        if not defined or len(defined) > _EVERYWHERE or taken == _NAMES:
            continue
        taken += 1
        for path, symbol in defined[:2]:
            piece = _piece(path, symbol, known)
            if piece is not None:
                yield piece


def _piece(path: str, symbol: Symbol, known: Knowledge) -> Piece | None:
    entry = known.entry(path)
    if entry is None or known.has_secret(path, symbol.first_line, symbol.last_line):
        return None
    current = next((s for s in entry.facts.symbols if (s.name, s.parent) == (symbol.name, symbol.parent)), None)
    if current is None:
        return None
    reason = f"definition of {symbol.name}, which is asked about"
    if current.last_line - current.first_line < _BODY_LINES:
        text = "\n".join(known.lines(path)[current.first_line : current.last_line + 1])
    else:
        members = [one for one in entry.facts.symbols if one.parent == current.name]
        text = outline(path, current, members, whole=True)
    return Piece(path, current.first_line, current.last_line, text, Source.DEFINITIONS, reason, 1.0)
