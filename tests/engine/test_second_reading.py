"""The prompt a second time, without a part of it: what it shares with the first, and what it gives way to."""

from __future__ import annotations

import random

from engine.cells import Cells, true_beside

from coder_tui.engine.cache import Cache
from coder_tui.engine.kv import Policy


def _read(cache: Cache, wanted: list[int], left_out: tuple[int, int] | None, movable: tuple[int, int]) -> None:
    cache.follow(wanted, [movable], Policy(moves=True, refresh=8), left_out)
    while not cache.advance(64):
        pass


def test_a_second_reading_costs_the_line_at_the_cursor() -> None:
    cells, dice = Cells(), random.Random(3)
    cache = Cache(cells)
    prefix, suffix = dice.sample(range(1000), 300), dice.sample(range(1000, 2000), 250)
    costs = []
    for lines, left in (([], [1]), ([], [1, 2]), ([], [1, 2, 3, 4]), ([1, 2, 3, 4, 9], [9]), ([1, 2, 3, 4, 9], [9, 8])):
        wanted = [5000, *prefix, *lines, 5001, *suffix, 5002, *left]
        stop = len(wanted) - len(left)
        before = cells.evaluated
        _read(cache, wanted, (301 + len(lines), stop), (1, stop - 1))
        costs.append(cells.evaluated - before)
    assert costs == [553 + 1 + 1, 1 + 1, 2 + 2, 5 + 8 + 1 + 1 + 1, 1 + 1]
    assert len(cells.cells) == len(cache.tokens) + 2, "its beginning is shared"


def test_where_there_is_no_room_the_second_reading_is_given_up() -> None:
    for size, both in ((109, True), (108, True), (107, False), (106, False)):
        cells = Cells(size=size)
        cache = Cache(cells)
        wanted = [*range(100), 200, 201, 202]
        _read(cache, wanted, (98, 100), (0, 0))
        assert cache.has_beside
        assert len(cells.cells) == 106
        cache.append_both(7)
        assert cache.has_beside == both
        assert list(cache.tokens) == [*wanted, 7]


def test_all_that_can_be_given_up_is() -> None:
    """First what is being refreshed, then the second reading."""
    cells = Cells(size=1000)
    cache = Cache(cells)
    wanted = [*range(100), 200, 201, 202]
    _read(cache, wanted, (98, 100), (0, 0))
    cache._front.exact = 90  # as if the rest had been moved
    assert cache.refresh(wanted) == 13
    assert not cache.advance_refresh(2)
    cells.size = len(cells.cells)
    cache.append_both(7)
    assert cache.has_beside, "what was refreshed made room for two tokens"
    cache.append_both(7)
    assert not cache.has_beside
    assert list(cache.tokens) == [*wanted, 7, 7]


def test_a_second_reading_without_a_line_of_its_own() -> None:
    cells = Cells()
    cache = Cache(cells)
    _read(cache, [1, 2, 3, 101, 4, 102], (3, 6), (0, 0))
    true_beside(cache, cells, [1, 2, 3])
    _read(cache, [101, 4, 102], (0, 3), (0, 0))
    assert not cache.has_beside, "nothing is left to read"
    _read(cache, [101, 4, 102, 5], (0, 3), (0, 0))
    true_beside(cache, cells, [5])
