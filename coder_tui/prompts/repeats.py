"""Models that go round in circles: repeated pieces of a line, repeated lines, repeated blocks, lines that are there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coder_tui.prompts.indentation import width

_PIECES = (re.compile(r"(.{3,40}?)\1{5,}$"), re.compile(r"(.{10,80}?)\1{3,}$"))
_LETTERS = re.compile(r"[^\W\d_]{3}")
_MANY = 8
"""Times that a line without words (a row of a matrix, an empty cell) may stand in a row; others: 3, blocks: 3."""
MAX_BLOCK = 6
MIN_LIKE = 10
"""Characters from which on lines count as equal that differ in signs only."""


def piece(line: str) -> int | None:
    """Length at which to cut a line that ends in the same piece with words in it over and over."""
    for pattern in _PIECES:
        found = pattern.search(line[-600:])
        if found and _LETTERS.search(found.group(1)):
            return len(line) - len(found.group()) + len(found.group(1))
    return None


def beyond(text: str) -> int:
    """Columns by which white space at the end of a text goes beyond the indentation of the last line with something on
    it; 0 where the text ends otherwise."""
    space = text[len(text.rstrip(" \t")) :]
    above = text[: len(text) - len(space)].rstrip()
    last = above[above.rfind("\n") + 1 :]
    return max(0, width(space) - width(last))


def run(lines: Sequence[str], period: int) -> int:
    """How many lines at the end are each the same as the one `period` lines before it."""
    count = 0
    for at in range(len(lines) - 1, period - 1, -1):
        if lines[at] != lines[at - period]:
            break
        count += 1
    return count


def circle(lines: Sequence[str]) -> int | None:
    """Number of lines to keep when the lines end in three copies of a line or block."""
    for period in range(1, MAX_BLOCK + 1):
        block = lines[-period:]
        if not any(line.strip() for line in block):
            continue
        words = any(_LETTERS.search(line) and not line.lstrip().startswith("<") for line in block)
        times = 3 if words or period > 1 else _MANY
        if period > 1 and not words:
            continue
        count = run(lines, period)
        if count >= period * (times - 1):
            return len(lines) - count
    return None


def pending(lines: Sequence[str]) -> int:
    """How many lines at the end may still turn out to be copies."""
    return max(run(lines, period) for period in range(1, MAX_BLOCK + 1))


def alike(line: str, other: str) -> bool:
    """Whether two lines say the same: equal, or longer ones with the same words, or with one word misspelt."""
    if width(line) != width(other):
        return False
    line, other = line.strip(), other.strip()
    if line == other:
        return bool(line)
    words, others = re.findall(r"\w+", line), re.findall(r"\w+", other)
    if len(words) != len(others) or min(len(line), len(other)) < MIN_LIKE:
        return False
    differ = [(word, there) for word, there in zip(words, others, strict=True) if word != there]
    if not differ:
        return abs(len(line) - len(other)) <= 3
    return len(differ) == 1 and len(words) >= 6 and _misspelt(*differ[0])


def _misspelt(word: str, other: str) -> bool:
    """One letter more, less or other, or two exchanged, in a longer word."""
    if min(len(word), len(other)) < 5 or abs(len(word) - len(other)) > 1 or not (word + other).isalpha():
        return False
    start = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    rest, there = word[start:], other[start:]
    exchanged = rest[:2] == there[1::-1] and rest[2:] == there[2:]
    return rest[1:] == there[1:] or rest[1:] == there or rest == there[1:] or exchanged
