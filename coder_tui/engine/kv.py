"""What to do with the KV cache before a request: a pure plan from the tokens it holds and the tokens wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Keep the first `keep` cells of the sequence, drop the others, evaluate `evaluate` from position `keep` on."""

    keep: int
    evaluate: tuple[int, ...]


def plan(cached: Sequence[int], wanted: Sequence[int]) -> Plan:
    """Reuse the longest common prefix.

    `cached` are the tokens in the sequence's cells, by position; `wanted` is the prompt, at least one token. The last
    wanted token is always evaluated, since only an evaluation gives the logits that the next token is chosen from.
    """
    keep = min(common_prefix(cached, wanted), len(wanted) - 1)
    return Plan(keep, tuple(wanted[keep:]))


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the longest common prefix."""
    for index, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return index
    return min(len(a), len(b))
