"""Guessing from what was there: what a guess is, and what it gains and costs by the clock of a simple cost model."""

from __future__ import annotations

import ast
import inspect
import json.decoder
import random
import re
import textwrap
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.engine.lookup import DRAFT_COST, Lookup

TOKENS = st.lists(st.integers(0, 3), max_size=40)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\n *|[^\w\s]| +", text)


def _decode(prompt: Sequence[int], answer: Sequence[int], cost: float = DRAFT_COST) -> tuple[float, int]:
    """Time of writing the answer, in units of a plain token, and the number of batches."""
    lookup, time, done, batches = Lookup(prompt, cost), 0.0, 1, 0
    lookup.extend(answer[:1])
    while done < len(answer):
        draft = lookup.draft()
        held = 0
        while held < len(draft) and done + held < len(answer) and draft[held] == answer[done + held]:
            held += 1
        time += 1 + cost * len(draft)
        batches += 1
        if draft:
            lookup.judge(len(draft), held)
        lookup.extend(answer[done : done + held + 1])
        done += held + 1
    return time, batches


def _functions(count: int, lines: int) -> list[str]:
    """Functions of the standard library with at least so many lines."""
    tree = ast.parse(inspect.getsource(json.decoder) + inspect.getsource(textwrap) + inspect.getsource(inspect))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    long = [node for node in nodes if (node.end_lineno or 0) - node.lineno >= lines]
    return [ast.unparse(node) for node in long[:count]]


def _ids(*texts: str) -> list[list[int]]:
    known: dict[str, int] = {}
    return [[known.setdefault(word, len(known)) for word in _words(text)] for text in texts]


def _changed(dice: random.Random, text: str, count: int) -> str:
    lines = text.split("\n")
    for at in dice.sample(range(1, len(lines)), count):
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines[at] = f"{indent}changed_{at} = compute(first_{at}, second) + {at}"
        if dice.random() < 0.5:
            lines[at] += f"\n{indent}check(changed_{at})"
    return "\n".join(lines)


FUNCTIONS = _functions(8, 38)


@pytest.mark.parametrize("text", FUNCTIONS, ids=lambda text: text.split("(")[0].split()[-1])
def test_a_rewrite_with_three_changes(text: str) -> None:
    question, old, answer = _ids("Rewrite this function:\n", text, _changed(random.Random(1), text, 3))
    time, _ = _decode([*question, *old], answer)
    assert len(answer) / time > 1.7


@pytest.mark.parametrize("text", FUNCTIONS, ids=lambda text: text.split("(")[0].split()[-1])
def test_text_that_is_new(text: str) -> None:
    """A function of another module in front of one: code repeats itself a little."""
    other = FUNCTIONS[(FUNCTIONS.index(text) + 3) % len(FUNCTIONS)]
    old, answer = _ids(other, text)
    time, _ = _decode(old, answer)
    assert len(answer) / time > 0.96


@pytest.mark.parametrize("seed", range(5))
def test_text_that_misleads(seed: int) -> None:
    """Every n-gram has stood there before, and goes on differently each time."""
    dice = random.Random(seed)
    answer = [dice.randrange(4) for _ in range(1500)]
    time, _ = _decode([dice.randrange(4) for _ in range(1500)], answer)
    assert len(answer) / time > 0.95


def test_a_cheap_batch_is_used_more() -> None:
    old, answer = _ids(FUNCTIONS[0], _changed(random.Random(2), FUNCTIONS[0], 3))
    _, cheap = _decode(old, answer, 0.02)
    _, dear = _decode(old, answer, 0.9)
    assert cheap < dear / 2


@given(TOKENS, TOKENS)
def test_a_guess_goes_on_where_the_last_tokens_stood(one: list[int], other: list[int]) -> None:
    lookup, text = Lookup(one, 0.01), one + other
    lookup.extend(other)
    draft = lookup.draft()
    ends = [at for at in range(2, len(text)) if text[at - 2 : at] == text[-2:]]
    assert not draft or any(text[at : at + len(draft)] == draft for at in ends)


@given(TOKENS, st.integers(0, 40))
def test_pieces_make_no_difference(text: list[int], cut: int) -> None:
    whole, parts = Lookup(text, 0.01), Lookup(text[:cut], 0.01)
    parts.extend(text[cut:])
    assert whole.draft() == parts.draft()


def test_nothing_to_copy_no_guess() -> None:
    assert Lookup([]).draft() == []
    assert Lookup(list(range(100))).draft() == []


def test_where_guesses_may_have_to_be_taken_back_the_first_comes_late() -> None:
    """And again after that happened: only a long copy pays for it."""
    text = list(range(200))
    lookup = Lookup(text, careful=True)
    lookup.extend(text[:4])
    first = 4
    while not lookup.draft():
        lookup.extend(text[first : first + 1])
        first += 1
    assert first == 16
    lookup.judge(1, 0)
    lookup.charge(1)
    lookup.extend([50, 51, 52, 53, 54])
    assert lookup.draft() == []


def test_a_long_copy_gets_long_guesses() -> None:
    text = list(range(200))
    lookup = Lookup(text)
    lengths = []
    at = 4
    lookup.extend(text[:at])
    while at < 150:
        draft = lookup.draft()
        assert draft == text[at : at + len(draft)]
        lengths.append(len(draft))
        lookup.judge(len(draft), len(draft))
        lookup.extend(text[at : at + len(draft) + 1])
        at += len(draft) + 1
    assert lengths == sorted(lengths)
    assert lengths[0] <= 2
    assert lengths[-1] >= 8
