"""A model of llama.cpp's KV cells: what each was computed from, and what llama.cpp refuses to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from coder_tui.engine.cache import SEQUENCES, Cache
from coder_tui.engine.memory import Interrupted, WindowFull


@dataclass(eq=False, slots=True)
class Cell:
    token: int
    position: int
    sequences: set[int]
    seen: tuple[int, ...]
    """All tokens that it attended to, itself included, as they were."""


@dataclass(slots=True)
class Cells:
    """A `cache.Memory` of so many cells, without numbers in them."""

    size: int = 10_000
    forgets: bool = True
    """False: as recurrent models, of which nothing can be removed in part."""
    interrupt: Callable[[], bool] = lambda: False
    cells: list[Cell] = field(default_factory=list[Cell])
    evaluated: int = 0

    def line(self, sequence: int) -> list[Cell]:
        return sorted((cell for cell in self.cells if sequence in cell.sequences), key=lambda cell: cell.position)

    def evaluate(self, sequence: int, tokens: Sequence[int], start: int, *, logits: int) -> None:
        assert tokens, "an empty batch"
        assert 0 <= logits <= len(tokens)
        line = self.line(sequence)
        assert [cell.position for cell in line] == list(range(start)), "llama.cpp demands consecutive positions"
        if self.interrupt():
            raise Interrupted
        if len(self.cells) + len(tokens) > self.size:
            raise WindowFull
        seen = tuple(cell.token for cell in line)
        for offset, token in enumerate(tokens):
            seen = (*seen, token)
            self.cells.append(Cell(token, start + offset, {sequence}, seen))
        self.evaluated += len(tokens)

    def evaluate_both(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> None:
        for sequence, tokens, start in parts:
            assert tokens, "nothing to have logits of"
            assert [cell.position for cell in self.line(sequence)] == list(range(start))
        if self.interrupt():
            raise Interrupted
        if len(self.cells) + sum(len(tokens) for _, tokens, _ in parts) > self.size:
            raise WindowFull
        interrupt, self.interrupt = self.interrupt, lambda: False
        for sequence, tokens, start in parts:
            self.evaluate(sequence, tokens, start, logits=1)
        self.interrupt = interrupt

    def copy(self, source: int, target: int, start: int, stop: int) -> None:
        assert 0 <= source < SEQUENCES > target >= 0 != target - source
        for cell in self._range(source, start, stop):
            cell.sequences.add(target)

    def remove(self, sequence: int, start: int, stop: int) -> bool:
        chosen = self._range(sequence, start, stop)
        if not self.forgets and len(chosen) < len(self.line(sequence)):
            return False
        for cell in chosen:
            cell.sequences.discard(sequence)
        self.cells = [cell for cell in self.cells if cell.sequences]
        return True

    def shift(self, sequence: int, start: int, stop: int, distance: int) -> None:
        for cell in self._range(sequence, start, stop):
            assert cell.sequences == {sequence}, "another sequence's cells would move too"
            cell.position += distance
            assert cell.position >= 0

    def _range(self, sequence: int, start: int, stop: int) -> list[Cell]:
        return [cell for cell in self.line(sequence) if start <= cell.position and (stop < 0 or cell.position < stop)]


def true_beside(cache: Cache, cells: Cells, wanted: list[int]) -> None:
    """The prompt is there without what was left out, and shares its beginning."""
    assert cache.has_beside
    line = cells.line(cache.beside)
    assert [cell.token for cell in line] == wanted
    assert [cell.position for cell in line] == list(range(len(wanted)))
    if cache.exact == len(cache.tokens):
        assert line[-1].seen == tuple(wanted)
