"""Prompts that a KV cache held before it went on to another one, in the host's memory: who comes back to a place in a
file, to another file or to a chat does not wait until it has been read again. (llama-server's `--cache-ram`.)
"""

from __future__ import annotations

from collections.abc import Sequence

from coder_tui.engine import kv
from coder_tui.engine.cache import Cache
from coder_tui.engine.kv import Held, Policy, common_prefix
from coder_tui.engine.memory import Memory, State

_WORTH = 256
"""Tokens. Fewer are evaluated again: as many come and go with a long suggestion."""


class PromptCache:
    """What a Cache held in a Memory, up to `most_bytes`; the longest unused goes first."""

    def __init__(self, cache: Cache, memory: Memory, most_bytes: int, worth: int = _WORTH) -> None:
        self._cache, self._memory, self._most_bytes, self._worth = cache, memory, most_bytes, worth
        self._states: list[State] = []
        """The latest last."""

    @property
    def bytes(self) -> int:
        """Size of all that is kept."""
        return sum(len(state.cells) for state in self._states)

    def turn_to(self, wanted: Sequence[int], movable: Sequence[tuple[int, int]], policy: Policy) -> None:
        """Before `Cache.follow`: bring back what saves most of this prompt's evaluation, and keep what that, or the
        prompt itself, pushes out."""
        held = self._cache.held
        longer = max(len(held.tokens), len(wanted))
        if not self._most_bytes or longer - common_prefix(held.tokens, wanted) < self._worth:
            return
        here = self._cache.reused(wanted, movable, policy)
        best, _ = self._best(wanted, movable, policy, here)
        if best is not None:
            self._states = [state for state in self._states if state is not best]
            self.keep()
            self._cache.take(best)
        elif len(held.tokens) - here >= self._worth:
            self.keep()

    def missing(self, wanted: Sequence[int], movable: Sequence[tuple[int, int]], policy: Policy) -> int:
        """Tokens of a prompt that would have to be evaluated."""
        return len(wanted) - self._best(wanted, movable, policy, self._cache.reused(wanted, movable, policy))[1]

    def _best(
        self, wanted: Sequence[int], movable: Sequence[tuple[int, int]], policy: Policy, here: int
    ) -> tuple[State | None, int]:
        """What to bring back, None where that is not worth it, and the tokens that need not be evaluated then; `here`
        so many need not without it."""
        best, most = None, here + self._worth - 1
        for state in self._states if len(wanted) > most else ():
            there = kv.plan(Held(state.tokens, state.exact), wanted, movable, policy).reused
            if there > most:
                best, most = state, there
        return best, most if best is not None else here

    def earlier(self, wanted: Sequence[int]) -> State | None:
        """What is kept of a prompt, where that is more than the cache has of it now."""
        here = common_prefix(self._cache.tokens, wanted)
        best = max(self._states, key=lambda state: common_prefix(state.tokens, wanted), default=None)
        return best if best is not None and common_prefix(best.tokens, wanted) > here else None

    def set_aside(self, wanted: Sequence[int]) -> None:
        """Another prompt comes in between while this one is being read: what is there of it stays."""
        tokens = self._cache.tokens
        if len(tokens) - common_prefix(tokens, wanted) >= self._worth:
            self.keep()
        self._cache.set_aside(wanted)

    def keep(self) -> None:
        """Keep a copy of what the cache holds, in place of an earlier one of the same text."""
        tokens, size = self._cache.tokens, self._memory.state_bytes(self._cache.sequence)
        if len(tokens) < self._worth or size > self._most_bytes:
            return
        self._states = [one for one in self._states if common_prefix(one.tokens, tokens) < len(one.tokens) // 2]
        while self.bytes + size > self._most_bytes:
            del self._states[0]
        self._states.append(self._cache.state())
