"""The window around the cursor: cut from a document by lines, then fitted into a token budget. Pure functions.

Where a window starts is snapped to multiples of a number of lines, so that it stays put while the user types and the
KV cache keeps what it knows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from coder_tui.core.context import Context, Snippet
from coder_tui.core.document import LINE_END, Document, Position, to_lf

CountTokens = Callable[[str], int]

MAX_CHARS = 400_000
"""More than any window of tokens holds; keeps work small on files without line ends."""
_SNAP_LINES = 16
"""Fitting drops lines from the start of the window in steps of this."""
_LINE_CHARS = 64
"""Few files have longer lines on average: text is searched for so much of it first."""
_SNAP_CHARS = 1024
"""A line too long for the window is cut at a multiple of this, for the same reason."""


@dataclass(frozen=True, slots=True)
class Window:
    """What surrounds the cursor. prefix + left + right + suffix is one piece of the file's text, in LF line endings."""

    context: Context
    """`prefix`: whole lines before the cursor's line. `suffix`: the line end of the cursor's line and the lines below,
    with theirs."""
    left: str
    """The cursor's line up to the cursor."""
    right: str
    """The rest of it, without its line end."""
    first_line: int = 0
    """0-based line of the file with which the window begins."""


def cut(
    document: Document,
    position: Position,
    *,
    prefix_lines: int = 256,
    suffix_lines: int = 64,
    snap: int = 64,
    max_chars: int = MAX_CHARS,
) -> Window:
    """The lines around a position: at least `prefix_lines` before it, from a line whose number is a multiple of `snap`,
    and `suffix_lines` after it; at most 3/4 of `max_chars` before the cursor and 1/4 after it.

    Raises DocumentError when the document has no such place.
    """
    offset = document.offset(position)
    room_before, room_after = max_chars * 3 // 4, max_chars // 4
    right, suffix = _after(document.text, offset, suffix_lines, room_after)
    if position.column > room_before:
        skipped = -(-(position.column - room_before) // _SNAP_CHARS) * _SNAP_CHARS
        left = document.text[offset - max(0, position.column - skipped) : offset]
        return Window(Context("", suffix), left, right, position.line)
    line_start = offset - position.column
    wanted = max(0, (position.line - prefix_lines) // snap * snap)
    lines = _lines_before(document.text, line_start, position.line - wanted, room_before - position.column)
    first = position.line - len(lines)
    if first > wanted and first % snap and (later := -(-first // snap) * snap) < position.line:
        lines, first = lines[later - first :], later
    return Window(Context(to_lf("".join(lines)), suffix), document.text[line_start:offset], right, first)


def with_head(window: Window, head: str) -> Window:
    """The window with lines from before its beginning, whole ones, in front."""
    return replace(window, context=replace(window.context, prefix=head + window.context.prefix)) if head else window


def with_file(window: Window, path: str, snippets: Sequence[Snippet] = (), repository: str = "") -> Window:
    """The window with the name of its file and pieces of other files to go along, in the order of the prompt."""
    return replace(window, context=replace(window.context, path=path, snippets=tuple(snippets), repository=repository))


def fit(window: Window, count_tokens: CountTokens, budget: int) -> Window:
    """The window cut down until its parts have at most `budget` tokens together.

    Whole lines go, those farthest from the cursor first. What is before the cursor gets three times the room of what is
    after it; room that one side does not need goes to the other. Only where not even one line fits is it cut inside.
    Snippets get what is left, the last ones first, as they stand nearest to the cursor's file.
    """
    context = window.context
    after = window.right + context.suffix
    left_tokens, prefix_tokens, after_tokens = (count_tokens(text) for text in (window.left, context.prefix, after))
    if prefix_tokens + left_tokens + after_tokens > budget:
        share = max(budget // 4, budget - prefix_tokens - left_tokens)
        after = _head(after, count_tokens, share)
        after_tokens = count_tokens(after)
        left = _tail(window.left, 0, count_tokens, budget - after_tokens)
        left_tokens = count_tokens(left)
        room = budget - after_tokens - left_tokens
        prefix = _tail(context.prefix, window.first_line, count_tokens, room) if left == window.left else ""
        prefix_tokens = count_tokens(prefix)
        dropped = context.prefix[: len(context.prefix) - len(prefix)].count("\n")
        right, suffix = after[: len(window.right)], after[len(window.right) :]
        window = Window(replace(context, prefix=prefix, suffix=suffix), left, right, window.first_line + dropped)
    room = budget - prefix_tokens - left_tokens - after_tokens
    return replace(window, context=replace(window.context, snippets=_snippets(context.snippets, count_tokens, room)))


def shorten_suffix(window: Window, count_tokens: CountTokens, budget: int) -> Window:
    """The window with at most `budget` tokens behind the cursor, whole lines but for the cursor's own."""
    after = window.right + window.context.suffix
    if count_tokens(after) <= budget:
        return window
    after = window.right + _head(after, count_tokens, budget)[len(window.right) :]
    return replace(window, context=replace(window.context, suffix=after[len(window.right) :]))


def head(text: str, count_tokens: CountTokens, budget: int) -> str:
    """The first whole lines of a text that fit."""
    found = _head(text, count_tokens, budget)
    return found[: found.rfind("\n") + 1]


def _after(text: str, offset: int, count: int, room: int) -> tuple[str, str]:
    """(rest of the line, its line end and `count` more lines), whole lines only unless the first is too long."""
    piece = text[offset : offset + room]
    ends = list(islice(LINE_END.finditer(piece), count + 1))
    if not ends:
        return piece, ""
    to_the_end = len(ends) <= count and offset + room >= len(text)
    end = len(piece) if to_the_end else ends[-1].end()
    return piece[: ends[0].start()], to_lf(piece[ends[0].start() : end])


def _lines_before(text: str, end: int, count: int, room: int) -> list[str]:
    """The last `count` lines before `end`, which is the start of a line; fewer when they have more than `room`
    characters."""
    if not count:
        return []
    reach = min(room, count * _LINE_CHARS)
    while True:
        start = max(0, end - reach)
        starts = [start] if _is_line_start(text, start) else []
        starts += [start + ending.end() for ending in LINE_END.finditer(text[start:end])]
        if len(starts) > count or start == 0 or reach >= room:
            return [text[a:b] for a, b in pairwise(starts)][-count:]
        reach = min(room, 4 * reach)


def _is_line_start(text: str, offset: int) -> bool:
    return offset == 0 or text[offset - 1] == "\n" or (text[offset - 1] == "\r" and text[offset : offset + 1] != "\n")


def _tail(text: str, first_line: int, count_tokens: CountTokens, budget: int) -> str:
    """The end of a text, from the earliest line that fits. `first_line` is the number of its first line in the file."""
    starts = [0, *(ending.end() for ending in LINE_END.finditer(text) if ending.end() < len(text))]
    snapped = [start for number, start in enumerate(starts, first_line) if number % _SNAP_LINES == 0]
    inside = range(starts[-1], len(text) + 1)
    start = _first([starts[:1], snapped, starts, inside], lambda start: count_tokens(text[start:]) <= budget)
    return text[len(text) if start is None else start :]


def _head(text: str, count_tokens: CountTokens, budget: int) -> str:
    """The beginning of a text, up to the latest line that fits."""
    ends = [ending.end() for ending in LINE_END.finditer(text)][::-1]
    inside = range(ends[-1] if ends else len(text), -1, -1)
    snapped = ends[::-1][_SNAP_LINES - 1 :: _SNAP_LINES][::-1]
    end = _first([[len(text)], snapped, ends, inside], lambda end: count_tokens(text[:end]) <= budget)
    return text[: end or 0]


def _first(choices: Sequence[Sequence[int]], fits: Callable[[int], bool]) -> int | None:
    """From the first list that has one, the first place that fits; in each list the pieces get smaller."""
    for places in choices:
        found = bisect_left(places, True, key=fits)
        if found < len(places):
            return places[found]
    return None


def _snippets(snippets: Sequence[Snippet], count_tokens: CountTokens, room: int) -> tuple[Snippet, ...]:
    """Those that fit, from the last; one that does not is cut to its first lines and ends the list."""
    kept: list[Snippet] = []
    for snippet in reversed([one for one in snippets if one.text]):

        def cost(text: str, path: str = snippet.path) -> int:
            return count_tokens(f"# {path}\n{text}\n")

        text = _head(snippet.text, cost, room) if room > 0 else ""
        if not text or (text != snippet.text and "\n" not in text):
            break
        kept.append(replace(snippet, text=text))
        if text != snippet.text:
            break
        room -= cost(text)
    return tuple(reversed(kept))
