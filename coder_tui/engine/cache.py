"""The KV cache of one llama.cpp context: which tokens its sequences hold, and how the next prompt gets into them.

`follow` rearranges cells by the plan of `kv`, `advance` evaluates what is left, a micro-batch at a time. Between any
two steps the book-keeping is true, so whoever interrupts an evaluation loses nothing but the micro-batch at hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from coder_tui.engine import kv
from coder_tui.engine.kv import Held, Line, Plan, Policy, common_prefix
from coder_tui.engine.memory import Memory, State, WindowFull
from coder_tui.engine.waiting import Waiting

SEQUENCES = 2 * Policy().most + 3
"""A plan's runs and those left over from an earlier one, the sequence, the one being refreshed, the one beside it."""


class Cache:
    """Book-keeping over a Memory whose sequences 0 to SEQUENCES - 1 are its own."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._spare = set(range(1, SEQUENCES))
        self._front = Line(0)
        self._back: Line | None = None
        """A copy in which inexact cells are evaluated anew, see `refresh`."""
        self._beside: Line | None = None
        """The prompt without a part of it, see `follow`; its beginning shares the cells of the sequence."""
        self._left_out: tuple[int, int] | None = None
        self._shared = 0
        self._waiting = Waiting(memory, self._spare)
        self._wanted: Sequence[int] = ()
        self.evaluated = 0
        """Tokens evaluated so far, since the beginning."""

    @property
    def tokens(self) -> Sequence[int]:
        """What the sequence holds, by position."""
        return self._front.tokens

    @property
    def sequence(self) -> int:
        """The id of the sequence."""
        return self._front.sequence

    @property
    def has_beside(self) -> bool:
        """Whether the prompt is there a second time, without what was to be left out."""
        return self._left_out is not None and self._beside is not None

    def follow(
        self,
        wanted: Sequence[int],
        movable: Sequence[tuple[int, int]],
        policy: Policy,
        left_out: tuple[int, int] | None = None,
    ) -> Plan:
        """Make room for a prompt, keep or move what can be; `advance` until it says that all is there. A second one
        gets it without `left_out`, a range of its tokens; where there is no room for that, `has_beside` gets false."""
        self._left_out = left_out if left_out != (0, len(wanted)) else None
        plan = kv.plan(self.held, wanted, movable, policy)
        if self._known_back(wanted) > plan.reused:
            self._take_back()
            plan = kv.plan(self.held, wanted, movable, policy)
        if plan.moves:  # they may share cells that are going to be moved
            self._drop_back()
            self._drop_beside()
        if plan.keep < self._shared:
            self._drop_beside()  # its beginning would no longer be shared, but there twice
        moves = [self._waiting.lift(move, self._front.sequence) for move in plan.moves]
        self._waiting.drop()
        self.cut(plan.keep)
        self._waiting.begin(moves, wanted)
        self._wanted = wanted
        return plan

    def advance(self, most: int) -> bool:
        """Evaluate the next tokens of the prompt, at most so many; whether all of it is in place, with logits."""
        front = self._front
        front.tokens += self._waiting.landed(front.sequence, len(front.tokens))
        start = len(front.tokens)
        stop = min(self._waiting.next(len(self._wanted)), start + most)
        last = stop == len(self._wanted)
        if last and self._left_out is not None:
            return self._finish_both(self._left_out, most)
        self._evaluate(front, self._wanted[start:stop], logits=int(last))
        return last

    def _finish_both(self, left_out: tuple[int, int], most: int) -> bool:
        """The end of the prompt, with the last token of both sequences in the same evaluation."""
        front, (start, stop) = self._front, left_out
        rest = self._wanted[len(front.tokens) :]
        if len(front.tokens) < start:
            self._evaluate(front, rest[:-1], logits=0)  # the beginning can be shared once it is there
            return False
        wanted = [*self._wanted[:start], *self._wanted[stop:]]
        beside = self._share(wanted, min(start, len(wanted) - 1))
        others = wanted[len(beside.tokens) :]
        if len(rest) + len(others) <= most:
            self._evaluate_both(beside, rest, others)
            return True
        line, tokens = (front, rest) if len(rest) > len(others) else (beside, others)
        try:
            self._evaluate(line, tokens[: min(most, len(tokens) - 1)], logits=0)
        except WindowFull:
            if line is front:
                raise
        return False

    def _share(self, wanted: Sequence[int], shared: int) -> Line:
        """The second sequence as far as it is there: cells of the first one, and what it has kept of its own."""
        beside = self._beside
        keep = 0 if beside is None else min(common_prefix(beside.tokens, wanted), len(wanted) - 1)
        if beside is None or keep < shared or shared != self._shared:
            self._drop_beside()
            beside = self._beside = Line(self._spare.pop(), list(wanted[:shared]), min(self._front.exact, shared))
            self._memory.copy(self._front.sequence, beside.sequence, 0, shared)
            self._shared = shared
        else:
            self._shorten(beside, keep)
        return beside

    def append_both(self, token: int) -> None:
        """Evaluate a token behind both sequences, with logits for each, those of the second one last."""
        if self._beside is None:
            self.append([token])
        else:
            self._evaluate_both(self._beside, [token], [token])

    def append(self, tokens: Sequence[int]) -> None:
        """Evaluate tokens behind the others, with logits for each."""
        self._evaluate(self._front, tokens, logits=len(tokens))

    def cut(self, keep: int) -> None:
        """Drop the cells from position `keep` on. Models that cannot forget a part forget all."""
        self._shorten(self._front, keep)

    @property
    def beside(self) -> int:
        """The id of the second sequence; -1 for none."""
        return self._beside.sequence if self._beside is not None else -1

    @property
    def beside_tokens(self) -> int:
        """How many tokens that has."""
        return len(self._beside.tokens) if self._beside is not None else 0

    def refresh(self, wanted: Sequence[int]) -> int:
        """Begin to evaluate exactly what of `wanted` is there inexactly only; how many tokens that needs. It happens in
        a copy of the exact beginning, or goes on from what was set aside: the sequence itself stays usable."""
        front, back = self._front, self._back
        known = common_prefix(front.tokens, wanted)
        self._wanted = wanted
        if front.exact >= known and known == len(wanted):
            self._drop_back()  # of another text, or it would be done
            return 0
        if back is None or common_prefix(back.tokens, wanted) < min(front.exact, known):
            self._drop_back()
            back = self._back = Line(self._spare.pop())
            keep = min(front.exact, known)
            self._memory.copy(front.sequence, back.sequence, 0, keep)
            back.tokens, back.exact = list(wanted[:keep]), keep
        self._shorten(back, min(common_prefix(back.tokens, wanted), len(wanted) - 1))
        return len(wanted) - len(back.tokens)

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
        self._take_back()
        return True

    def reused(self, wanted: Sequence[int], movable: Sequence[tuple[int, int]], policy: Policy) -> int:
        """Tokens of a prompt that would not be evaluated."""
        return max(kv.plan(self.held, wanted, movable, policy).reused, self._known_back(wanted))

    def set_aside(self, wanted: Sequence[int]) -> None:
        """Another prompt comes in between: what is there of `wanted` stays, for `refresh` or `follow` to go on with."""
        front = self._front
        known = common_prefix(front.tokens, wanted)
        if known > max(1, self._known_back(wanted)):
            self._drop_back()
            self._drop_beside()
            self._waiting.drop()
            self._shorten(front, known)
            self._back, self._front = front, Line(self._spare.pop())

    @property
    def held(self) -> Held:
        """What a plan can use."""
        return Held(self._front.tokens, self._front.exact, self._waiting.runs)

    def state(self) -> State:
        """A copy of the sequence's cells."""
        front = self._front
        return State(tuple(front.tokens), front.exact, self._memory.state(front.sequence))

    def take(self, state: State) -> None:
        """Put such a copy in place of them. Where llama.cpp does not take it, the sequence is empty."""
        self._drop_back()
        self._drop_beside()
        self._waiting.drop()
        taken, front = self._memory.set_state(self._front.sequence, state.cells), self._front
        front.tokens, front.exact = (list(state.tokens), state.exact) if taken else ([], 0)

    def _evaluate(self, line: Line, tokens: Sequence[int], *, logits: int) -> None:
        start = len(line.tokens)
        try:
            self._memory.evaluate(line.sequence, tokens, start, logits=logits)
        except WindowFull:
            if not self._make_room(line):
                raise
            self._evaluate(line, tokens, logits=logits)
            return
        self._written(line, tokens)

    def _evaluate_both(self, beside: Line, tokens: Sequence[int], others: Sequence[int]) -> None:
        front = self._front
        parts = [(front.sequence, tokens, len(front.tokens)), (beside.sequence, others, len(beside.tokens))]
        try:
            self._memory.evaluate_both(parts)
        except WindowFull:
            if not self._make_room(front):
                raise
            if self._beside is None:
                self._evaluate(front, tokens, logits=1)
            else:
                self._evaluate_both(beside, tokens, others)
            return
        self._written(front, tokens)
        self._written(beside, others)

    def _make_room(self, line: Line) -> bool:
        """Give up cells that `line` can do without; whether there were any."""
        if self._back is not None and self._back is not line:
            self._drop_back()
            return True
        if self._beside is None:
            return False
        self._drop_beside()
        self._left_out = None
        return self._front is line

    def _shorten(self, line: Line, keep: int) -> None:
        if keep < len(line.tokens):
            if not self._memory.remove(line.sequence, keep, -1):
                self._memory.remove(line.sequence, 0, -1)
                keep = 0
            del line.tokens[keep:]
            line.exact = min(line.exact, keep)

    def _written(self, line: Line, tokens: Sequence[int]) -> None:
        self.evaluated += len(tokens)
        if line.exact == len(line.tokens):
            line.exact += len(tokens)
        line.tokens += tokens

    def _known_back(self, wanted: Sequence[int]) -> int:
        """What the copy has of a prompt; nothing where most of it is of another one, which it is kept for."""
        back = self._back.tokens if self._back is not None else ()
        known = min(common_prefix(back, wanted), len(wanted) - 1)
        return known if 2 * known > len(back) else 0

    def _take_back(self) -> None:
        """The copy takes the place of the sequence."""
        if self._back is not None:
            self._waiting.drop()
            self._drop_beside()
            self._release(self._front)
            self._front, self._back = self._back, None

    def _drop_back(self) -> None:
        if self._back is not None:
            self._release(self._back)
            self._back = None

    def _drop_beside(self) -> None:
        if self._beside is not None:
            self._release(self._beside)
            self._beside, self._shared = None, 0

    def _release(self, line: Line) -> None:
        self._memory.remove(line.sequence, 0, -1)
        self._spare.add(line.sequence)
