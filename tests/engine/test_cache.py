"""The cache's book-keeping against a model of llama.cpp's cells, over random rows of edits and interruptions."""

from __future__ import annotations

import random
from contextlib import suppress

from engine.cells import Cells, Typist, true_beside, true_front
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.engine.cache import Cache
from coder_tui.engine.kv import Policy, common_prefix
from coder_tui.engine.memory import Interrupted, WindowFull

EXACT = Policy()
MOVING = Policy(moves=True, refresh=3, shortest=14, most=3)


def _ask(
    cache: Cache,
    cells: Cells,
    dice: random.Random,
    policy: Policy,
    wanted: list[int],
    movable: list[tuple[int, int]],
) -> bool:
    """A prompt and some generated tokens; False when it was interrupted."""
    left_out = (wanted.index(101), wanted.index(102) + 1) if dice.random() < 0.6 else None
    cache.follow(wanted, movable, policy, left_out)
    try:
        while not cache.advance(dice.choice([5, 64])):
            pass
        assert list(cache.tokens) == wanted
        if left_out is not None:
            true_beside(cache, cells, [*wanted[: left_out[0]], *wanted[left_out[1] :]])
            for token in range(dice.randrange(4)):
                cache.append_both(token)
                wanted = [*wanted, token]
                assert list(cache.tokens) == wanted
                true_beside(cache, cells, [*wanted[: left_out[0]], *wanted[left_out[1] :]])
        for _ in range(dice.randrange(3)):
            cache.append([dice.randrange(60) for _ in range(dice.randrange(1, 6))])
            cache.cut(len(cache.tokens) - dice.randrange(2))
    except Interrupted:
        return False
    return True


def _come_between(cache: Cache, cells: Cells, dice: random.Random, policy: Policy, wanted: list[int]) -> None:
    """Another prompt, while what is there of `wanted` stays."""
    known = common_prefix(cache.tokens if policy.moves else cache.tokens[: cache.held.exact], wanted)
    cache.set_aside(wanted)
    true_front(cache, cells)
    cache.follow(wanted[-30:], [], policy)
    with suppress(Interrupted):
        while not cache.advance(dice.choice([5, 64])):
            pass
    true_front(cache, cells)
    assert known <= 1 or cache.reused(wanted, [], policy) >= min(known, len(wanted) - 1)


def _refresh(cache: Cache, dice: random.Random, wanted: list[int]) -> None:
    try:
        for _ in range(2):  # the first one may go on from what was set aside, which need not be exact
            if cache.refresh(wanted) == 0:
                return
            while not cache.advance_refresh(dice.choice([5, 64])):
                pass
    except Interrupted:
        return
    assert list(cache.tokens) == wanted
    assert cache.held.exact == len(wanted)


@given(st.integers(0, 2**32), st.booleans(), st.sampled_from([0.0, 0.2, 0.6]))
@settings(max_examples=150)
def test_any_row_of_edits_leaves_the_wanted_tokens(seed: int, moves: bool, interruptions: float) -> None:
    dice = random.Random(seed)
    cells = Cells(interrupt=lambda: dice.random() < interruptions)
    cache, typist = Cache(cells), Typist(dice)
    policy = MOVING if moves else EXACT
    for _ in range(30):
        wanted, movable = typist.prompt()
        if dice.random() < 0.2:
            _come_between(cache, cells, dice, policy, wanted)
        done = _ask(cache, cells, dice, policy, wanted, movable)
        true_front(cache, cells)
        if done and not moves:
            assert cache.held.exact == len(cache.tokens)
        if dice.random() < 0.3:
            _refresh(cache, dice, wanted)
            true_front(cache, cells)
    assert len(cells.cells) < 6 * 200, "cells leak"


def test_evaluated_tokens_are_counted() -> None:
    cells = Cells()
    cache = Cache(cells)
    for wanted in ([1, 2, 3], [1, 2, 4, 5], [1, 2, 4, 5]):
        cache.follow(wanted, [], EXACT)
        while not cache.advance(2):
            pass
    assert cache.evaluated == cells.evaluated == 3 + 2 + 1


