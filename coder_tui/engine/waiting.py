"""Runs of cells on their way to another place of a sequence: they wait in sequences of their own until what stands
before them is there."""

from __future__ import annotations

from collections.abc import Sequence

from coder_tui.engine import kv
from coder_tui.engine.kv import Move, Run
from coder_tui.engine.memory import Memory


class Waiting:
    """Of one sequence. `spare` has the ids of sequences that nobody uses."""

    def __init__(self, memory: Memory, spare: set[int]) -> None:
        self._memory, self._spare = memory, spare
        self.runs: dict[int, Run] = {}
        """By their sequences."""
        self._moves: list[tuple[int, Move]] = []
        """Moves still to be done, each with the sequence in which its cells wait, already at their new positions."""

    def lift(self, move: Move, sequence: int) -> tuple[int, Move]:
        """Copy a move's cells, from `sequence` or from a run, into a sequence of their own."""
        own = self._spare.pop()
        source = sequence if move.source == kv.FRONT else move.source
        self._memory.copy(source, own, move.start, move.start + move.length)
        return own, move

    def begin(self, moves: list[tuple[int, Move]], wanted: Sequence[int]) -> None:
        """What was lifted belongs to this prompt."""
        for own, move in moves:
            self._memory.shift(own, move.start, move.start + move.length, move.to - move.start)
            self.runs[own] = Run(move.to, wanted[move.to : move.end])
        self._moves = moves

    def landed(self, sequence: int, length: int) -> list[int]:
        """The tokens of the runs that `sequence`, which has so many, goes on with; their cells are in it then."""
        tokens: list[int] = []
        while self._moves and self._moves[0][1].to == length + len(tokens):
            own, move = self._moves.pop(0)
            self._memory.copy(own, sequence, move.to, move.end)
            tokens += self.runs[own].tokens
            self._free(own)
        return tokens

    def next(self, end: int) -> int:
        """The position of the next run; `end` without one."""
        return self._moves[0][1].to if self._moves else end

    def drop(self) -> None:
        """Forget all runs."""
        self._moves = []
        for own in list(self.runs):
            self._free(own)

    def _free(self, own: int) -> None:
        self._memory.remove(own, 0, -1)
        del self.runs[own]
        self._spare.add(own)
