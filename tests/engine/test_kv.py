from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from coder_tui.engine.kv import common_prefix, plan

TOKENS = st.lists(st.integers(0, 2), max_size=12)
"""Few different ones, so that beginnings are often the same."""
PROMPT = TOKENS.filter(bool)


class Cache:
    """What llama.cpp does with cells: cuts behind, appends behind."""

    def __init__(self, tokens: list[int]) -> None:
        self.cells = list(tokens)
        self.evaluated = 0

    def follow(self, wanted: list[int]) -> None:
        steps = plan(self.cells, wanted)
        assert 0 <= steps.keep <= len(self.cells)
        del self.cells[steps.keep :]
        self.cells += steps.evaluate
        self.evaluated = len(steps.evaluate)


@given(TOKENS, PROMPT)
def test_the_plan_leads_to_what_was_wanted(cached: list[int], wanted: list[int]) -> None:
    cache = Cache(cached)
    cache.follow(wanted)
    assert cache.cells == wanted


@given(TOKENS, PROMPT)
@example([1, 2], [1, 2])
@example([1, 2, 0], [1, 2])
def test_there_are_logits_afterwards(cached: list[int], wanted: list[int]) -> None:
    assert len(plan(cached, wanted).evaluate) >= 1


@given(TOKENS, PROMPT)
def test_nothing_is_evaluated_that_was_there(cached: list[int], wanted: list[int]) -> None:
    keep = plan(cached, wanted).keep
    one_more = cached[: keep + 1] == wanted[: keep + 1] and len(cached) > keep
    assert not one_more or keep == len(wanted) - 1


@given(st.lists(PROMPT, min_size=1, max_size=8))
def test_a_row_of_requests_keeps_the_cache_true(prompts: list[list[int]]) -> None:
    cache = Cache([])
    for wanted in prompts:
        cache.follow(wanted)
        assert cache.cells == wanted


@given(PROMPT, PROMPT)
def test_typing_costs_what_was_typed(before: list[int], typed: list[int]) -> None:
    cache = Cache(before)
    cache.follow(before + typed)
    assert cache.evaluated == len(typed)


@given(TOKENS, TOKENS)
def test_common_prefix(a: list[int], b: list[int]) -> None:
    length = common_prefix(a, b)
    assert a[:length] == b[:length]
    assert length == min(len(a), len(b)) or a[length] != b[length]
