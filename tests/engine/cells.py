"""A model of llama.cpp's KV cells: what each was computed from, and what llama.cpp refuses to do."""

from __future__ import annotations

import json
import random
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

    def state_bytes(self, sequence: int) -> int:
        return len(self.state(sequence))

    def state(self, sequence: int) -> memoryview:
        line = [(cell.token, cell.position, cell.seen) for cell in self.line(sequence)]
        return memoryview(bytearray(json.dumps(line).encode()))

    def set_state(self, sequence: int, cells: memoryview) -> bool:
        self.remove(sequence, 0, -1)
        line = [Cell(token, position, {sequence}, tuple(seen)) for token, position, seen in json.loads(bytes(cells))]
        if len(self.cells) + len(line) > self.size:
            return False
        self.cells += line
        return True

    def _range(self, sequence: int, start: int, stop: int) -> list[Cell]:
        return [cell for cell in self.line(sequence) if start <= cell.position and (stop < 0 or cell.position < stop)]


def true_beside(cache: Cache, cells: Cells, wanted: list[int]) -> None:
    """The prompt is there without what was left out, and shares its beginning."""
    assert cache.has_beside
    line = cells.line(cache.beside)
    assert [cell.token for cell in line] == wanted
    assert [cell.position for cell in line] == list(range(len(wanted)))
    if cache.held.exact == len(cache.tokens):
        assert line[-1].seen == tuple(wanted)


def true_front(cache: Cache, cells: Cells) -> None:
    """What the book says is what the cells hold."""
    line = cells.line(cache.sequence)
    assert [cell.position for cell in line] == list(range(len(line)))
    assert [cell.token for cell in line] == list(cache.tokens)
    for cell in line[: cache.held.exact]:
        assert cell.seen == tuple(cache.tokens[: cell.position + 1])
    for cell in line:
        assert cell.seen[-1] == cell.token


class Typist:
    """Makes the prompts of somebody who edits: prefix, marker, suffix, marker, line."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._text = [dice.randrange(60) for _ in range(dice.randrange(90))]
        self._at = dice.randrange(len(self._text) + 1)

    def prompt(self) -> tuple[list[int], list[tuple[int, int]]]:
        dice = self._dice
        match dice.randrange(6):
            case 0:
                self._at = dice.randrange(len(self._text) + 1)
            case 1:
                self._text[self._at : self._at + dice.randrange(5)] = []
            case 2 | 3:
                typed = [dice.randrange(60) for _ in range(dice.randrange(1, 12))]
                self._text[self._at : self._at] = typed
                self._at += len(typed)
            case 4:
                start = dice.randrange(len(self._text) + 1)
                pasted = self._text[start : start + dice.randrange(40)]
                self._text[self._at : self._at] = pasted
            case _:
                pass
        begin = max(0, self._at - 60) // 16 * 16
        prefix, suffix = self._text[begin : self._at], self._text[self._at :][:60]
        body = [100, *prefix, 101, *suffix]
        return [*body, 102, *prefix[-dice.randrange(4) :]], [(1, len(body))]
