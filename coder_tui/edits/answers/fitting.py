"""Where the lines that an answer wants exchanged are in a text, whatever it says of line numbers, white space and
indentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coder_tui.core.errors import ChangeError
from coder_tui.core.lines import indent_unit
from coder_tui.edits.answers.elided import elided, is_elided
from coder_tui.edits.answers.pieces import Exchange
from coder_tui.edits.hunks import CONTEXT_LINES, Hunk, blocks, find, named


def exchanged(text: str, exchange: Exchange) -> str:
    """LF `text` with the lines exchanged. Lines are found as they are, else without white space at their ends, else
    without indentation, which is then set to the place's; of a diff at last by part of its context (`hunks.find`).
    What an answer gives as unchanged stays as the text has it.

    Raises ChangeError when the lines are not there, are there more than once, or what comes in their place leaves code
    out.
    """
    lines = text.split("\n")
    search: Sequence[str] = _lines(exchange.search)
    replace: Sequence[str] = _lines(exchange.replace)
    if not any(line.strip() for line in search):
        if text.strip():
            raise ChangeError("the answer does not say where its lines go", hint="ask again, or coder edit FILE:A-B")
        return "".join(f"{line}\n" for line in replace)
    if left := elided(exchange.replace, text):
        if parts := _parted(exchange):
            for part in parts:
                text = exchanged(text, part)
            return text
        raise left_out(left[0][1])
    for same in (str, str.rstrip, str.strip, _squeezed):
        wanted, offset = _trimmed(search)
        places = _places(lines, wanted, same)
        at = places[0] - offset if len(places) == 1 else None
        if len(places) > 1:
            at = _chosen([place - offset for place in places], exchange.line, lines)
        if at is not None:
            end = at + offset + len(wanted)
            tail = search[offset + len(wanted) :]
            return "\n".join(
                _with(lines, max(0, at), min(len(lines), end + _blank(lines, end, len(tail))), search, replace)
            )
    if exchange.line is None and search != replace and "\n".join(replace).strip() and exchange.replace in text + "\n":
        raise ChangeError("the lines that are to be changed are not there; what they are to become is there already")
    at, search, replace = _by_context(lines, exchange, search, replace)
    return "\n".join(_with(lines, at, at + len(search), search, replace))


def left_out(line: str) -> ChangeError:
    """For a line that stands for code."""
    return ChangeError(
        f"the model has left code out ({line.strip()!r}); nothing was changed",
        hint="ask for all of the code, or for less",
    )


def _parted(exchange: Exchange) -> list[Exchange]:
    """A block whose both sides leave the same lines out, in parts between these; none where they differ."""
    sides = [[list[str]()], [list[str]()]]
    for side, lines in zip(sides, (_lines(exchange.search), _lines(exchange.replace)), strict=True):
        for line in lines:
            if is_elided(line):
                side.append([])
            else:
                side[-1].append(line)
    if len(sides[0]) != len(sides[1]) or len(sides[0]) == 1:
        return []
    pairs = [(old, new) for old, new in zip(*sides, strict=True) if old != new]
    if any(not any(line.strip() for line in old) for old, _ in pairs):
        return []
    return [Exchange(exchange.name, "\n".join(old) + "\n", "\n".join(new) + "\n") for old, new in pairs]


def _places(lines: Sequence[str], wanted: Sequence[str], same: Callable[[str], str]) -> list[int]:
    text, looked = [same(line) for line in lines], [same(line) for line in wanted]
    return [
        at
        for at in range(len(text) - len(looked) + 1)
        if text[at] == looked[0] and text[at : at + len(looked)] == looked
    ]


def _chosen(places: Sequence[int], line: int | None, lines: Sequence[str]) -> int:
    """The place that a diff says; it is refused when it says none of them."""
    if line in places:
        return places[places.index(line)]
    raise ChangeError(f"the lines to be changed are there more than once, at {named(places, lines)}")


def _trimmed(search: Sequence[str]) -> tuple[Sequence[str], int]:
    """Without blank lines at both ends, and how many those at the beginning are."""
    full = [at for at, line in enumerate(search) if line.strip()]
    return search[full[0] : full[-1] + 1], full[0]


def _blank(lines: Sequence[str], start: int, most: int) -> int:
    """How many lines from `start` are blank, up to `most`."""
    count = 0
    while count < most and start + count < len(lines) - 1 and not lines[start + count].strip():
        count += 1
    return count


def _with(lines: Sequence[str], at: int, end: int, search: Sequence[str], replace: Sequence[str]) -> list[str]:
    """Lines `at` to `end` as the answer wants them: those that it leaves alone stay as they are."""
    old = list(lines[at:end])
    if len(old) != len(search):  # blank lines at the ends that the text has not
        wanted, offset = _trimmed(search)
        first = next((number for number, line in enumerate(old) if line.strip()), 0)
        old, at = old[first:], at + first
        replace = replace[offset:] if not any(line.strip() for line in replace[:offset]) else replace
        while len(search) - offset > len(wanted) + 0 and replace and not replace[-1].strip() and not search[-1].strip():
            search, replace = search[:-1], replace[:-1]
        search = search[offset:]
        old = old[: len(search)]
        end = at + len(old)
    found: list[str] = []
    done = 0
    unit = indent_unit(lines)
    for start, stop, new_start, new_stop in blocks(search, replace):
        found += old[done:start]
        shift = _shift(old, search, range(start, stop), unit, replace[new_start:new_stop])
        found += [_moved(line, shift) for line in replace[new_start:new_stop]]
        done = stop
    return [*lines[:at], *found, *old[done:], *lines[end:]]


def _shift(
    old: Sequence[str], search: Sequence[str], taken: range, unit: str, new: Sequence[str]
) -> tuple[str, str] | None:
    """(indentation in the answer, in the text) by which new lines move; None for not at all."""
    around = [*taken, *range(taken.start - 1, -1, -1), *range(taken.stop, len(search))]
    for at in around:
        if at < len(old) and search[at].strip():
            pair = _indent(search[at]), _indent(old[at])
            if pair[0] == pair[1]:
                return None
            if at not in taken and abs(len(pair[0]) - len(pair[1])) == 1 and unit not in (" ", "\t"):
                # Context without the space of a diff: its own indentation says nothing of the new lines'.
                steps = [len(_indent(line)) % len(unit) for line in new if line.strip()]
                if not any(steps):
                    return None
            return pair
    return None


def _moved(line: str, shift: tuple[str, str] | None) -> str:
    if shift is None or not line.strip():
        return line
    has, wanted = shift
    if line.startswith(has):
        return wanted + line[len(has) :]
    lost = len(has) - len(wanted)
    return line[min(lost, len(_indent(line))) :] if lost > 0 else line


def _by_context(
    lines: Sequence[str], exchange: Exchange, search: Sequence[str], replace: Sequence[str]
) -> tuple[int, Sequence[str], Sequence[str]]:
    """For a diff whose context is not quite what is there: (line, search, replace) without the context."""
    changed = list(blocks(search, replace))
    if exchange.line is None or not changed:
        raise ChangeError(
            f"the lines to be changed are not there: {next(line.strip() for line in search if line.strip())!r} ...",
            hint="ask again; the model may have seen another text",
        )
    first, last, new_first, new_last = changed[0][0], changed[-1][1], changed[0][2], changed[-1][3]
    context = slice(max(0, first - CONTEXT_LINES), first), slice(last, last + CONTEXT_LINES)
    hunk = Hunk(
        exchange.line + first,
        tuple(search[first:last]),
        (),
        tuple(search[context[0]]),
        tuple(search[context[1]]),
    )
    at = find(hunk, lines, str.strip)
    return at, search[first:last], replace[new_first:new_last]


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _squeezed(line: str) -> str:
    """Without white space between words, which models add and leave out."""
    return "".join(line.split())


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
