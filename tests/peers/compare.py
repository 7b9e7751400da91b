"""Both sides of a comparison in one run: some moments through `coder`, the same through llama-server, and so on.

    python tests/peers/compare.py MODEL TRACE [TRACE ...] --server PATH [--limit 150] [--chunk 5] [--exact] [--markdown]

Both keep their caches over the chunks of a trace; they take turns, so that other load on the machine hits both. Prints
one JSON object (or tables) with both sides and the bars of issue 3 (bars.py). With --exact our own exact mode takes
turns too. The share of suggestions that need no model has a bar as well: `coder bench replay` gives it, since here the
suggestion cache is off.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import bars
from llama_server import ask, server

from coder_tui.assistant.opening import Ready, opened
from coder_tui.config.schema import Settings
from coder_tui.evals.figures import spread
from coder_tui.evals.replay import Options, Result, replay, summary
from coder_tui.evals.trace import Moment, read

Row = dict[str, Any]


def compare(
    sides: Sequence[Ready], client: Any, moments: Sequence[Moment], chunk: int
) -> tuple[list[list[Result]], list[Row]]:
    """All moments on each of our sides and on theirs, in turn by chunks."""
    ours: list[list[Result]] = [[] for _ in sides]
    theirs: list[Row] = []
    replays: list[Iterator[Result]] = [replay(ready, moments, Options()) for ready in sides]
    for start in range(0, len(moments), chunk):
        part = moments[start : start + chunk]
        for results, one in zip(ours, replays, strict=True):
            results += [next(one) for _ in part]
        theirs += [ask(client, {"prefix": one.prefix, "suffix": one.suffix, "rest": one.rest}) for one in part]
    return ours, theirs


def report(ours: list[list[Result]], theirs: list[Row]) -> Row:
    """The figures of one trace."""
    names = ("ours", "ours_exact")
    found: Row = {name: summary(results) for name, results in zip(names, ours, strict=False)}
    found["llama_server"] = {
        "evaluated": spread([one["evaluated"] for one in theirs]),
        "first_line_ms": spread([one["ms"] for one in theirs]),
        "exact": sum(one["exact"] for one in theirs),
    }
    found["bars"] = bars.as_json(bars.bars(found["ours"], found["llama_server"], found.get("ours_exact")))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("traces", type=Path, nargs="+")
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=150)
    parser.add_argument("--chunk", type=int, default=5)
    parser.add_argument("--exact", action="store_true", help="our own exact mode too")
    parser.add_argument("--markdown", action="store_true", help="tables instead of JSON")
    args = parser.parse_args()
    settings = Settings()
    settings = replace(settings, suggest=replace(settings.suggest, cache_bytes=0))
    chosen = [settings]
    if args.exact:
        chosen.append(replace(settings, suggest=replace(settings.suggest, reuse="exact")))
    found: Row = {}
    for trace in args.traces:
        with ExitStack() as stack:
            sides = [stack.enter_context(opened(args.model, one, log_file=None, typing=True)) for one in chosen]
            client = stack.enter_context(server(args.server, args.model, sides[0].threads))
            found[str(trace)] = report(*compare(sides, client, read(trace, args.limit), args.chunk))
    print(bars.markdown(found) if args.markdown else json.dumps(found, indent=1))  # noqa: T201 - a script


if __name__ == "__main__":
    main()
