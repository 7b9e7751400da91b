"""A change as hunks: taken one by one in any order, edited, and found again where the text has moved underneath. Pure.

Lines end with LF, the last one of a text perhaps without; whatever else stands in them stays, a CR too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from coder_tui.core.errors import ChangeError

CONTEXT_LINES = 3
DISTANCE_LINES = 2000
"""A hunk is looked for so many lines up and down from where it was."""
DIFFERENT = 0.5
"""At most this part of a hunk's context may have changed. The lines that it takes away must all be there."""
_HEAD = 40
"""Characters of a line that is shown."""
_COMPARED = 20_000
"""With more changed lines a change is one hunk: comparing takes quadratic time."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that come in place of others."""

    start: int
    """0-based line in the text where the first one is taken away, or before which lines are put in."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    above: tuple[str, ...] = ()
    """Up to CONTEXT_LINES lines that stand before it; fewer at the beginning of a text."""
    below: tuple[str, ...] = ()

    def edited(self, text: str) -> Hunk:
        """With other lines to put in."""
        return replace(self, after=tuple(lines_of(text)))

    def reversed(self) -> Hunk:
        """What takes it back, as long as no other hunk is taken."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class Patch:
    """A text and the hunks that wait to be taken, in the order of their lines; none overlaps another."""

    text: str
    waiting: tuple[Hunk, ...]

    def take(self, index: int) -> Patch:
        """With hunk `index` in the text; the others wait where their lines are then."""
        taken = self.waiting[index]
        lines = lines_of(self.text)
        lines[taken.start : taken.start + len(taken.before)] = taken.after
        shift = len(taken.after) - len(taken.before)
        others = [
            replace(hunk, start=hunk.start + (shift if at > index else 0))
            for at, hunk in enumerate(self.waiting)
            if at != index
        ]
        return Patch("".join(lines), tuple(_in_context(hunk, lines) for hunk in others))

    def leave(self, index: int) -> Patch:
        """Without hunk `index`."""
        return replace(self, waiting=self.waiting[:index] + self.waiting[index + 1 :])

    def edit(self, index: int, text: str) -> Patch:
        """With other lines to put in by hunk `index`."""
        changed = self.waiting[index].edited(text)
        return replace(self, waiting=(*self.waiting[:index], changed, *self.waiting[index + 1 :]))

    def take_all(self) -> str:
        """The text with every hunk."""
        patch = self
        while patch.waiting:
            patch = patch.take(0)
        return patch.text

    def on(self, text: str) -> Patch:
        """The same hunks where they belong in a text that has become another one meanwhile.

        A hunk within what is the same from the beginning, or to the end, stays with it; others are looked for as `find`
        does. Raises ChangeError where one has no place, several, takes the lines of another, or where its own lines are
        still there, by a comparison of both texts, and the place that was found is another one.
        """
        old, new = lines_of(self.text), lines_of(text)
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        moved: list[Hunk] = []
        for hunk in self.waiting:
            end = hunk.start + len(hunk.before)
            if end < head or (end == head == len(old) == len(new)):
                at = hunk.start
            elif hunk.start > len(old) - tail:
                at = hunk.start + len(new) - len(old)
            else:
                at = find(hunk, new)
                kept = _kept(hunk, blocks(old, new))
                if kept is not None and kept != at:
                    raise _unclear(sorted((at, kept)), new)
            if moved and at < moved[-1].start + len(moved[-1].before):
                raise ChangeError(f"two changes meet at line {at + 1} of what the text has become")
            moved.append(_in_context(replace(hunk, start=at), new))
        return Patch(text, tuple(moved))


def hunks(before: str, after: str) -> Patch:
    """What makes `after` of `before`."""
    old, new = lines_of(before), lines_of(after)
    found = [
        Hunk(start, tuple(old[start:end]), tuple(new[new_start:new_end]))
        for start, end, new_start, new_end in blocks(old, new)
    ]
    return Patch(before, tuple(_in_context(hunk, old) for hunk in found))


def moved(before: str, after: str, now: str) -> str:
    """`now` with the change from `before` to `after`. Raises ChangeError as `Patch.on`."""
    return hunks(before, after).on(now).take_all()


