"""The KV cache of one llama.cpp context: which tokens its sequences hold, and how the next prompt gets into them.

`follow` rearranges cells by the plan of `kv`, `advance` evaluates what is left, a micro-batch at a time. Between any
two steps the book-keeping is true, so whoever interrupts an evaluation loses nothing but the micro-batch at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from coder_tui.engine import kv
from coder_tui.engine.kv import Held, Move, Plan, Policy, Run, common_prefix

SEQUENCES = 2 * Policy().most + 2
"""A plan's runs, those that an earlier one left over, the sequence itself, and the one that is being refreshed."""


class Interrupted(Exception):  # noqa: N818 - a signal between loops of this package, not an error
    """An evaluation was stopped from outside; the cells are as before it."""


class WindowFull(Exception):  # noqa: N818 - likewise
    """There are no cells for more tokens."""


class Memory(Protocol):
    """A context's cells. Ranges are positions; a stop of -1 is the end."""

    def evaluate(self, sequence: int, tokens: Sequence[int], start: int, *, logits: int) -> None:
        """Append tokens to a sequence at position `start`, and compute logits for the last `logits` of them.

        Raises Interrupted or WindowFull, and then has changed nothing.
        """

    def copy(self, source: int, target: int, start: int, stop: int) -> None:
        """Let the cells of one sequence belong to another one too."""

    def remove(self, sequence: int, start: int, stop: int) -> bool:
        """Take cells out of a sequence; False when the model cannot forget a part."""

    def shift(self, sequence: int, start: int, stop: int, distance: int) -> None:
        """Change the positions of cells."""


@dataclass(slots=True)
class _Line:
    """A sequence that begins at position 0."""

    sequence: int
    tokens: list[int] = field(default_factory=list[int])
    exact: int = 0


