"""A change as hunks that can be taken one by one. No widget is in here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from coder_tui.edits.hunks import CONTEXT_LINES, blocks


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that are replaced: 0-based, ends not included."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a diff."""

    sign: str
    """` `, `-` or `+`."""
    old: int | None
    """0-based line in the old text."""
    new: int | None
    text: str
    hunk: int | None
    """Which hunk it belongs to; None for context."""


class Change:
    """From one LF text to another."""

    def __init__(self, before: str, after: str) -> None:
        self.before, self.after = before.split("\n"), after.split("\n")
        self.hunks = tuple(Hunk(*block) for block in blocks(self.before, self.after))

    def result(self, taken: Collection[int]) -> str:
        """The old text with these hunks as in the new one."""
        lines: list[str] = []
        at = 0
        for index, hunk in enumerate(self.hunks):
            lines += self.before[at : hunk.old_start]
            source, start, end = self.before, hunk.old_start, hunk.old_end
            if index in taken:
                source, start, end = self.after, hunk.new_start, hunk.new_end
            lines += source[start:end]
            at = hunk.old_end
        return "\n".join([*lines, *self.before[at:]])

    def edited(self, index: int, text: str, taken: Collection[int]) -> tuple[Change, set[int]]:
        """(the change with other lines in one hunk, its hunks that are taken: those that were, and the edited one). No
        text is no lines."""
        hunk = self.hunks[index]
        lines = text.split("\n") if text else []
        after = [*self.after[: hunk.new_start], *lines, *self.after[hunk.new_end :]]
        change = Change("\n".join(self.before), "\n".join(after))
        were = [self.hunks[one] for one in {index, *taken}]
        found = {
            at
            for at, one in enumerate(change.hunks)
            if any(one.old_start <= old.old_end and old.old_start <= one.old_end for old in were)
        }
        return change, found

    def rows(self) -> Iterator[Row]:
        """In one column, with some lines of context."""
        end = 0
        for index, hunk in enumerate(self.hunks):
            shift = hunk.new_start - hunk.old_start
            start = max(end, hunk.old_start - CONTEXT_LINES)
            if start > end:
                yield Row("@", start, start + shift, "", None)
            yield from (Row(" ", line, line + shift, self.before[line], None) for line in range(start, hunk.old_start))
            yield from (Row("-", line, None, self.before[line], index) for line in range(hunk.old_start, hunk.old_end))
            yield from (Row("+", None, line, self.after[line], index) for line in range(hunk.new_start, hunk.new_end))
            shift = hunk.new_end - hunk.old_end
            following = self.hunks[index + 1].old_start if index + 1 < len(self.hunks) else len(self.before)
            end = min(hunk.old_end + CONTEXT_LINES, following)
            yield from (Row(" ", line, line + shift, self.before[line], None) for line in range(hunk.old_end, end))

    def pairs(self) -> Iterator[tuple[Row | None, Row | None]]:
        """Side by side: context on both sides, what is taken away beside what comes in its place."""
        minus: list[Row] = []
        plus: list[Row] = []
        for row in self.rows():
            if (minus or plus) and (row.hunk is None or row.hunk != (minus or plus)[0].hunk):
                yield from _beside(minus, plus)
                minus, plus = [], []
            if row.sign == "-":
                minus.append(row)
            elif row.sign == "+":
                plus.append(row)
            else:
                yield row, row
        yield from _beside(minus, plus)


def _beside(minus: list[Row], plus: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    for index in range(max(len(minus), len(plus))):
        yield (minus[index] if index < len(minus) else None), (plus[index] if index < len(plus) else None)
