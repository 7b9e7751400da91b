"""Going back to what a KV cache held before: on a model of llama.cpp's cells, and on weights."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from engine.asking import WARM, collect, options
from engine.cells import Cells, Typist, true_front
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.core.prompt import Limits, Prompt, Purpose, Segment
from coder_tui.engine.cache import Cache
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.kv import Policy
from coder_tui.engine.memory import WindowFull
from coder_tui.engine.prompt_cache import PromptCache

EXACT = Policy()
MOVING = Policy(moves=True, refresh=3, shortest=14, most=3)
HERE, THERE = [100, *range(60)], [100, *range(60, 0, -1)]
ELSEWHERE = [100, *range(30, 60), *range(30)]


class Reader:
    """Reads prompts, and says how many tokens of each were evaluated."""

    def __init__(self, *, most_bytes: int = 10**6, worth: int = 20, size: int = 10_000) -> None:
        self.cells = Cells(size=size)
        self.cache = Cache(self.cells)
        self.prompts = PromptCache(self.cache, self.cells, most_bytes, worth)

    def read(self, wanted: list[int], policy: Policy = EXACT) -> int:
        before = self.cells.evaluated
        self.prompts.turn_to(wanted, [(1, len(wanted))], policy)
        self.cache.follow(wanted, [(1, len(wanted))], policy)
        while not self.cache.advance(16):
            pass
        true_front(self.cache, self.cells)
        assert list(self.cache.tokens) == wanted
        return self.cells.evaluated - before


def test_there_and_back() -> None:
    reader = Reader()
    assert [reader.read(HERE), reader.read(THERE)] == [61, 60]
    assert [reader.read(HERE), reader.read(THERE), reader.read([*HERE[:50], 7])] == [1, 1, 1]


def test_a_detour_costs_nothing() -> None:
    reader = Reader()
    reader.read(HERE)
    reader.read([100, 1, 2])
    assert reader.read(HERE) == 1


def test_what_is_not_worth_it_is_not_kept() -> None:
    reader = Reader(worth=62)
    reader.read(HERE)
    reader.read(THERE)
    assert reader.prompts.bytes == 0
    assert reader.read(HERE) == 60


def test_one_text_is_kept_once() -> None:
    reader = Reader()
    for last in range(5):
        reader.read([*HERE, last])
        reader.read(THERE)
    size = reader.prompts.bytes
    reader.read(HERE)
    assert reader.prompts.bytes == pytest.approx(size, rel=0.2)


def test_the_longest_unused_goes_first() -> None:
    reader = Reader()
    reader.read(HERE)
    room = reader.cells.state_bytes(reader.cache.sequence)
    reader = Reader(most_bytes=int(1.5 * room))
    for wanted in (HERE, THERE, ELSEWHERE):
        reader.read(wanted)
    assert reader.prompts.bytes <= 1.5 * room
    assert [reader.read(THERE), reader.read(HERE)] == [1, 60]


def test_none_is_kept_where_there_is_no_room() -> None:
    reader = Reader(most_bytes=0)
    reader.read(HERE)
    reader.read(THERE)
    assert reader.prompts.bytes == 0


def test_what_is_refused_is_read_again() -> None:
    reader = Reader()
    reader.read(HERE)
    reader.read(THERE)
    reader.cells.size = 10
    with pytest.raises(WindowFull):
        reader.read(HERE)
    reader.cells.size = 1000
    assert reader.read(HERE) <= 61


@given(st.integers(0, 2**32), st.booleans(), st.integers(0, 40_000))
@settings(max_examples=60)
def test_any_row_of_files_leaves_the_wanted_tokens(seed: int, moves: bool, most_bytes: int) -> None:
    dice = random.Random(seed)
    reader, policy = Reader(most_bytes=most_bytes), MOVING if moves else EXACT
    files = [Typist(dice) for _ in range(4)]
    for _ in range(30):
        wanted, _ = dice.choice(files).prompt()
        reader.read(wanted, policy)
        assert reader.prompts.bytes <= most_bytes
        if not moves:
            assert reader.cache.held.exact == len(wanted)
    assert len(reader.cells.cells) < 6 * 200, "cells leak"


@pytest.mark.parametrize("purpose", [Purpose.SUGGEST, Purpose.CHAT])
def test_weights_say_the_same_as_if_they_had_read_it_again(
    engine: LlamaEngine, reference: LlamaEngine, tiny_deepseek: Path, purpose: Purpose
) -> None:
    def ask(which: LlamaEngine, text: str) -> tuple[str, int]:
        answer = collect(which.generate(Prompt((Segment(text),)), WARM, Limits(9), purpose))
        return answer.text, answer.usage.evaluated_tokens

    texts = [f"# {name}\n" + f"def {name}(x):\n    return x + 1\n" * 40 for name in ("here", "there", "elsewhere")]
    for which, most_bytes in ((engine, 10**9), (reference, 0)):
        which.load(options(tiny_deepseek, prompt_cache_bytes=most_bytes))
    for number, text in enumerate(texts * 2):
        answer, evaluated = ask(engine, text)
        again, whole = ask(reference, text)
        assert answer == again
        assert evaluated == (whole if number < len(texts) else 1)
    kept = engine.stats().cache_bytes
    engine.load(options(tiny_deepseek, prompt_cache_bytes=10**9))
    ask(engine, texts[0])
    assert engine.stats().cache_bytes < kept
