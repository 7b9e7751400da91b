"""Prompt lookup: guessing the next tokens from where the same tokens stood before, in the prompt or in the answer.

Rewrites and infills repeat much of what they were given. A guess is evaluated together with the last token, in one
batch, and the model's own choices decide how much of it holds; so the text is the same with and without guesses, and
only the time differs. (Saxena, "Prompt lookup decoding", 2023; llama.cpp's `lookup` example.)
"""

from __future__ import annotations

from collections.abc import Sequence

_NGRAMS = (4, 3, 2)
"""Tokens that have to be the same for a place to be found, the most first."""
_NEARBY = 48
"""Tokens behind a place where copying broke off in which it is looked for first: an edit replaces a few tokens."""
_MOST, _MOST_OF_DEAR = 24, 12
"""Tokens of a guess, and where each takes time: longer ones gain next to nothing there, and the logits of a token take
memory, 1.2 MB with 150,000 tokens in the vocabulary."""
_DEAR = 0.1
_BUCKETS = (4, 8, 16, 32)
"""Confirmed tokens of the copy at hand, by which it is judged how far it will hold."""
_PRIORS = (0.3, 0.5, 0.75, 0.9, 0.95)
"""Part of guessed tokens that hold, before anything is known; one for each bucket and one for longer copies."""
_WEIGHT = 6.0
"""The prior counts like so many tokens."""
_DECAY = 0.97
"""By which older evidence loses weight, a token."""
_STAKE, _LOSS = 1.0, 0.03
"""Tokens, and part of all tokens that were generated, in whose time guesses may be made in vain."""
_MARGIN = 1.08
"""A guess must promise to be so many times faster than none."""
_SURE = 16
"""Tokens that must have been copied before the first guess of a greedy generation. What a guess leaves in the cache is
rounded otherwise: from then on every choice that is in doubt, a few in a hundred, is made again from where the guesses
began, and nothing is left of what they gained. So they pay only in a text that is copied on and on."""
DRAFT_COST = 0.31
"""Time for one more token in a batch, in units of the time for one token alone; 2 CPU cores, 0.5B model."""
GPU_DRAFT_COST = 0.05
"""Likewise, where reading the weights takes most of the time."""


class Lookup:
    """Grows with the text. `draft` guesses; `judge` says what became of the guess."""

    def __init__(self, tokens: Sequence[int], cost: float = DRAFT_COST, *, careful: bool = False) -> None:
        """`careful` where tokens may have to be evaluated anew on account of guesses, see `charge`."""
        self._tokens: list[int] = []
        self._careful = careful
        self._begins = careful
        """Whether the next guess would be the first since what is in the cache was last free of them."""
        self._cost = cost
        self._last: dict[tuple[int, ...], int] = {}
        """Behind an n-gram: the position of the token that followed it, the last time."""
        self._source: int | None = None
        """The position of the token that comes next if the copy at hand goes on."""
        self._lost: int | None = None
        """Where the last copy broke off."""
        self._confirmed = 0
        """Tokens for which the copy at hand has held."""
        self._gained = 0.0
        """By guesses, in units of the time for a token alone."""
        self._begun = 0
        """Tokens of the prompt."""
        self._held = [prior * _WEIGHT for prior in _PRIORS]
        self._seen = [_WEIGHT for _ in _PRIORS]
        self.extend(tokens)
        self._begun = len(self._tokens)

    def extend(self, tokens: Sequence[int]) -> None:
        """More of the text: the prompt, or what was generated."""
        for token in tokens:
            self._follow(token)
            known, here = self._tokens, len(self._tokens)
            for size in _NGRAMS:
                if here >= size:
                    self._last[tuple(known[here - size :])] = here
            known.append(token)

    def draft(self) -> list[int]:
        """The tokens that would come next; none where guessing does not pay."""
        if self._source is None:
            self._find()
        if self._source is None or (self._begins and self._confirmed < _SURE):
            return []
        return self._tokens[self._source : self._source + self._length()]

    def judge(self, drafted: int, held: int) -> None:
        """Of a guess of `drafted` tokens `held` were right. Before `extend` with what was generated."""
        self._begins = False
        bucket = self._bucket()
        tried = min(drafted, held + 1)
        fade = _DECAY**tried
        self._gained += held - self._cost * drafted
        self._seen[bucket] = self._seen[bucket] * fade + tried
        self._held[bucket] = self._held[bucket] * fade + held

    def charge(self, tokens: int) -> None:
        """So many tokens had to be evaluated anew, one by one: it was in doubt what would be there without guesses. Now
        nothing in the cache is of guesses any more."""
        self._gained -= tokens
        self._begins = self._careful

    def _follow(self, token: int) -> None:
        """Whether the copy at hand goes on with this token."""
        if self._source is None:
            return
        if self._tokens[self._source] == token:
            self._source += 1
            self._confirmed += 1
            return
        self._lost, self._source, self._confirmed = self._source, None, 0

    def _find(self) -> None:
        """A place where the last tokens stood before: behind the last copy if they are there, else the latest."""
        known = self._tokens
        if self._lost is not None and len(known) >= 2:
            stop = min(self._lost + _NEARBY, len(known) - 1)
            for at in range(max(1, self._lost - _NEARBY // 4), stop):
                if known[at - 1] == known[-2] and known[at] == known[-1]:
                    self._begin(at + 1, 2)
                    return
        for size in _NGRAMS:
            found = self._last.get(tuple(known[-size:])) if len(known) >= size else None
            if found is not None:
                self._begin(found, size)
                return

    def _begin(self, source: int, confirmed: int) -> None:
        self._source, self._confirmed = source, confirmed

    def _bucket(self) -> int:
        return sum(self._confirmed >= bound for bound in _BUCKETS)

    def _length(self) -> int:
        """The number of tokens with the best rate of text to time; 0 when that is hardly better than none, or when
        guesses have lost as much as they may."""
        if self._gained < -_STAKE - _LOSS * (len(self._tokens) - self._begun):
            return 0
        chance = min(0.99, self._held[self._bucket()] / self._seen[self._bucket()])
        best, length, expected, all_hold = _MARGIN, 0, 1.0, 1.0
        for count in range(1, (_MOST_OF_DEAR if self._cost > _DEAR else _MOST) + 1):
            all_hold *= chance
            expected += all_hold
            rate = expected / (1 + self._cost * count)
            if rate > best:
                best, length = rate, count
        return length
