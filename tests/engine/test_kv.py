"""The plan by itself: a pure function of what is held and what is wanted."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from coder_tui.engine.kv import FRONT, Held, Policy, Run, common_prefix, plan

TOKENS = st.lists(st.integers(0, 2), max_size=12)
"""Few different ones, so that beginnings are often the same."""
PROMPT = TOKENS.filter(bool)
LONG = st.lists(st.integers(0, 40), min_size=60, max_size=120)
MOVING = Policy(moves=True, refresh=3, shortest=14, most=3)


def held(tokens: Sequence[int], exact: int | None = None) -> Held:
    return Held(tokens, len(tokens) if exact is None else exact)


@given(TOKENS, PROMPT)
@example([1, 2], [1, 2])
@example([1, 2, 0], [1, 2])
def test_exact_keeps_the_common_beginning_and_evaluates_at_least_one_token(
    cached: list[int], wanted: list[int]
) -> None:
    chosen = plan(held(cached), wanted, [(0, len(wanted))], Policy())
    assert chosen.moves == ()
    assert chosen.keep == min(common_prefix(cached, wanted), len(wanted) - 1)


@given(TOKENS, PROMPT, st.integers(0, 12))
def test_exact_keeps_nothing_inexact(cached: list[int], wanted: list[int], exact: int) -> None:
    assert plan(held(cached, min(exact, len(cached))), wanted, [], Policy()).keep <= exact


@given(LONG, st.lists(st.integers(0, 40), max_size=30), st.integers(0, 60), st.integers(0, 9))
def test_what_stands_behind_an_insertion_is_moved(text: list[int], typed: list[int], at: int, cut: int) -> None:
    wanted = text[:at] + typed + text[at + cut :] + [99]
    chosen = plan(held(text), wanted, [(0, len(wanted) - 1)], MOVING)
    moved = chosen.keep + chosen.moved
    # Behind the change 60 tokens or more are left, of which at most the refreshed ones and an n-gram's worth at either
    # edge may be evaluated.
    assert moved >= len(text) - cut - MOVING.refresh - len(typed) - 14


@given(LONG, LONG, st.integers(0, 100), st.data())
def test_moves_are_true_and_apart(one: list[int], other: list[int], at: int, data: st.DataObject) -> None:
    cached = one + other
    wanted = other[at % len(other) :] + one + other + [99]
    start = data.draw(st.integers(0, len(wanted)))
    stop = data.draw(st.integers(start, len(wanted)))
    waiting = {4: Run(7, one[5:])}
    chosen = plan(Held(cached, len(cached), waiting), wanted, [(start, stop)], MOVING)
    sources = {FRONT: Run(0, cached), **waiting}
    used: set[tuple[int, int]] = set()
    end = chosen.keep
    for move in chosen.moves:
        run = sources[move.source]
        assert max(end, start) + MOVING.refresh <= move.to, "a run's first tokens are evaluated"
        assert move.end <= min(stop, len(wanted) - 1), "only what may be moved, and never the last token"
        cells = range(move.start, move.start + move.length)
        assert [run.tokens[position - run.start] for position in cells] == wanted[move.to : move.end]
        assert move.source != FRONT or move.start >= chosen.keep, "cells that stay are not moved"
        assert not used & {(move.source, position) for position in cells}
        used |= {(move.source, position) for position in cells}
        end = move.end
    assert len(chosen.moves) <= MOVING.most


@given(LONG)
def test_nothing_is_moved_that_may_not_be(text: list[int]) -> None:
    wanted = [50, *text, 99]
    assert plan(held(text), wanted, [], MOVING).moves == ()
    assert plan(held(text), wanted, [(0, len(wanted))], Policy()).moves == ()


@given(TOKENS, TOKENS)
def test_common_prefix(a: list[int], b: list[int]) -> None:
    length = common_prefix(a, b)
    assert a[:length] == b[:length]
    assert length == min(len(a), len(b)) or a[length] != b[length]
