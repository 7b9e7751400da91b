"""The bars of issue 3, and figures of a comparison held against them. Pure: reports in, rows out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Bar:
    """A figure and what it must be."""

    name: str
    got: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.got >= self.limit if self.at_least else self.got <= self.limit


def bars(ours: Report, theirs: Report, exact: Report | None) -> list[Bar]:
    """Those of one trace. `ours` and `exact` (our own exact mode, if it was run) are summaries of a replay."""
    evaluated, waits, their_waits = ours["evaluated_with_cold"], ours["first_line_ms"], theirs["first_line_ms"]
    found = [
        Bar("evaluated tokens, median", evaluated["median"], 6),
        Bar("evaluated tokens, p95", evaluated["p95"], 32),
        Bar("evaluated tokens, mean with cold files", evaluated["mean"], 30),
        Bar("evaluated tokens, mean without cold files", ours["evaluated_without_cold"]["mean"], 12),
        Bar("first line, median of llama-server's", waits["median"] / their_waits["median"], 0.25),
        Bar("first line, p95 of llama-server's", waits["p95"] / their_waits["p95"], 0.5),
        Bar("exact first lines of llama-server's", ours["exact"] / max(1, theirs["exact"]), 1.5, at_least=True),
    ]
    if exact is not None:
        least = exact["exact"] - 0.01 * exact["moments"]
        found += [
            Bar("exact mode: evaluated tokens, mean", exact["evaluated_with_cold"]["mean"], 50),
            Bar("exact first lines, own exact mode less 1 in 100", ours["exact"], least, at_least=True),
        ]
    return found


def as_json(found: Sequence[Bar]) -> list[dict[str, Any]]:
    return [
        {
            "name": bar.name,
            "got": round(bar.got, 3),
            ("least" if bar.at_least else "most"): bar.limit,
            "holds": bar.holds,
        }
        for bar in found
    ]


def markdown(traces: Mapping[str, Report]) -> str:
    """Both sides and the bars of every trace, as tables."""
    parts = []
    for name, found in traces.items():
        sides = {side: found[side] for side in ("ours", "ours_exact", "llama_server") if side in found}
        parts += [f"### {name}", "", _row("", *sides), _row("---", *["---:"] * len(sides))]
        parts += [_row(*cells) for cells in _figures(list(sides.values()))]
        parts += ["", _row("bar", "got", "wanted", "holds"), _row("---", "---:", "---:", "---")]
        for bar in found["bars"]:
            wanted = f">= {bar['least']:g}" if "least" in bar else f"<= {bar['most']:g}"
            parts.append(_row(bar["name"], f"{bar['got']:g}", wanted, "yes" if bar["holds"] else "**no**"))
        parts.append("")
    return "\n".join(parts)


def _figures(sides: Sequence[Report]) -> list[list[str]]:
    evaluated = [side.get("evaluated_with_cold", side["evaluated"]) for side in sides]
    waits = [side["first_line_ms"] for side in sides]
    return [
        ["moments", *(str(one["count"]) for one in waits)],
        ["evaluated, mean / median / p95", *map(_three, evaluated)],
        ["first line ms, mean / median / p95", *map(_three, waits)],
        ["exact first lines", *(str(side["exact"]) for side in sides)],
    ]


def _three(values: Report) -> str:
    return " / ".join(f"{values[name]:.4g}" for name in ("mean", "median", "p95"))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
