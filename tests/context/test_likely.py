"""Names that are imported and not used yet."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context.around import Around, Buffer
from coder_tui.context.likely import _is_used, likely


def _names(before: str, after: str = "\n", path: str = "new.py") -> dict[str, float]:
    around = Around(Buffer(before + after, len(before), path))
    return {one.name: one.bonus for one in likely(around)}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("from till import Till, exchange\n\nx = ", "\n", {"Till", "exchange"}),
        ("from till import Till, exchange\n\nt = Till()\nx = ", "\n", {"exchange"}),
        ("from till import Till, exchange\n\nt = Till()\nx = ", "\nexchange(1)\n", set()),
        ("from till import (\n    Till,\n    exchange,\n)\n\nx = ", "\n", {"Till", "exchange"}),
        ("from till import exchange as swap\n\nx = ", "\n", {"swap"}),
        ("from till import exchange\n\nexchanges = ", "\n", {"exchange"}),
        ("from till import *\n\nx = ", "\n", set()),
        ("import till\n\nx = ", "\n", {"till"}),
        ("from os import path\nimport json\n\nx = ", "\n", {"path", "json"}),
        ("from __future__ import annotations\n\nx = ", "\n", set()),
        ("x = ", "\n", set()),
    ],
)
def test_what_is_imported_and_not_used(before: str, after: str, expected: set[str]) -> None:
    assert set(_names(before, after)) == expected


def test_other_languages() -> None:
    assert set(_names('import { rate } from "./rates";\n\nconst x = ', path="new.ts")) == {"rate"}


def test_several_names_share_the_bonus() -> None:
    one = _names("from till import Till\n\nx = ")["Till"]
    two = _names("from till import Till, exchange\n\nx = ")["Till"]
    assert one - two == pytest.approx(math.log(2), abs=0.01)


def test_so_many_unused_names_say_nothing() -> None:
    names = ", ".join(f"exchange as name{number}" for number in range(200))
    assert _names(f"from till import {names}\n\nx = ") == {}


@given(st.sampled_from(["a", "ab", "a_", "é"]), st.text("abé_1. \n", max_size=40), st.sets(st.integers(0, 4)))
def test_names_are_looked_for_as_words(name: str, text: str, import_lines: set[int]) -> None:
    found = (text.count("\n", 0, one.start()) for one in re.finditer(rf"\b{name}\b", text))
    assert _is_used(name, text, import_lines) == any(line not in import_lines for line in found)
