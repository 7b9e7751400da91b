"""That the comparison holds the right figures against the bars, the right way round."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bars", Path(__file__).with_name("bars.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "bars", module)  # a dataclass looks itself up there
        spec.loader.exec_module(module)
    return module


def spread(mean: float, median: float, p95: float) -> dict[str, float]:
    return {"count": 200, "mean": mean, "median": median, "p95": p95}


def side(mean: float, median: float, p95: float, ms: float, exact: int) -> dict[str, Any]:
    return {
        "moments": 200,
        "evaluated": spread(mean, median, p95),
        "evaluated_with_cold": spread(mean, median, p95),
        "evaluated_without_cold": spread(mean / 2, median, p95),
        "first_line_ms": spread(ms, ms, 2 * ms),
        "exact": exact,
    }


def test_all_hold_at_the_very_limit(peer: ModuleType) -> None:
    found = peer.bars(side(24, 6, 32, 250, 60), side(250, 250, 257, 1000, 40), side(50, 8, 300, 250, 62))
    assert [bar.name for bar in found if not bar.holds] == []
    assert len(found) == 9


@pytest.mark.parametrize(
    ("ours", "exact", "broken"),
    [
        (side(24, 7, 32, 250, 60), None, "evaluated tokens, median"),
        (side(24, 6, 33, 250, 60), None, "evaluated tokens, p95"),
        (side(25, 6, 32, 250, 60), None, "evaluated tokens, mean without cold files"),
        (side(24, 6, 32, 250, 59), None, "exact first lines of llama-server's"),
        (side(24, 6, 32, 251, 60), None, "first line, median of llama-server's"),
        (side(24, 6, 32, 250, 60), side(51, 8, 300, 250, 60), "exact mode: evaluated tokens, mean"),
        (side(24, 6, 32, 250, 60), side(50, 8, 300, 250, 63), "exact first lines, own exact mode less 1 in 100"),
    ],
)
def test_each_can_break(peer: ModuleType, ours: dict[str, Any], exact: dict[str, Any] | None, broken: str) -> None:
    found = peer.bars(ours, side(250, 250, 257, 1000, 40), exact)
    assert [bar.name for bar in found if not bar.holds] == [broken]


def test_tables(peer: ModuleType) -> None:
    ours, theirs = side(24, 6, 32, 300, 60), side(250, 247, 257, 1000, 40)
    report = {"ours": ours, "llama_server": theirs, "bars": peer.as_json(peer.bars(ours, theirs, None))}
    lines = peer.markdown({"one.jsonl": report}).splitlines()
    assert lines[:3] == ["### one.jsonl", "", "|  | ours | llama_server |"]
    assert "| evaluated, mean / median / p95 | 24 / 6 / 32 | 250 / 247 / 257 |" in lines
    assert "| first line, median of llama-server's | 0.3 | <= 0.25 | **no** |" in lines
    assert "| exact first lines of llama-server's | 1.5 | >= 1.5 | yes |" in lines
