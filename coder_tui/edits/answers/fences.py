"""The fenced blocks of an answer: longer fences, tildes, indented ones, nested ones, ones that are never closed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?:>[ ]?)?(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*?)[ \t]*$")
_MARKDOWN = ("md", "markdown", "mdx", "rst", "text")


@dataclass(frozen=True, slots=True)
class Fenced:
    """A block between fences."""

    info: str
    """What stands behind the opening fence."""
    lines: tuple[str, ...]
    """Without the indentation of the fence."""
    above: tuple[str, ...]
    """The prose since the block before."""
    is_closed: bool


def fenced(answer: str) -> Iterator[Fenced]:
    """The blocks of an LF text, in order."""
    lines = answer.split("\n")
    at, prose = 0, list[str]()
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            prose.append(lines[at])
            at += 1
            continue
        end, is_closed = _end(lines, at + 1, opening)
        body = tuple(_dedented(line, opening["indent"]) for line in lines[at + 1 : end])
        if not is_closed:
            while body and not body[-1].strip():
                body = body[:-1]
        yield Fenced(opening["info"], body, tuple(prose), is_closed)
        prose = []
        at = end + 1 if is_closed else end


def unfenced(answer: str) -> str:
    """The prose of an answer and the insides of its blocks: for forms that models use with fences and without."""
    return "\n".join(line for line in answer.split("\n") if not _FENCE.match(line))


def _end(lines: Sequence[str], start: int, opening: re.Match[str]) -> tuple[int, bool]:
    """(the line that ends a block, whether that is a closing fence)."""
    mark, length = opening["fence"][0], len(opening["fence"])
    nests = opening["info"].split(" ")[0].lower() in _MARKDOWN
    depth = 0
    for at in range(start, len(lines)):
        fence = _FENCE.match(lines[at])
        if fence is None or fence["fence"][0] != mark or len(fence["fence"]) < length:
            continue
        if not fence["info"]:
            if not depth:
                return at, True
            depth -= 1
        elif nests:
            depth += 1
        elif len(fence["indent"]) <= len(opening["indent"]):
            return at, False  # the block before was never closed: no closing fence says anything
    return len(lines), False


def _dedented(line: str, indent: str) -> str:
    space = len(line) - len(line.lstrip(" \t"))
    return line[min(len(indent), space) :]
