"""Speed of generation through the whole program against llama.cpp's own benchmark, in turn, on the same file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import CoderError
from coder_tui.core.events import Finished
from coder_tui.core.prompt import Limits, Prompt, Sampling, Segment
from coder_tui.engine.base import Engine

_TEXT = "def quick_sort(items):\n    "
"""Code that hardly repeats itself: prompt lookup finds nothing to gain in it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Tokens a second."""

    ours: float
    theirs: float | None
    """None without llama-bench."""


def decode(
    engine: Engine, weights: Path, *, threads: int, tokens: int, runs: int, bench: Path | None
) -> Iterator[Pair]:
    """Ours, theirs, ours, theirs ... Raises CoderError when llama-bench does not run."""
    _generate(engine, 1)
    for _ in range(runs):
        ours = _generate(engine, tokens)
        yield Pair(ours, None if bench is None else _llama_bench(bench, weights, threads, tokens))


def _generate(engine: Engine, tokens: int) -> float:
    prompt = Prompt((Segment(_TEXT),))
    for event in engine.generate(prompt, Sampling(), Limits(tokens)):
        if isinstance(event, Finished):
            return event.usage.tokens_per_second
    return 0.0


def _llama_bench(program: Path, weights: Path, threads: int, tokens: int) -> float:
    command = [
        str(program),
        "-m",
        str(weights),
        "-t",
        str(threads),
        "-p",
        "0",
        "-n",
        str(tokens),
        "-r",
        "1",
        "-o",
        "json",
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=600)
        return float(json.loads(done.stdout)[0]["avg_ts"])
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError) as error:
        raise CoderError(f"{program} did not give a figure") from error