def find(hunk: Hunk, lines: Sequence[str], same: Callable[[str], str] = str) -> int:
    """The 0-based line of a text at which a hunk belongs, whatever its `start` says.

    Its `before` must stand there, and more of its context than anywhere else: looked for up to DISTANCE_LINES from its
    `start`, with at most DIFFERENT of its context lines changed. Where it only puts lines in, the nearest line on one
    side is there at least, and no other place has more of these two. Lines are compared by what `same` makes of them.
    Raises ChangeError when there is no such place, or when two fit equally well, with both.
    """
    wanted = tuple(map(same, hunk.before))
    above, below = tuple(map(same, reversed(hunk.above))), tuple(map(same, hunk.below))
    text = [same(line) for line in lines]
    least = (len(above) + len(below)) * (1 - DIFFERENT)
    fitting: list[tuple[int, int, int]] = []
    for at in _candidates(hunk.start, wanted, text):
        over, under = text[max(0, at - len(above)) : at][::-1], text[at + len(wanted) : at + len(wanted) + len(below)]
        matched = sum(map(str.__eq__, above, over)) + sum(map(str.__eq__, below, under))
        touches = (above[:1] == tuple(over[:1]) != ()) + (below[:1] == tuple(under[:1]) != ())
        if matched >= least and (wanted or not text or touches):
            fitting.append((matched, 0 if wanted else touches, at))
    # Lines that are only put in belong between two others, whatever else is the same around another place.
    most, near = max(fitting, default=(0, 0, 0))[:2]
    best = [at for matched, touches, at in fitting if matched == most or touches > near]
    if not best:
        raise ChangeError("the lines that are to be changed are not there any more", hint="ask again")
    if len(best) > 1:
        raise _unclear(best, lines)
    return best[0]


def _unclear(places: Sequence[int], lines: Sequence[str]) -> ChangeError:
    return ChangeError(f"the change fits equally well at {named(places, lines)}; it is clear to nobody which is meant")


def _kept(hunk: Hunk, differing: Iterator[tuple[int, int, int, int]]) -> int | None:
    """The line at which a hunk's lines, or the two between which it puts some, stand in another text; None where that
    has changed them. `differing`: the `blocks` of both texts."""
    first, end, shift = hunk.start - (not hunk.before), hunk.start + max(1, len(hunk.before)), 0
    for start, stop, _, new_stop in differing:
        if start >= end:
            break
        if stop > first:
            return None
        shift = new_stop - stop
    return hunk.start + shift


def named(places: Sequence[int], lines: Sequence[str]) -> str:
    """The first two of several places for the user: the number of the line, and of what it is a part."""
    shown = " and ".join(f"{max(0, at) + 1}{_part_of(at, lines)}" for at in places[:2])
    return f"lines {shown}" + (f", and {len(places) - 2} more" if len(places) > 2 else "")


def _part_of(at: int, lines: Sequence[str]) -> str:
    """The nearest line above that stands further out, as ` (def f():)`; empty for none."""
    if not 0 <= at < len(lines):
        return ""
    depth = _depth(lines[at])
    head = next((line.strip() for line in lines[at::-1] if line.strip() and _depth(line) < depth), "")
    if not head:
        return ""
    return f" ({head})" if len(head) <= _HEAD else f" ({head[: _HEAD - 1]}…)"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """(start, end, new start, new end) of lines that differ, in order; between two of them at least one line is the
    same."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(inner_old) + len(inner_new) > _COMPARED:
        yield head, len(old) - tail, head, len(new) - tail
        return
    for tag, i, i_end, j, j_end in SequenceMatcher(None, inner_old, inner_new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield head + i, head + i_end, head + j, head + j_end


def lines_of(text: str) -> list[str]:
    """The lines of a text with their LF; the last one has none where the text does not end with one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _candidates(start: int, wanted: Sequence[str], text: Sequence[str]) -> Iterator[int]:
    for at in range(max(0, start - DISTANCE_LINES), min(len(text) - len(wanted), start + DISTANCE_LINES) + 1):
        if not wanted or (text[at] == wanted[0] and tuple(text[at : at + len(wanted)]) == tuple(wanted)):
            yield at


def _in_context(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    end = hunk.start + len(hunk.before)
    above = tuple(lines[max(0, hunk.start - CONTEXT_LINES) : hunk.start])
    return replace(hunk, above=above, below=tuple(lines[end : end + CONTEXT_LINES]))


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many lines are the same from the beginning."""
    shorter = min(len(first), len(second))
    return next((index for index in range(shorter) if first[index] != second[index]), shorter)
