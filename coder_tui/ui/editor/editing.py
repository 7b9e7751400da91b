"""Keys that change whole lines, or how far in they begin: indentation, comments, moving them. A part of CodeArea."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coder_tui.core import indentation
from coder_tui.core import lines as whole
from coder_tui.core.brackets import CLOSERS
from coder_tui.core.standins import held
from coder_tui.prompts.languages import Language
from coder_tui.ui.textual_compat import EditorArea, Selection

LineChange = Callable[[Sequence[str]], list[str]]


class EditingArea(EditorArea):
    """An area in which lines are edited as lines."""

    unit = "    "
    """One step of indentation."""
    kind: Language | None = None
    """What the file is written in."""

    def action_tab(self) -> None:
        """A step of indentation at the cursor; with several lines selected all of them go in."""
        if self.selection.start[0] != self.selection.end[0]:
            self.action_indent()
        else:
            self.type_text("\t" if self.unit == "\t" else " " * self._cells_to_step())

    def action_indent(self) -> None:
        self._on_lines(lambda lines: whole.indented(lines, self.unit))

    def action_outdent(self) -> None:
        self._on_lines(lambda lines: whole.outdented(lines, self.unit))

    def action_comment(self) -> None:
        if self.kind is not None:
            start, end = self.kind.comment, self.kind.comment_end
            self._on_lines(lambda lines: whole.commented(lines, start, end))

    def action_enter(self) -> None:
        """A new line with the indentation that belongs there."""
        if self.read_only:
            return
        top, bottom = sorted(self.selection)
        left, right = self.document.get_line(top[0])[: top[1]], self.document.get_line(bottom[0])[bottom[1] :]
        by_blocks = self.kind is not None and self.kind.by_blocks
        before, behind = indentation.new_line(left, right, self.unit, by_blocks=by_blocks)
        if left.isspace() and self.selection.is_empty:
            self.delete((top[0], 0), top)  # no line of nothing but spaces is left behind
        self.type_text(before + behind)
        if behind:
            self.move_cursor((top[0] + 1, len(before) - 1))

    def action_delete_left(self) -> None:
        """The character before the cursor; in the indentation a step of it."""
        line, column = self.cursor_location
        left = self.document.get_line(line)[:column]
        if self.read_only or not self.selection.is_empty or len(left) < 2 or left.strip(" "):
            super().action_delete_left()
        else:
            self.delete((line, (column - 1) // len(self.unit) * len(self.unit)), (line, column))

    def outdent_for(self, character: str) -> None:
        """A character is about to be typed: a line that it makes the end of a block, or another part of a statement,
        goes out to where that began."""
        line, column = self.cursor_location
        text = self.document.get_line(line)
        left, right = text[:column], text[column:]
        if self.read_only or not self.selection.is_empty:
            return
        space: str | None = None
        if character in CLOSERS and left.isspace():
            space = indentation.of_closer(self.document.lines, line, character)
        elif character == ":" and self.kind is not None and self.kind.by_blocks and not right.strip():
            space = indentation.of_clause(self.document.lines, line, left)
        if space is not None and len(space) < len(indentation.space_of(left)):
            self.delete((line, len(space)), (line, len(indentation.space_of(left))))

    def action_line_up(self) -> None:
        self._move_lines(-1)

    def action_line_down(self) -> None:
        self._move_lines(1)

    def action_delete_line(self) -> None:
        first, last = self.selected_lines()
        if self.read_only:
            return
        end = (last + 1, 0) if last + 1 < self.document.line_count else (last, len(self.document.get_line(last)))
        start = (first, 0)
        if end[0] == last and first:  # the last line takes the line end before it along
            start = (first - 1, len(self.document.get_line(first - 1)))
        self.delete(start, end, maintain_selection_offset=False)

    def insert_text(self, text: str) -> None:
        """LF text of somebody else's in place of the selection."""
        if not self.read_only:
            self.type_text(held(text))

    def selected_lines(self) -> tuple[int, int]:
        """(first, last) line that the selection touches; one that ends at a line's beginning does not touch it."""
        top, bottom = sorted(self.selection)
        last = bottom[0] - (bottom[0] > top[0] and bottom[1] == 0)
        return top[0], last

    def replace_lines(self, first: int, last: int, lines: list[str]) -> None:
        """Whole lines in place of others, as one step of undo."""
        end = (last, len(self.document.get_line(last)))
        self.history.checkpoint()
        self.replace("\n".join(lines), (first, 0), end)
        self.history.checkpoint()

    def _cells_to_step(self) -> int:
        width = len(self.unit)
        return width - self.get_column_width(*self.cursor_location) % width

    def _on_lines(self, change: LineChange) -> None:
        if self.read_only:
            return
        first, last = self.selected_lines()
        old = [self.document.get_line(line) for line in range(first, last + 1)]
        new = change(old)
        if new == old:
            return
        start, end = self.selection
        moved = {
            line: len(fresh) - len(gone) for line, (gone, fresh) in enumerate(zip(old, new, strict=True), start=first)
        }
        self.replace_lines(first, last, new)
        self.selection = Selection(
            (start[0], max(0, start[1] + moved.get(start[0], 0))), (end[0], max(0, end[1] + moved.get(end[0], 0)))
        )

    def _move_lines(self, by: int) -> None:
        first, last = self.selected_lines()
        if self.read_only or first + by < 0 or last + by >= self.document.line_count:
            return
        start, end = self.selection
        block = [self.document.get_line(line) for line in range(first, last + 1)]
        other = self.document.get_line(first - 1 if by < 0 else last + 1)
        lines = [*block, other] if by < 0 else [other, *block]
        self.replace_lines(min(first, first + by), max(last, last + by), lines)
        self.selection = Selection((start[0] + by, start[1]), (end[0] + by, end[1]))
