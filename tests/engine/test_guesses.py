"""Guesses from the prompt: they change no token, and are given up where they bring nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from engine.asking import ask, options

from coder_tui.core.events import StopReason, Usage
from coder_tui.core.prompt import Limits, Purpose, Sampling, Segment
from coder_tui.engine import generate
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.decoder import Decoder, Flag, Shape
from coder_tui.engine.generate import Generation
from coder_tui.engine.job import Job
from coder_tui.engine.kv import Policy
from coder_tui.engine.llama import Model
from coder_tui.engine.loading import Lane
from coder_tui.engine.lookup import Lookup
from coder_tui.engine.sampler import margin

CHEAP, NEVER = 0.01, 1000.0
GREEDY = Sampling()


def prompts() -> Iterator[str]:
    """Texts that repeat themselves, so that there is something to guess."""
    dice = random.Random(5)
    for _ in range(12):
        line = "".join(dice.choice("abcdef =(),\n") for _ in range(40))
        yield line * 3 + line[: dice.randrange(40)]


def test_the_text_is_the_same(engine: LlamaEngine, reference: LlamaEngine, tiny_deepseek: Path) -> None:
    engine.load(replace(options(tiny_deepseek), draft_cost=CHEAP))
    reference.load(replace(options(tiny_deepseek), draft_cost=NEVER))
    right = 0
    for text in prompts():
        guessed, plain = ask(engine, text, GREEDY, max_tokens=200), ask(reference, text, GREEDY, max_tokens=200)
        assert guessed.text == plain.text
        assert plain.usage.drafted_tokens == 0
        right += guessed.usage.accepted_tokens
    assert right > 10, "nothing was guessed"


@pytest.fixture
def model(tiny_deepseek: Path) -> Iterator[Model]:
    one = Model(tiny_deepseek, {})
    yield one
    one.close()


def generated(model: Model, text: str, cost: float) -> tuple[list[int], int, Usage]:
    """(tokens, evaluated tokens, usage) of a greedy generation in this process."""
    decoder = Decoder(model, Shape(1024, 512, 1, 1, offloaded=False), Flag())
    lane, told = Lane.over(decoder, Policy(), cost), []
    prompt = model.encode((Segment(text),))
    job = Job(prompt, b"", b"", (), GREEDY, Limits(60), Purpose.CHAT, 0.0)
    one = Generation(model, lane, job, lambda: None, told.append)
    for _ in one.steps():
        pass
    decoder.close()
    end = told[-1]
    assert end.reason is StopReason.LENGTH
    return one.tokens, lane.cache.evaluated - len(prompt.tokens), end.usage


class Knowing(Lookup):
    """Guesses the five tokens that come next, the last of them wrong, as long as guessing pays."""

    answer: ClassVar[list[int]] = []

    def draft(self) -> list[int]:
        if self._gained < -5:
            return []
        at = len(self._tokens) - self._begun
        return [*self.answer[at : at + 4], 0]


@pytest.mark.parametrize("doubt", [0.0, 0.02, 1e9])
def test_what_is_in_doubt_is_evaluated_as_without_guesses(
    model: Model, monkeypatch: pytest.MonkeyPatch, doubt: float
) -> None:
    """With everything in doubt nothing of a guess is taken, and no more than a few are made."""
    text = next(prompts())
    plain, evaluated_plainly, _ = generated(model, text, NEVER)
    assert evaluated_plainly == 59
    monkeypatch.setattr(generate, "DOUBT", doubt)
    monkeypatch.setattr(generate, "Lookup", Knowing)
    monkeypatch.setattr(Knowing, "answer", plain)
    tokens, evaluated, usage = generated(model, text, 0.3)
    assert tokens == plain
    assert (usage.accepted_tokens > 10) == (doubt < 1)
    if doubt > 1:
        assert usage.drafted_tokens > 0
        assert evaluated < 59 + 40


class WrongOnce(Lookup):
    """Guesses one token, and it is the wrong one."""

    def draft(self) -> list[int]:
        return [0] if not self._gained else []


def test_a_guess_that_fails_leaves_nothing_behind(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cells would put tokens in doubt later, with more to evaluate anew behind them."""
    text = next(prompts())
    plain, _, _ = generated(model, text, NEVER)
    monkeypatch.setattr(generate, "DOUBT", 0.0)
    monkeypatch.setattr(generate, "Lookup", WrongOnce)
    tokens, evaluated, usage = generated(model, text, 0.3)
    assert tokens == plain
    assert (usage.drafted_tokens, usage.accepted_tokens, usage.again_tokens) == (1, 0, 1)
    assert evaluated == 59 + 1 + 1


def test_the_margin() -> None:
    logits = np.array([1.0, 5.0, 3.0, 3.0], dtype=np.float32)
    assert margin(logits, 1) == pytest.approx(2 / np.std([1, 5, 3, 3]))
    assert margin(logits, 2) == pytest.approx(-2 / np.std([1, 5, 3, 3]))
    assert margin(logits, 3, {3: 4.0, 2: 1.0}) == pytest.approx(2 / np.std([1, 5, 3, 3]))
    assert list(logits) == [1, 5, 3, 3]
