"""What a request finds in the KV cache, and that it makes no difference to what is generated."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from engine.asking import LONG, WARM, ask, options

from coder_tui.core.prompt import Prompt, Sampling, Segment
from coder_tui.engine.client import LlamaEngine


def test_a_first_prompt_is_evaluated_whole(engine: LlamaEngine) -> None:
    usage = ask(engine, LONG[:700]).usage
    assert usage.prompt_tokens == len(engine.tokenize(Segment(LONG[:700])))
    assert (usage.cached_tokens, usage.evaluated_tokens) == (0, usage.prompt_tokens)


def test_the_same_prompt_again_costs_one_token(engine: LlamaEngine) -> None:
    ask(engine, LONG[:700])
    usage = ask(engine, LONG[:700]).usage
    assert usage.evaluated_tokens == 1
    assert usage.cached_tokens == usage.prompt_tokens - 1


@pytest.mark.parametrize("typed", ["a", "ab", "abc\n"])
def test_typing_costs_what_was_typed(engine: LlamaEngine, typed: str) -> None:
    start = Segment("x = [\n")
    before = Prompt((start, Segment("1, ")))
    ask(engine, before, max_tokens=0)
    usage = ask(engine, Prompt((*before.segments, Segment(typed)))).usage
    assert usage.evaluated_tokens == len(typed)
    assert usage.cached_tokens == usage.prompt_tokens - len(typed)


def test_a_change_costs_what_comes_behind_it(engine: LlamaEngine) -> None:
    ask(engine, "!" * 100 + "?" * 20, max_tokens=0)
    usage = ask(engine, "!" * 100 + "+" * 5, max_tokens=0).usage
    assert (usage.cached_tokens, usage.evaluated_tokens) == (100, 5)


def test_generated_text_that_is_kept_costs_nothing(engine: LlamaEngine) -> None:
    answer = ask(engine, Prompt((Segment("x"),), "ab"), Sampling(), max_tokens=2)
    assert answer.text == "ab"
    usage = ask(engine, Prompt((Segment("x"), Segment("a"), Segment("b"))), max_tokens=1).usage
    assert usage.cached_tokens == 2


@pytest.mark.parametrize("sampling", [Sampling(), WARM], ids=["greedy", "sampled"])
def test_what_was_asked_before_makes_no_difference(
    engine: LlamaEngine, tiny_deepseek: Path, sampling: Sampling
) -> None:
    dice = random.Random(5)
    for _ in range(12):
        wanted = LONG[: dice.randrange(1, 400)] + dice.choice(["", "x", "漢字", "\n\n"])
        engine.load(options(tiny_deepseek))
        cold = ask(engine, wanted, sampling, max_tokens=24)
        assert cold.usage.cached_tokens == 0
        for _ in range(4):
            start = dice.randrange(len(LONG) - 600)
            ask(
                engine,
                dice.choice([wanted[: dice.randrange(len(wanted)) + 1], LONG[start : start + 500]]),
                max_tokens=9,
            )
        warm = ask(engine, wanted, sampling, max_tokens=24)
        assert warm.text == cold.text
        assert warm.usage.completion_tokens == cold.usage.completion_tokens
        assert warm.usage.prompt_tokens == warm.usage.cached_tokens + warm.usage.evaluated_tokens
