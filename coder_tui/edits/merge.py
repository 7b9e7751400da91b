"""Three-way merge by lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_COMPARED = 6000
"""Changed lines that are compared one by one; with more of them a change is one block, since comparing takes quadratic
time."""


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines `start` up to `end` of the base have become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


def merge(base: str, ours: str, theirs: str) -> str | None:
    """`ours` with the changes from `base` to `theirs`; None where both changed the same lines, or lines that touch.

    Lines end with LF and keep whatever stands before it, so that bytes decoded as Latin-1 come back as they were.
    """
    if ours in (base, theirs) or theirs == base:
        return theirs if ours == base else ours
    lines = _lines(base)
    merged = _combined(_changes(lines, _lines(ours)), _changes(lines, _lines(theirs)))
    if merged is None:
        return None
    found: list[str] = []
    end = 0
    for change in merged:
        found += [*lines[end : change.start], *change.lines]
        end = change.end
    return "".join([*found, *lines[end:]])


def conflicts(base: str, ours: str, theirs: str) -> list[tuple[int, int]]:
    """(first, last) 0-based lines of `ours` where `merge` finds that both sides changed the same lines, or lines that
    touch; a place where `ours` has none any more is the line behind it."""
    lines = _lines(base)
    mine, other = _changes(lines, _lines(ours)), _changes(lines, _lines(theirs))
    found: list[tuple[int, int]] = []
    shift = 0
    for change in mine:
        if any(one != change and one.start <= change.end and change.start <= one.end for one in other):
            first = change.start + shift
            found.append((first, max(first, first + len(change.lines) - 1)))
        shift += len(change.lines) - (change.end - change.start)
    return found


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(inner_old) + len(inner_new) > _COMPARED:
        return [_Change(head, len(old) - tail, tuple(inner_new))]
    codes = SequenceMatcher(None, inner_old, inner_new, autojunk=False).get_opcodes()
    return [
        _Change(head + i, head + i_end, tuple(inner_new[j:j_end]))
        for tag, i, i_end, j, j_end in codes
        if tag != "equal"
    ]


def _combined(ours: Sequence[_Change], theirs: Sequence[_Change]) -> list[_Change] | None:
    """All changes in the order of the base; None when two of them meet and are not the same."""
    found: list[_Change] = []
    for change in sorted({*ours, *theirs}, key=lambda one: (one.start, one.end)):
        if found and change.start <= found[-1].end:
            return None
        found.append(change)
    return found
