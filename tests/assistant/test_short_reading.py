"""Where nothing has been read yet, a suggestion from fewer lines comes first. With weights, tiny and random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coder_tui.assistant.infill import Infilled, Manner, infill
from coder_tui.assistant.opening import Ready, opened
from coder_tui.assistant.reading import Hole, prompt_for, with_short
from coder_tui.assistant.suggest import Suggester
from coder_tui.config.schema import Settings
from coder_tui.core.document import Document
from coder_tui.core.prompt import Limits, Purpose, Sampling

GREEDY = Sampling()
DICE = random.Random(7)
CODE = "".join(
    f"def area_{number}(a, b):\n    return {' + '.join(str(DICE.randrange(99999)) for _ in range(4))}\n\n\n"
    for number in range(60)
)
"""Nothing in it is there twice, to be moved."""
SETTINGS = replace(Settings(), suggest=replace(Settings().suggest, max_tokens=6))


@pytest.fixture(scope="module")
def model(tiny_qwen: Path) -> Iterator[Ready]:
    settings = replace(SETTINGS, model=replace(SETTINGS.model, threads=1))
    with opened(tiny_qwen, settings, log_file=None, typing=True) as ready:
        yield ready


@pytest.fixture
def slow(model: Ready) -> Ready:
    """It has read something else."""
    for _ in model.engine.generate(prompt_for(model, hole("x = 1\n" * 90, ""))[1], GREEDY, Limits(0)):
        pass
    return replace(model, prompt_speed=20.0)


def hole(before: str, after: str) -> Hole:
    document = Document(before + after)
    return Hole(document, document.position(len(before)), "area.py")


def place(number: int, typed: str = "    ") -> Hole:
    at = CODE.index(f"def area_{number}(")
    at = CODE.index("\n", at) + 1
    return hole(CODE[:at] + typed, CODE[CODE.index("\n", at) :])


def suggested(suggester: Suggester, where: Hole) -> Infilled:
    *_, end = suggester.suggest(where, GREEDY)
    assert isinstance(end, Infilled)
    return end


def test_fewer_lines_are_read_until_all_are(slow: Ready) -> None:
    suggester, here = Suggester(slow), place(30)
    first = suggested(suggester, here)
    assert first.is_short
    assert first.usage.prompt_tokens < 120
    typed = suggested(suggester, place(30, "    r"))
    assert (typed.is_short, typed.known) == (True, False), "what it said from fewer lines is not remembered"
    assert typed.usage.evaluated_tokens < 20
    assert suggester.refresh(place(30, "    r")).prompt_tokens > 400
    then = suggested(suggester, place(30, "    re"))
    assert not then.is_short
    assert (then.usage.prompt_tokens > 400, then.usage.evaluated_tokens < 20) == (True, True)


def test_what_was_read_before_somebody_typed_is_not_read_again(slow: Ready) -> None:
    here = place(40)
    whole = prompt_for(slow, here)[1]
    begun = [replace(one, text=one.text[:120]) for one in whole.segments[:2]]
    for _ in slow.engine.generate(replace(whole, segments=tuple(begun), aside=None), GREEDY, Limits(0), Purpose.AHEAD):
        pass
    assert suggested(Suggester(slow), here).is_short
    *_, end = slow.engine.generate(whole, GREEDY, Limits(0), Purpose.REFRESH)
    assert end.usage.prompt_tokens - end.usage.evaluated_tokens > 60


def test_it_says_what_a_short_prompt_alone_says(slow: Ready) -> None:
    few = replace(SETTINGS, suggest=replace(SETTINGS.suggest, prompt_tokens=96))
    *_, one = infill(slow, place(20), GREEDY, Manner(may_be_short=True))
    *_, other = infill(replace(slow, settings=few), place(20), GREEDY)
    assert (one.is_short, other.is_short) == (True, False)
    assert one.suggestion == other.suggestion
    assert other.usage.evaluated_tokens <= 2, "one for each reading"


def test_who_has_asked_for_it_gets_all(slow: Ready) -> None:
    *_, one = infill(slow, place(10), GREEDY)
    assert not one.is_short


def test_a_gpu_reads_all_at_once(slow: Ready) -> None:
    quick = replace(slow, on_gpu=True)
    cut, prompt = prompt_for(slow, place(10))
    assert with_short(quick, place(10), cut, prompt) == prompt
