"""The colours of code from its syntax tree, kept up from edit to edit: only what an edit changed is parsed again, and
only the lines that somebody looks at are asked for their colours. No text is held here but what the tree was made of.

tree-sitter's objects belong to the thread that made them: a SyntaxColours stays in one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from coder_tui.context import grammars

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Query, Tree

Piece = tuple[int, int, str]
"""(first column, column behind the last, name of a style)."""

_SLICE_US = 5_000
"""A parse pauses after so long, and goes on when it is called again. (tree-sitter 0.25: the `progress_callback` that is
to take the place of this one crashes when it says stop.)"""
_STYLES = {
    "attribute": "function", "boolean": "constant", "character": "string", "comment": "comment",
    "constant": "constant", "constructor": "type", "escape": "constant", "float": "number", "function": "function",
    "function.builtin": "builtin", "function.method.builtin": "builtin", "keyword": "keyword", "label": "constant",
    "module": "type", "number": "number", "string": "string", "string.escape": "constant",
    "string.special.symbol": "constant", "tag": "keyword", "type": "type", "type.builtin": "builtin",
    "variable.builtin": "constant",
}  # fmt: skip
"""Names of styles for what the queries capture; what is not here, nor the part of it before a dot, is drawn plainly."""


class SyntaxColours:
    """The colours of one text in a language that has a grammar. It is told of every edit, and works in slices."""

    is_plain = False

    def __init__(self, language: str, lines: Sequence[str]) -> None:
        """A language without a grammar is a KeyError later."""
        self._language = language
        self._reader: tuple[Parser, Query] | None = None
        self._is_due = False
        """Whether the grammar has to be loaded now."""
        self._tree: Tree | None = None
        self._sizes: list[int] = []
        """Bytes of each line that the tree was made of."""
        self._changed: tuple[int, int, int] | None = (0, 0, len(lines))
        """(first, lines there were, lines there are) of what is not in the tree yet."""
        self._parsing: tuple[bytes, Tree | None, list[int]] | None = None
        """(the text, the old tree told of the change, bytes of each line) while a parse pauses."""
        self.is_doubtful = False
        """Whether it was parsed on from a text with errors: from the beginning it may be understood otherwise."""
        self._pieces: list[list[Piece]] = [[] for _ in lines]
        self._known = bytearray(len(lines))
        """For each line, whether its pieces are those of the tree."""

    def pieces(self, line: int) -> list[Piece]:
        """The coloured parts of a line, in order. Those of a line not yet reached are from before the edit."""
        return self._pieces[line] if line < len(self._pieces) else []

    def edited(self, first: int, old: int, new: int) -> None:
        """Lines from `first` on were replaced: `old` of them by `new`."""
        before = self._pieces[first] if first < len(self._pieces) else []
        self._pieces[first : first + old] = [before, *([] for _ in range(new - 1))][:new]
        self._known[first : first + old] = bytes(new)
        self._changed = (first, old, new) if self._changed is None else _joined(self._changed, (first, old, new))
        self._begin_again()

    def renew(self) -> None:
        """Parse from the beginning, as `advance` comes to it."""
        self._tree, self._changed = None, (0, len(self._pieces), len(self._pieces))
        self._begin_again()

    def _begin_again(self) -> None:
        if self._parsing is not None and self._reader is not None:
            self._parsing = None
            self._reader[0].reset()

    def advance(self, lines: Sequence[str], start: int, stop: int, budget_ms: float) -> bool:
        """Work on until the lines from `start` to `stop` have their colours or the time is over; whether there is
        nothing left to do."""
        del budget_ms  # a slice is of a fixed length, and what follows it takes a millisecond for a screenful
        reader = self._reader = self._reader or self._made()
        if reader is None or (self._changed is not None and not self._parse(reader[0], lines)):
            return False
        for first, last in self._unknown(start, min(stop, len(lines))):
            self._read(reader[1], lines, first, last)
        return True

    def _made(self) -> tuple[Parser, Query] | None:
        """A parser, and what to ask its trees. Loading a grammar takes 40 ms, which the first picture of a text does
        without."""
        if not (self._is_due or grammars.is_loaded(self._language)):
            self._is_due = True
            return None
        from tree_sitter import Parser

        grammar, query = grammars.colouring(self._language)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return Parser(grammar, timeout_micros=_SLICE_US), query

    def _parse(self, parser: Parser, lines: Sequence[str]) -> bool:
        """A slice of bringing the tree up to the text; whether it is."""
        if self._parsing is None:
            encoded = [line.encode("utf-8", "replace") for line in lines]
            sizes = list(map(len, encoded))
            self._parsing = b"\n".join(encoded), self._told(sizes), sizes
        text, told, sizes = self._parsing
        try:
            tree = parser.parse(text) if told is None else parser.parse(text, told)
        except ValueError:  # the time is over
            return False
        if told is None:
            self._known = bytearray(len(lines))
        else:
            for one in told.changed_ranges(tree):
                stop = min(one.end_point.row + 1, len(lines))
                self._known[one.start_point.row : stop] = bytes(max(0, stop - one.start_point.row))
        self.is_doubtful = told is not None and (told.root_node.has_error or tree.root_node.has_error)
        self._tree, self._sizes, self._changed, self._parsing = tree, sizes, None, None
        return True

    def _told(self, sizes: list[int]) -> Tree | None:
        """A copy of the tree that knows what has changed; None where there is no tree yet."""
        if self._tree is None or self._changed is None:
            return None
        first, old, new = self._changed
        tree = self._tree.copy()
        start = sum(self._sizes[:first]) + first
        ends = [
            (first + count - 1, counted[first : first + count]) for counted, count in ((self._sizes, old), (sizes, new))
        ]
        (old_row, old_sizes), (new_row, new_sizes) = ends
        tree.edit(
            start,
            start + sum(old_sizes) + len(old_sizes) - 1,
            start + sum(new_sizes) + len(new_sizes) - 1,
            (first, 0),
            (old_row, old_sizes[-1]),
            (new_row, new_sizes[-1]),
        )
        return tree

    def _unknown(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Runs of lines without colours: (first, the one behind the last)."""
        for known, group in groupby(range(start, stop), self._known.__getitem__):
            run = list(group)
            if not known:
                yield run[0], run[-1] + 1

    def _read(self, query: Query, lines: Sequence[str], first: int, last: int) -> None:
        """Ask the tree for the colours of some lines."""
        from tree_sitter import QueryCursor

        if self._tree is None:
            return
        cursor = QueryCursor(query)
        cursor.set_point_range((first, 0), (last, 0))
        found: list[tuple[tuple[int, int, bool, int], Node, str]] = []
        for number, captures in cursor.matches(self._tree.root_node):
            for name, nodes in captures.items():
                style = _style(name)
                found += [((node.start_byte, -node.end_byte, bool(style), number), node, style) for node in nodes]
        # What is inside lies over what is around it. Of patterns for the same node the later one counts, in some
        # grammars the earlier one: there what comes later is for what is drawn plainly.
        found.sort(key=lambda one: one[0])
        rows: list[list[tuple[int, int, str]]] = [[] for _ in range(first, last)]
        for _, node, style in found:
            (row, column), (end_row, end_column) = node.start_point, node.end_point
            for at in range(max(row, first), min(end_row, last - 1) + 1):
                rows[at - first].append((column if at == row else 0, end_column if at == end_row else -1, style))
        for at, paints in enumerate(rows, first):
            self._pieces[at] = _flat(lines[at], paints)
        self._known[first:last] = b"\1" * (last - first)


