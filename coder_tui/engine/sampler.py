"""Choosing the next token: greedy by argmax, else by llama.cpp's sampler chain; under a spelling constraint or not."""

from __future__ import annotations

import ctypes
import secrets
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import llama_cpp
import numpy as np

from coder_tui.core.prompt import Sampling
from coder_tui.engine.spelling import Spelling, Tokenizer, Vocabulary, openings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

DOUBT = 0.15
"""A choice is in doubt where the next best token is nearer than this, see `margin`. Evaluated several at once, tokens
of a 0.5B Q4_K_M model had margins up to 0.075 other than one by one: activations are rounded to 8 bits."""
_LIKELIEST = 64
"""Among so many there is mostly one that goes along with what has to be spelled: then nobody waits for all tokens to be
sorted by their bytes, which takes a third of a second once."""
_TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True)


class Words(Tokenizer, Protocol):
    """What tokens stand for."""

    def vocabulary(self) -> Vocabulary:
        """All of them."""


class Sampler:
    """Draws tokens for one request."""

    def __init__(self, sampling: Sampling) -> None:
        self._chain = None if sampling.temperature <= 0 else _chain(sampling)

    @property
    def is_greedy(self) -> bool:
        """Whether it is always the likeliest token that is chosen."""
        return self._chain is None

    def close(self) -> None:
        if self._chain is not None:
            llama_cpp.llama_sampler_free(self._chain)
            self._chain = None

    def choose(
        self,
        logits: npt.NDArray[np.float32],
        spelling: Spelling,
        words: Words,
        bonuses: Mapping[int, float] = MappingProxyType({}),
    ) -> int:
        """The next token. While `spelling` has a rest, only tokens that go along with it; `bonuses` are added to the
        logits of tokens."""
        if bonuses:
            logits = logits.copy()
            logits[list(bonuses)] += list(bonuses.values())
        if spelling.rest and self._chain is None and (token := _likeliest(logits, spelling, words)) is not None:
            return token
        allowed = _allowed(spelling, words) if spelling.rest else ()
        if not allowed:
            spelling.rest = b""  # not spellable with this vocabulary: better an unhealed text than none
            return int(logits.argmax()) if self._chain is None else self._draw(np.arange(len(logits)), logits)
        ids = np.asarray(allowed)
        if self._chain is None:
            return int(ids[logits[ids].argmax()])
        return self._draw(ids, logits[ids])

    def _draw(self, ids: Sequence[int] | npt.NDArray[np.int64], logits: npt.NDArray[np.float32]) -> int:
        candidates = np.zeros(len(ids), dtype=_TOKEN_DATA)
        candidates["id"], candidates["logit"] = ids, logits
        array = llama_cpp.llama_token_data_array()
        array.data = candidates.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data))
        array.size, array.selected, array.sorted = len(candidates), -1, False
        llama_cpp.llama_sampler_apply(self._chain, ctypes.byref(array))
        token = int(array.data[array.selected].id)
        llama_cpp.llama_sampler_accept(self._chain, token)
        return token


def _allowed(spelling: Spelling, words: Words) -> Sequence[int]:
    """All tokens that go along with what is to be spelled."""
    found, beginnings = words.vocabulary().compatible(spelling.rest), openings(spelling.rest, words)
    return [token for token in found if spelling.takes(words.spelled(token), beginnings)] or found


def _likeliest(logits: npt.NDArray[np.float32], spelling: Spelling, words: Words) -> int | None:
    """The likeliest token that goes along with what is to be spelled, if it is among the likeliest of all."""
    beginnings = openings(spelling.rest, words)
    first = max(0, len(logits) - _LIKELIEST)
    found = logits.argpartition(first)[first:]
    for token in found[(-logits[found]).argsort(kind="stable")]:
        if spelling.takes(words.spelled(int(token)), beginnings):
            return int(token)
    return None


def margin(logits: npt.NDArray[np.float32], token: int, bonuses: Mapping[int, float] = MappingProxyType({})) -> float:
    """How far a token's logit is above all others, bonuses included, as a part of the logits' spread. They must be
    writable."""
    own = logits[token]
    logits[token] = -np.inf
    others = [logits.max(), *(logits[other] + bonus for other, bonus in bonuses.items())]
    logits[token] = own
    return float((own + bonuses.get(token, 0.0) - max(others)) / logits.std())


def _chain(sampling: Sampling) -> llama_cpp.llama_sampler_p:
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    seed = secrets.randbits(32) if sampling.seed is None else sampling.seed
    steps = [
        llama_cpp.llama_sampler_init_top_k(sampling.top_k),
        llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1),
        llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1),
        llama_cpp.llama_sampler_init_temp(sampling.temperature),
        llama_cpp.llama_sampler_init_dist(seed % llama_cpp.LLAMA_DEFAULT_SEED),  # which itself stands for a random one
    ]
    for step in steps:
        llama_cpp.llama_sampler_chain_add(chain, step)
    return chain