def test_a_new_line_costs_the_line_and_what_is_refreshed() -> None:
    cells, dice = Cells(), random.Random(1)
    cache = Cache(cells)
    prefix, suffix = dice.sample(range(1000), 300), dice.sample(range(1000, 2000), 250)
    for line in ([], [2000, 2001, 2002]):
        wanted = [5000, *prefix, *line, 5001, *suffix, 5002]
        before = cells.evaluated
        cache.follow(wanted, [(1, len(wanted) - 1)], Policy(moves=True, refresh=8))
        while not cache.advance(64):
            pass
    assert cells.evaluated - before == 3 + 8 + 1
    assert cache.held.exact == 1 + 300 + 3 + 8


def test_an_interrupted_move_is_finished_by_the_next_prompt() -> None:
    stop: list[bool] = []
    cells, dice = Cells(interrupt=lambda: bool(stop)), random.Random(2)
    cache = Cache(cells)
    prefix, suffix = dice.sample(range(1000), 100), dice.sample(range(1000, 2000), 250)

    def ask(*line: int) -> None:
        wanted = [5000, *prefix, *line, 5001, *suffix, 5002]
        cache.follow(wanted, [(1, len(wanted) - 1)], Policy(moves=True, refresh=8))
        while not cache.advance(64):
            pass

    ask()
    stop.append(True)
    for line in ([1], [1, 2], [1, 2, 3]):
        try:
            ask(*line)
        except Interrupted:
            continue
        raise AssertionError
    stop.clear()
    before = cells.evaluated
    ask(1, 2, 3, 4)
    assert cells.evaluated - before <= 4 + 4 * 8 + 1
    true_front(cache, cells)


def test_a_refresh_goes_on_where_it_was_interrupted() -> None:
    cells, dice = Cells(), random.Random(3)
    cache = Cache(cells)
    prefix, suffix = dice.sample(range(1000), 100), dice.sample(range(1000, 2000), 200)
    for line in ([], [1, 2]):
        wanted = [5000, *prefix, *line, 5001, *suffix, 5002]
        cache.follow(wanted, [(1, len(wanted) - 1)], Policy(moves=True, refresh=8))
        while not cache.advance(64):
            pass
    assert cache.refresh(wanted) == 200 - 8 + 1 + 1
    assert not cache.advance_refresh(100)
    assert cache.refresh([*wanted, 7]) == 200 - 8 + 1 + 1 + 1 - 100
    while not cache.advance_refresh(64):
        pass
    true_front(cache, cells)
    assert cache.held.exact == len(cache.tokens) == len(wanted) + 1
    assert cache.refresh(list(cache.tokens)) == 0


def test_a_refresh_that_was_left_takes_no_place() -> None:
    """Begun for one text, when another one that needs none stands in the sequence."""
    cells, dice = Cells(), random.Random(3)
    cache = Cache(cells)
    prefix, suffix = dice.sample(range(1000), 100), dice.sample(range(1000, 2000), 200)
    moved = [5000, *prefix, 1, 2, 5001, *suffix, 5002]
    for wanted in ([5000, *prefix, 5001, *suffix, 5002], moved):
        cache.follow(wanted, [(1, len(wanted) - 1)], Policy(moves=True, refresh=8))
        while not cache.advance(64):
            pass
    assert cache.refresh(moved) > 100
    assert not cache.advance_refresh(100)
    other = [5000, *prefix[:50], 7]
    cache.follow(other, [], EXACT)
    while not cache.advance(64):
        pass
    assert cache.refresh(other) == 0
    assert cache.advance_refresh(64)
    assert list(cache.tokens) == other
    true_front(cache, cells)


def test_a_full_cache_gives_up_the_refresh_and_then_says_so() -> None:
    cells = Cells(size=100)
    cache = Cache(cells)
    cache.follow(list(range(40)), [], EXACT)
    while not cache.advance(50):
        pass
    cache.refresh([*range(20), *range(60, 80)])
    cache.advance_refresh(15)
    cache.append(list(range(50)))
    assert len(cache.tokens) == 90
    try:
        cache.append(list(range(11)))
    except WindowFull:
        assert len(cache.tokens) == 90
        true_front(cache, cells)
        return
    raise AssertionError


def test_a_model_that_cannot_forget_begins_anew() -> None:
    cells = Cells(forgets=False)
    cache = Cache(cells)
    for wanted in ([1, 2, 3, 4], [1, 2, 5]):
        cache.follow(wanted, [], EXACT)
        while not cache.advance(9):
            pass
        assert list(cache.tokens) == wanted
        true_front(cache, cells)
    assert cells.evaluated == 4 + 3