def _joined(before: tuple[int, int, int], then: tuple[int, int, int]) -> tuple[int, int, int]:
    """Two changes as one. The second is in lines as the first has left them."""
    first = min(before[0], then[0])
    end = max(before[0] + before[2], then[0] + then[1])
    """Behind the last line that either has to do with, between the two."""
    return first, end - first + before[1] - before[2], end - first + then[2] - then[1]


def _style(name: str) -> str:
    while name not in _STYLES and "." in name:
        name = name.rpartition(".")[0]
    return _STYLES.get(name, "")


def _flat(line: str, paints: Sequence[tuple[int, int, str]]) -> list[Piece]:
    """Pieces side by side from paints, in columns of bytes, of which later ones lie over earlier ones."""
    size = len(line) if line.isascii() else len(line.encode("utf-8", "replace"))
    cells = [""] * size
    for start, stop, style in paints:
        last = size if stop < 0 else min(stop, size)
        cells[start:last] = [style] * (last - start)
    pieces: list[Piece] = []
    at = 0
    for style, group in groupby(cells):
        end = at + sum(1 for _ in group)
        if style:
            pieces.append((at, end, style))
        at = end
    return pieces if line.isascii() else _in_characters(line, pieces)


def _in_characters(line: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Columns of code points from columns of bytes."""
    columns: list[int] = []
    for number, character in enumerate(line):
        columns += [number] * len(character.encode("utf-8", "replace"))
    columns.append(len(line))
    return [(columns[start], columns[end], style) for start, end, style in pieces]
