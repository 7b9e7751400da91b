"""Both sides of a comparison in one run: some moments through `coder`, the same through llama-server, and so on.

    python tests/peers/compare.py MODEL TRACE [TRACE ...] --server PATH [--limit 150] [--chunk 5]

Both keep their caches over the chunks of a trace; they take turns, so that other load on the machine hits both. Prints
one JSON object with both sides, ratios, and the bars of the project.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from llama_server import ask, server

from coder_tui.assistant.opening import Ready, opened
from coder_tui.config.schema import Settings
from coder_tui.evals.figures import spread
from coder_tui.evals.replay import Options, Result, replay, summary
from coder_tui.evals.trace import Moment, read


def compare(
    ready: Ready, client: Any, moments: Sequence[Moment], chunk: int
) -> tuple[list[Result], list[dict[str, Any]]]:
    """All moments on both sides, in turn by chunks."""
    ours: list[Result] = []
    theirs: list[dict[str, Any]] = []
    results: Iterator[Result] = replay(ready, moments, Options())
    for start in range(0, len(moments), chunk):
        part = moments[start : start + chunk]
        ours += [next(results) for _ in part]
        theirs += [ask(client, {"prefix": one.prefix, "suffix": one.suffix, "rest": one.rest}) for one in part]
    return ours, theirs


def report(ours: list[Result], theirs: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of one trace."""
    mine = summary(ours)
    waits = spread([one["ms"] for one in theirs])
    exact = sum(one["exact"] for one in theirs)
    own_waits: Any = mine["first_line_ms"]
    return {
        "ours": mine,
        "llama_server": {
            "evaluated": spread([one["evaluated"] for one in theirs]),
            "first_line_ms": waits,
            "exact": exact,
        },
        "ratios": {
            "first_line_median": round(own_waits["median"] / waits["median"], 3),
            "first_line_p95": round(own_waits["p95"] / waits["p95"], 3),
            "exact": round(sum(one.exact for one in ours) / max(1, exact), 2),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("traces", type=Path, nargs="+")
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=150)
    parser.add_argument("--chunk", type=int, default=5)
    args = parser.parse_args()
    settings = Settings()
    settings = replace(settings, suggest=replace(settings.suggest, cache_bytes=0))
    found: dict[str, Any] = {}
    for trace in args.traces:
        with (
            opened(args.model, settings, log_file=None, typing=True) as ready,
            server(args.server, args.model, ready.threads) as client,
        ):
            found[str(trace)] = report(*compare(ready, client, read(trace, args.limit), args.chunk))
    print(json.dumps(found, indent=1))  # noqa: T201 - a script


if __name__ == "__main__":
    main()
