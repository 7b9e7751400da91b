"""Speed of generation and of reading prompts through the whole program against llama.cpp's own benchmark, in turn, on
the same file.
"""

from __future__ import annotations

import json
import random
import string
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import CoderError
from coder_tui.core.events import Finished, Usage
from coder_tui.core.prompt import Limits, Prompt, Sampling, Segment
from coder_tui.engine.base import Engine
from coder_tui.evals.figures import spread
from coder_tui.weights.hardware import usable_cores

_TEXT = "def quick_sort(items):\n    "
"""Code that hardly repeats itself: prompt lookup finds nothing to gain in it."""

HOW_TO_GET_IT = "llama-bench comes with llama.cpp, or in its source: cmake --build build --target llama-bench"


@dataclass(frozen=True, slots=True)
class Pair:
    """Tokens a second, one run after the other."""

    ours: float
    tokens: int
    """Of our run: the model may have come to its end before all that were asked for."""
    guessed: int
    """Of those generated, the ones that prompt lookup had right: llama-bench has no such help."""
    theirs: float | None
    """None without llama-bench."""


class Bench:
    """llama-bench, with the number of threads that is fastest for it. `more`: options of its command line."""

    def __init__(self, program: Path, weights: Path, more: Sequence[str] = ()) -> None:
        self._program, self._weights, self._more = program, weights, more
        self.threads = 1

    def choose(self, *, prompt: int = 0, generated: int = 0, depth: int = 0) -> None:
        """Try three numbers of threads around that of the cores, and stay with the best."""
        cores = sorted({max(1, usable_cores() // 2), usable_cores(), usable_cores() + 1})
        speeds = {threads: self._run(threads, prompt, generated, depth) for threads in cores}
        self.threads = max(speeds, key=lambda threads: speeds[threads])

    def speed(self, *, prompt: int = 0, generated: int = 0, depth: int = 0) -> float:
        """Tokens a second: of a prompt of so many, or of so many generated, behind `depth` tokens in the KV cache.
        Raises CoderError when it does not run."""
        return self._run(self.threads, prompt, generated, depth)

    def _run(self, threads: int, prompt: int, generated: int, depth: int) -> float:
        options = {"-m": self._weights, "-t": threads, "-p": prompt, "-n": generated, "-d": depth, "-r": 1}
        parts = (str(part) for option in options.items() for part in option)
        command = [str(self._program), *parts, *self._more, "-o", "json"]
        try:
            done = subprocess.run(command, capture_output=True, check=True, timeout=600)
            return float(json.loads(done.stdout)[0]["avg_ts"])
        except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError) as error:
            raise CoderError(f"{self._program} did not give a figure", hint=HOW_TO_GET_IT) from error


def generation(engine: Engine, *, tokens: int, runs: int, bench: Bench | None, depth: int = 0) -> dict[str, object]:
    """The figures of `decode`. Raises CoderError when llama-bench does not run."""
    if bench is not None:
        bench.choose(generated=tokens, depth=depth)
    pairs = list(decode(engine, tokens=tokens, runs=runs, bench=bench, depth=depth))
    counts = {"generated_tokens": pairs[0].tokens, "guessed_tokens": pairs[0].guessed, "depth": depth}
    return counts | _compared(pairs, bench, "")


def reading(engine: Engine, *, tokens: int, runs: int, bench: Bench | None) -> dict[str, object]:
    """The figures of `read`, likewise."""
    if bench is not None:
        bench.choose(prompt=tokens)
    pairs = list(read(engine, tokens=tokens, runs=runs, bench=bench))
    return {"prompt_tokens": pairs[0].tokens} | _compared(pairs, bench, "prompt_")


def decode(engine: Engine, *, tokens: int, runs: int, bench: Bench | None, depth: int = 0) -> Iterator[Pair]:
    """Generation behind a prompt of about `depth` tokens: ours, theirs, ours, theirs ..."""
    text = _words(engine, depth) + _TEXT
    _generate(engine, text, 1)
    for _ in range(runs):
        usage = _generate(engine, text, tokens)
        theirs = None if bench is None else bench.speed(generated=tokens, depth=depth)
        yield Pair(usage.tokens_per_second, usage.completion_tokens, usage.accepted_tokens, theirs)


def read(engine: Engine, *, tokens: int, runs: int, bench: Bench | None) -> Iterator[Pair]:
    """Prompts of so many tokens, of which nothing is in the cache: from the request to the end of its first token. In
    turn as `decode`, with as many tokens on their side."""
    _generate(engine, _TEXT, 1)
    for number in range(runs):
        text = _long_text(engine, number, tokens)
        started = time.perf_counter()
        usage = _generate(engine, text, 1)
        ours = usage.evaluated_tokens / (time.perf_counter() - started)
        theirs = None if bench is None else bench.speed(prompt=usage.evaluated_tokens)
        yield Pair(ours, usage.evaluated_tokens, 0, theirs)


def _compared(pairs: Sequence[Pair], bench: Bench | None, prefix: str) -> dict[str, object]:
    """Both sides and the ratio of each pair, with their spread."""
    found: dict[str, object] = {f"{prefix}ours": spread([pair.ours for pair in pairs])}
    if bench is not None:
        found[f"{prefix}llama_bench_threads"] = bench.threads
        found[f"{prefix}llama_bench"] = spread([pair.theirs for pair in pairs if pair.theirs])
        found[f"{prefix}ratio"] = spread([pair.ours / pair.theirs for pair in pairs if pair.theirs])
    return found


def memory(engine: Engine) -> dict[str, int]:
    """Bytes of the engine's process: all that is resident, the weights and the KV cache (whole, used or not), and `own`
    above them: program, vocabulary, compute buffers. Empty for an engine that is no process of ours."""
    from coder_tui.engine.client import LlamaEngine

    if not isinstance(engine, LlamaEngine):
        return {}
    found = engine.stats()
    own = found.rss_bytes - found.model_bytes - found.cache_bytes
    return {"resident": found.rss_bytes, "weights": found.model_bytes, "cache": found.cache_bytes, "own": own}


def _generate(engine: Engine, text: str, tokens: int) -> Usage:
    for event in engine.generate(Prompt((Segment(text),)), Sampling(), Limits(tokens)):
        if isinstance(event, Finished):
            return event.usage
    return Usage()


def _words(engine: Engine, tokens: int) -> str:
    """A comment of about so many tokens that repeats nothing."""
    letters = random.Random(1)  # noqa: S311 - the same in each run
    line = "# " + " ".join("".join(letters.choices(string.ascii_lowercase, k=6)) for _ in range(tokens)) + "\n"
    return line[: len(line) * tokens // max(1, engine.count([line])[0])] + "\n" if tokens else ""


def _long_text(engine: Engine, number: int, tokens: int) -> str:
    """Code of about so many tokens, which begins otherwise for each number."""
    line = "def name_{0}_{1}(left, right):\n    return left * {1} + right\n\n"
    cost = max(1, engine.count([line.format(number, 10)])[0])
    return "".join(line.format(number, at) for at in range(max(1, round(tokens / cost))))
