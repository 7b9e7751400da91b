"""Speed of generation through the whole program against llama.cpp's own benchmark, in turn, on the same file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import CoderError
from coder_tui.core.events import Finished, Usage
from coder_tui.core.prompt import Limits, Prompt, Sampling, Segment
from coder_tui.engine.base import Engine

_TEXT = "def quick_sort(items):\n    "
"""Code that hardly repeats itself: prompt lookup finds nothing to gain in it."""

HOW_TO_GET_IT = "llama-bench comes with llama.cpp, or in its source: cmake --build build --target llama-bench"


@dataclass(frozen=True, slots=True)
class Pair:
    """Tokens a second."""

    ours: float
    generated: int
    """Tokens of our run: the model may have come to its end before all that were asked for."""
    guessed: int
    """Of them, those that prompt lookup had right: llama-bench has no such help."""
    theirs: float | None
    """None without llama-bench."""


def decode(
    engine: Engine, weights: Path, *, threads: int, tokens: int, runs: int, bench: Path | None
) -> Iterator[Pair]:
    """Ours, theirs, ours, theirs ... Raises CoderError when llama-bench does not run."""
    _generate(engine, 1)
    for _ in range(runs):
        usage = _generate(engine, tokens)
        theirs = None if bench is None else _llama_bench(bench, weights, threads, tokens)
        yield Pair(usage.tokens_per_second, usage.completion_tokens, usage.accepted_tokens, theirs)


def memory(engine: Engine) -> dict[str, int]:
    """Bytes of the engine's process: all that is resident, the weights and the KV cache (whole, used or not), and `own`
    above them: program, vocabulary, compute buffers. Empty for an engine that is no process of ours."""
    from coder_tui.engine.client import LlamaEngine

    if not isinstance(engine, LlamaEngine):
        return {}
    found = engine.stats()
    own = found.rss_bytes - found.model_bytes - found.cache_bytes
    return {"resident": found.rss_bytes, "weights": found.model_bytes, "cache": found.cache_bytes, "own": own}


def _generate(engine: Engine, tokens: int) -> Usage:
    prompt = Prompt((Segment(_TEXT),))
    for event in engine.generate(prompt, Sampling(), Limits(tokens)):
        if isinstance(event, Finished):
            return event.usage
    return Usage()


def _llama_bench(program: Path, weights: Path, threads: int, tokens: int) -> float:
    options = {"-m": weights, "-t": threads, "-p": 0, "-n": tokens, "-r": 1, "-o": "json"}
    command = [str(program), *(str(part) for option in options.items() for part in option)]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=600)
        return float(json.loads(done.stdout)[0]["avg_ts"])
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError) as error:
        raise CoderError(f"{program} did not give a figure", hint=HOW_TO_GET_IT) from error
