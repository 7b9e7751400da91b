"""Holes to learn from: what is cut out and what is left are the file."""

from __future__ import annotations

import random

from evals.make_holes import _cut, _end_of_block, _levels
from hypothesis import given
from hypothesis import strategies as st

TEXT = """import os

class A:
    def f(self):
        if self.x:
            for one in self.x:
                use(one)

                keep(one)
            return 1
        return 2

    def g(self):
        pass
"""
CODE = TEXT.split("\n")

_LINES = st.lists(st.sampled_from([*CODE, "    # a comment", "x" * 200, "é = 1"]), min_size=30, max_size=60)


@given(_LINES, st.integers(0, 1000))
def test_nothing_is_lost(lines: list[str], seed: int) -> None:
    cut = _cut(lines, random.Random(seed))
    if cut is not None:
        assert cut.before + cut.hole + cut.behind == "\n".join(lines)
        assert cut.hole.strip()
        assert cut.hole.count("\n") < 18


def test_a_block_ends_with_its_last_line() -> None:
    row = CODE.index("                use(one)")
    levels = _levels(CODE, row)
    assert levels == [16, 12, 8, 4]
    ends = [CODE[_end_of_block(CODE, row, level)].strip() for level in levels]
    assert ends == ["keep(one)", "return 1", "return 2", "pass"]


def test_short_files_have_none() -> None:
    assert _cut(CODE, random.Random(1)) is None
