"""Names that are imported and not used yet."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from coder_tui.context.around import Around, Buffer
from coder_tui.context.exclude import Rules
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.likely import likely


@pytest.fixture
def known(tmp_path: Path) -> Knowledge:
    (tmp_path / "till.py").write_text("class Till: ...\ndef exchange(a): ...\n")
    (tmp_path / "rates.ts").write_text("export function rate(): number { return 1 }\n")
    return Knowledge(tmp_path, Rules(tmp_path), None)


def _names(known: Knowledge, before: str, after: str = "\n", path: str = "new.py") -> dict[str, float]:
    around = Around(Buffer(before + after, len(before), path))
    return {one.name: one.bonus for one in likely(around, known)}


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
        ("from os import path\nimport json\n\nx = ", "\n", set()),  # of other repositories nothing is known
        ("x = ", "\n", set()),
    ],
)
def test_what_is_imported_from_the_repository_and_not_used(
    known: Knowledge, before: str, after: str, expected: set[str]
) -> None:
    assert set(_names(known, before, after)) == expected


def test_other_languages(known: Knowledge) -> None:
    assert set(_names(known, 'import { rate } from "./rates";\n\nconst x = ', path="new.ts")) == {"rate"}


def test_several_names_share_the_bonus(known: Knowledge) -> None:
    one = _names(known, "from till import Till\n\nx = ")["Till"]
    two = _names(known, "from till import Till, exchange\n\nx = ")["Till"]
    assert one - two == pytest.approx(math.log(2), abs=0.01)


def test_so_many_unused_names_say_nothing(known: Knowledge) -> None:
    names = ", ".join(f"exchange as name{number}" for number in range(200))
    assert _names(known, f"from till import {names}\n\nx = ") == {}
