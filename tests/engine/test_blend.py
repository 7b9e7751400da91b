"""Two readings of a prompt: both are in the cache as fresh evaluations would make them, and both have a say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from engine.asking import ask, collect, options

from coder_tui.core.events import Delta
from coder_tui.core.prompt import Aside, Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.blend import Blend
from coder_tui.engine.cache import SEQUENCES, Cache
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.decoder import Decoder, Flag, Shape
from coder_tui.engine.generate import Generation
from coder_tui.engine.job import Job
from coder_tui.engine.kv import Policy
from coder_tui.engine.llama import Model
from coder_tui.engine.loading import Lane

Logits = npt.NDArray[np.float32]
CODE = "def total(prices):\n    result = 0\n"
REST = "\n    return result\n"
LEFT = "    for price in"


def segments(left: str = LEFT) -> tuple[Segment, ...]:
    return (Segment(CODE), Segment(REST), Segment(left))


@pytest.fixture
def model(tiny_deepseek: Path) -> Iterator[Model]:
    one = Model(tiny_deepseek, {})
    yield one
    one.close()


@pytest.fixture
def decoders(model: Model) -> Iterator[tuple[Decoder, Decoder]]:
    pair = tuple(Decoder(model, Shape(1024, 512, 1, 1, offloaded=False), Flag()) for _ in range(2))
    yield pair[0], pair[1]
    for one in pair:
        one.close()


def fresh(decoder: Decoder, tokens: list[int]) -> Logits:
    decoder.remove(0, 0, -1)
    decoder.evaluate(0, tokens, 0, logits=1)
    return decoder.logits().copy()


def softmax(logits: Logits) -> Logits:
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return (powers / powers.sum()).astype(np.float32)


def generate(model: Model, decoder: Decoder, aside: Aside | None, left: str = LEFT, count: int = 12) -> list[int]:
    job = Job(model.encode(segments(left)), b"", b"", (), Sampling(), Limits(count), Purpose.SUGGEST, 0.0, aside=aside)
    one = Generation(model, Lane.over(decoder, Policy(), 1000.0), job, lambda: None, lambda _: None)
    for _ in one.steps():
        pass
    for sequence in range(SEQUENCES):
        decoder.remove(sequence, 0, -1)
    return one.tokens


@pytest.mark.parametrize("weight", [0.3, 0.7])
def test_each_token_is_the_best_of_both_readings(
    model: Model, decoders: tuple[Decoder, Decoder], weight: float
) -> None:
    decoder, other = decoders
    tokens = generate(model, decoder, Aside(1, 2, weight))
    whole, second = model.encode(segments()).tokens, model.encode((Segment(CODE), Segment(LEFT))).tokens
    assert len(whole) > len(second)
    over = False
    for token in tokens:
        logits = fresh(other, whole)
        if not over:
            logits = np.log((1 - weight) * softmax(logits) + weight * softmax(fresh(other, second)))
        assert logits[token] >= logits.max() - 1e-3 * logits.std()
        over = over or b"\n" in model.piece(token)
        whole, second = [*whole, token], [*second, token]


def test_the_weight_decides(model: Model, decoders: tuple[Decoder, Decoder]) -> None:
    decoder, _ = decoders
    alone = generate(model, decoder, None)
    assert generate(model, decoder, Aside(1, 2, 0.0)) == alone
    second = generate(model, decoder, Aside(1, 2, 1.0))
    assert second != alone
    as_text = Job(model.encode((Segment(CODE), Segment(LEFT))), b"", b"", (), Sampling(), Limits(12), Purpose.CHAT, 0.0)
    one = Generation(model, Lane.over(decoder, Policy(), 1000.0), as_text, lambda: None, lambda _: None)
    for _ in one.steps():
        pass
    line = next((at for at, token in enumerate(one.tokens) if b"\n" in model.piece(token)), len(one.tokens))
    assert second[: line + 1] == one.tokens[: line + 1]


def test_behind_the_line_the_whole_prompt_decides_alone() -> None:
    blend = Blend(Aside(0, 1, 0.5), "x = 1\n    y")
    assert blend.is_on
    for piece in (b" =", b" f", b"(2)"):
        blend.follow(piece)
        assert blend.is_on
    blend.follow(b"\n    ")
    assert not blend.is_on
    blank = Blend(Aside(0, 1, 0.5), "\n    ")
    blank.follow(b"\n  ")
    assert blank.is_on, "nothing was written yet"
    assert not Blend(None, "").is_on
    assert not Blend(Aside(0, 1, 0.0), "").is_on


def test_over_the_wire_with_healing_and_several_lines(engine: LlamaEngine, tiny_deepseek: Path) -> None:
    engine.load(options(tiny_deepseek))
    whole = Prompt(segments(), " price")
    blended = Prompt(segments(), " price", aside=Aside(1, 2, 0.7))
    one = collect(engine.generate(blended, Sampling(), Limits(40)))
    assert one.text.startswith(" price")
    again = collect(engine.generate(blended, Sampling(), Limits(40)))
    assert again.text == one.text
    assert again.usage.evaluated_tokens == 2, "the last token of each reading"
    assert one.text != ask(engine, whole, Sampling(), max_tokens=40).text


def test_several_answers_have_two_readings_each(engine: LlamaEngine, tiny_deepseek: Path) -> None:
    engine.load(options(tiny_deepseek))
    blended = Prompt(segments(), " price", aside=Aside(1, 2, 0.7))
    one = collect(engine.generate(blended, Sampling(), Limits(40)))
    texts = ["", "", ""]
    likeliest = Sampling(choices=3, seed=1, temperature=1.0, top_k=1)
    for event in engine.generate(blended, likeliest, Limits(40)):
        if isinstance(event, Delta):
            texts[event.choice] += event.text
    assert texts == [one.text] * 3
    assert collect(engine.generate(blended, Sampling(), Limits(40))).text == one.text, (
        "the prompt's cells are as before"
    )


def test_both_readings_are_exact_whatever_was_read_before(decoders: tuple[Decoder, Decoder]) -> None:
    decoder, other = decoders
    cache, dice = Cache(decoder), random.Random(4)
    text, at = [dice.randrange(250) for _ in range(200)], 100
    for _ in range(12):
        typed = [dice.randrange(250) for _ in range(dice.randrange(6))]
        text[at:at] = typed
        at = dice.randrange(len(text)) if dice.random() < 0.2 else at + len(typed)
        start = max(0, at - dice.randrange(1, 9))
        wanted = [251, *text[:start], 252, *text[at:], 253, *text[start:at]]
        left_out = (1 + start, 3 + start + len(text) - at)
        cache.follow(wanted, [], Policy(), left_out)
        while not cache.advance(decoder.step):
            pass
        assert cache.has_beside
        pair = decoder.logits(-2).copy(), decoder.logits(-1).copy()
        second = [*wanted[: left_out[0]], *wanted[left_out[1] :]]
        for found, tokens in zip(pair, (wanted, second), strict=True):
            expected = fresh(other, tokens)
            assert np.abs(found - expected).max() < 5e-3 * expected.std()
