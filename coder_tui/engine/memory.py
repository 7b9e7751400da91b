"""What the cells of a llama.cpp context can be asked to do, and what can come in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Interrupted(Exception):  # noqa: N818 - a signal between loops of this package, not an error
    """An evaluation was stopped from outside; the cells are as before it."""


class WindowFull(Exception):  # noqa: N818 - likewise
    """There are no cells for more tokens."""


@dataclass(frozen=True, slots=True)
class State:
    """A copy of a sequence's cells."""

    tokens: Sequence[int]
    """By position."""
    exact: int
    """So many of the first cells are as a fresh evaluation would make them."""
    cells: memoryview
    """As llama_state_seq_get_data gives them; writable."""


class Memory(Protocol):
    """A context's cells. Ranges are positions; a stop of -1 is the end."""

    def evaluate(self, sequence: int, tokens: Sequence[int], start: int, *, logits: int) -> None:
        """Append tokens to a sequence at position `start`, and compute logits for the last `logits` of them.

        Raises Interrupted or WindowFull, and then has changed nothing.
        """

    def evaluate_both(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> None:
        """The same for several sequences at once, each (sequence, tokens, start), with logits for the last of each."""

    def copy(self, source: int, target: int, start: int, stop: int) -> None:
        """Let the cells of one sequence belong to another one too."""

    def remove(self, sequence: int, start: int, stop: int) -> bool:
        """Take cells out of a sequence; False when the model cannot forget a part."""

    def shift(self, sequence: int, start: int, stop: int, distance: int) -> None:
        """Change the positions of cells."""

    def state(self, sequence: int) -> memoryview:
        """A copy of a sequence's cells, in writable memory."""

    def state_bytes(self, sequence: int) -> int:
        """How large that is."""

    def set_state(self, sequence: int, cells: memoryview) -> bool:
        """Put such a copy in place of a sequence's cells. False when that cannot be: then the sequence has none."""