class Cache:
    """Book-keeping over a Memory whose sequences 0 to SEQUENCES - 1 are its own."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._spare = set(range(1, SEQUENCES))
        self._front = _Line(0)
        self._back: _Line | None = None
        """A copy in which inexact cells are evaluated anew, see `refresh`."""
        self._waiting: dict[int, Run] = {}
        self._moves: list[tuple[int, Move]] = []
        """Moves still to be done, each with the sequence in which its cells wait, already at their new positions."""
        self._wanted: Sequence[int] = ()
        self.evaluated = 0
        """Tokens evaluated so far, since the beginning."""

    @property
    def tokens(self) -> Sequence[int]:
        """What the sequence holds, by position."""
        return self._front.tokens

    @property
    def exact(self) -> int:
        """So many of the first cells are as a fresh evaluation would make them."""
        return self._front.exact

    def follow(self, wanted: Sequence[int], movable: Sequence[tuple[int, int]], policy: Policy) -> Plan:
        """Make room for a prompt, keep and move what can be; `advance` until it says that all is there."""
        front, memory = self._front, self._memory
        plan = kv.plan(Held(front.tokens, front.exact, self._waiting), wanted, movable, policy)
        if plan.moves and self._back is not None:
            self._drop_back()  # it may share cells that are going to be moved
        moves = [(self._set_aside(move), move) for move in plan.moves]
        self._drop_waiting()
        self.cut(plan.keep)
        for sequence, move in moves:
            memory.shift(sequence, move.start, move.start + move.length, move.to - move.start)
            self._waiting[sequence] = Run(move.to, wanted[move.to : move.end])
        self._wanted, self._moves = wanted, moves
        return plan

    def advance(self, most: int) -> bool:
        """Evaluate the next tokens of the prompt, at most so many; whether all of it is in place, with logits."""
        front, memory = self._front, self._memory
        while self._moves and self._moves[0][1].to == len(front.tokens):
            sequence, move = self._moves.pop(0)
            memory.copy(sequence, front.sequence, move.to, move.end)
            front.tokens += self._waiting[sequence].tokens
            self._free(sequence)
        start = len(front.tokens)
        stop = min(self._moves[0][1].to if self._moves else len(self._wanted), start + most)
        last = stop == len(self._wanted)
        self._evaluate(front, self._wanted[start:stop], logits=int(last))
        return last

    def append(self, tokens: Sequence[int]) -> None:
        """Evaluate tokens behind the others, with logits for each."""
        self._evaluate(self._front, tokens, logits=len(tokens))

    def cut(self, keep: int) -> None:
        """Drop the cells from position `keep` on. Models that cannot forget a part forget all."""
        front = self._front
        if keep < len(front.tokens):
            if not self._memory.remove(front.sequence, keep, -1):
                self._memory.remove(front.sequence, 0, -1)
                keep = 0
            del front.tokens[keep:]
            front.exact = min(front.exact, keep)

    def refresh(self, wanted: Sequence[int]) -> int:
        """Begin to evaluate exactly what of `wanted` is there inexactly only; how many tokens that needs.

        It happens in a copy of the exact beginning, so that the sequence itself stays usable whenever this is
        interrupted, and goes on later where it was.
        """
        front, back = self._front, self._back
        known = common_prefix(front.tokens, wanted)
        self._wanted = wanted
        if front.exact >= known and known == len(wanted):
            self._drop_back()  # of another text, or it would be done
            return 0
        if back is None or common_prefix(back.tokens, wanted) < min(front.exact, known):
            self._drop_back()
            back = self._back = _Line(self._spare.pop())
            keep = min(front.exact, known)
            self._memory.copy(front.sequence, back.sequence, 0, keep)
            back.tokens, back.exact = list(wanted[:keep]), keep
        keep = min(common_prefix(back.tokens, wanted), len(wanted) - 1)
        if keep < len(back.tokens):
            self._memory.remove(back.sequence, keep, -1)
            del back.tokens[keep:]
            back.exact = keep
        return len(wanted) - keep

    def advance_refresh(self, most: int) -> bool:
        """The next tokens of a refresh; whether it is done, and has taken the place of the sequence."""
        back = self._back
        if back is None:
            return True
        start = len(back.tokens)
        stop = min(len(self._wanted), start + most)
        self._evaluate(back, self._wanted[start:stop], logits=int(stop == len(self._wanted)))
        if stop < len(self._wanted):
            return False
        self._drop_waiting()
        self._memory.remove(self._front.sequence, 0, -1)
        self._spare.add(self._front.sequence)
        self._front, self._back = back, None
        return True

    def adopt(self, tokens: Sequence[int], exact: int) -> None:
        """The sequence's cells have been replaced from outside, by those of these tokens."""
        self._drop_back()
        self._drop_waiting()
        self._front.tokens, self._front.exact = list(tokens), exact

    @property
    def sequence(self) -> int:
        """The id of the sequence, for saving and restoring its cells."""
        return self._front.sequence

    def _evaluate(self, line: _Line, tokens: Sequence[int], *, logits: int) -> None:
        start = len(line.tokens)
        try:
            self._memory.evaluate(line.sequence, tokens, start, logits=logits)
        except WindowFull:
            if self._back is None or self._back is line:
                raise
            self._drop_back()
            self._memory.evaluate(line.sequence, tokens, start, logits=logits)
        self.evaluated += len(tokens)
        if line.exact == start:
            line.exact += len(tokens)
        line.tokens += tokens

    def _set_aside(self, move: Move) -> int:
        """Copy a move's cells into a sequence of their own."""
        sequence = self._spare.pop()
        source = self._front.sequence if move.source == kv.FRONT else move.source
        self._memory.copy(source, sequence, move.start, move.start + move.length)
        return sequence

    def _drop_waiting(self) -> None:
        self._moves = []
        for sequence in list(self._waiting):
            self._free(sequence)

    def _free(self, sequence: int) -> None:
        self._memory.remove(sequence, 0, -1)
        del self._waiting[sequence]
        self._spare.add(sequence)

    def _drop_back(self) -> None:
        if self._back is not None:
            self._memory.remove(self._back.sequence, 0, -1)
            self._spare.add(self._back.sequence)
            self._back = None
