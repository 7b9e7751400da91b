"""What to do with the KV cache before a prompt: a pure plan from the cells it holds and the tokens wanted.

A sequence's cells are kept as far as its tokens are the wanted ones. Behind that, in exact mode, everything is
evaluated. In moved mode runs of the old cells are moved to their new positions instead (llama.cpp turns their keys by
the distance), where the prompt says that this text may be moved; only the first `refresh` tokens of a run, which the
marker before them belongs to, are evaluated again. The moved cells still know the older text before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

FRONT = -1
"""In a Move: from the sequence that the prompt is built in, not from a waiting run."""

_NGRAM = 12
"""Tokens that must be the same for a run to be found."""
_CANDIDATES = 8
"""Places tried for the same n-gram; code repeats itself."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive cells, by the position of the first."""

    start: int
    tokens: Sequence[int]

    @property
    def stop(self) -> int:
        return self.start + len(self.tokens)


@dataclass(slots=True)
class Line:
    """The cells of a sequence, from position 0."""

    sequence: int
    tokens: list[int] = field(default_factory=list[int])
    exact: int = 0
    """So many of the first ones are as a fresh evaluation would make them."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the cache holds for a plan to use."""

    tokens: Sequence[int]
    """Of the sequence, from position 0."""
    exact: int
    """So many of its first cells are as a fresh evaluation would make them."""
    waiting: Mapping[int, Run] = field(default_factory=dict[int, Run])
    """Runs set aside in sequences of their own, left over when a plan was not followed to its end."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How far reuse goes."""

    moves: bool = False
    refresh: int = 8
    """First tokens of a moved run that are evaluated again (FINDINGS.md, "Moving the suffix's KV cells")."""
    shortest: int = 48
    """Shorter runs are evaluated: moving has a price too, about that of ten tokens on a CPU."""
    most: int = 3
    """Runs moved at once."""


@dataclass(frozen=True, slots=True)
class Move:
    """`length` cells from position `start` of a sequence to position `to`."""

    source: int
    """FRONT, or the id of a waiting run's sequence."""
    start: int
    to: int
    length: int

    @property
    def end(self) -> int:
        return self.to + self.length


@dataclass(frozen=True, slots=True)
class Plan:
    """Keep the first `keep` cells; of the wanted tokens behind them evaluate those that no move provides."""

    keep: int
    moves: tuple[Move, ...] = ()
    """By `to`; they overlap neither where they come from nor where they go."""

    @property
    def moved(self) -> int:
        return sum(move.length for move in self.moves)

    @property
    def reused(self) -> int:
        """Tokens that need not be evaluated."""
        return self.keep + self.moved


def plan(held: Held, wanted: Sequence[int], movable: Sequence[tuple[int, int]], policy: Policy) -> Plan:
    """How to come from what is held to `wanted`, at least one token.

    `movable` are the ranges (start, stop) of `wanted` that may be moved, ascending. The last wanted token is always
    evaluated, since only an evaluation gives the logits that the next token is chosen from.
    """
    keep = min(common_prefix(held.tokens, wanted), len(wanted) - 1)
    if not policy.moves:
        return Plan(min(keep, held.exact))
    ranges = [(max(start, keep), min(stop, len(wanted) - 1)) for start, stop in movable]
    ranges = [(start, stop) for start, stop in ranges if stop - start >= policy.refresh + policy.shortest]
    if not ranges:
        return Plan(keep)
    sources = {FRONT: Run(keep, held.tokens[keep:]), **held.waiting}
    longest = sorted(_matches(sources, wanted, ranges), key=lambda move: -move.length)
    chosen = [_refreshed(move, policy.refresh) for move in _apart(longest) if _pays(move, policy)]
    return Plan(keep, tuple(sorted(chosen[: policy.most], key=lambda move: move.to)))


def common_prefix(a: Sequence[object], b: Sequence[object]) -> int:
    """Length of the longest common prefix."""
    for index, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return index
    return min(len(a), len(b))


def _pays(move: Move, policy: Policy) -> bool:
    return move.length >= policy.refresh + policy.shortest


def _refreshed(move: Move, refresh: int) -> Move:
    return Move(move.source, move.start + refresh, move.to + refresh, move.length - refresh)


def _matches(sources: Mapping[int, Run], wanted: Sequence[int], ranges: Sequence[tuple[int, int]]) -> Iterator[Move]:
    """Runs of wanted tokens that some source has too, from left to right."""
    places: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for source, run in sources.items():
        for index in range(len(run.tokens) - _NGRAM + 1):
            found = places.setdefault(tuple(run.tokens[index : index + _NGRAM]), [])
            if len(found) < _CANDIDATES:
                found.append((source, index))
    for start, stop in ranges:
        at = start
        while at + _NGRAM <= stop:
            lengths = [
                (_length(sources[source].tokens, index, wanted, at, stop), source, index)
                for source, index in places.get(tuple(wanted[at : at + _NGRAM]), ())
            ]
            if not lengths:
                at += 1
                continue
            length, source, index = max(lengths)
            yield Move(source, sources[source].start + index, at, length)
            at += length


def _length(tokens: Sequence[int], index: int, wanted: Sequence[int], at: int, stop: int) -> int:
    """How many tokens are the same from these two places on."""
    most = min(len(tokens) - index, stop - at)
    return common_prefix(tokens[index : index + most], wanted[at : at + most])


def _apart(moves: Sequence[Move]) -> Iterator[Move]:
    """Those that share no cell with an earlier one: a cell can go to one place only."""
    taken: list[Move] = []
    for move in moves:
        if not any(move.source == other.source and _overlap(move, other) for other in taken):
            taken.append(move)
            yield move


def _overlap(one: Move, other: Move) -> bool:
    return one.start < other.start + other.length and other.start < one.start + one.length
