"""What prompt lookup is worth with a real model: rewrites that change little, and text that is new.

    python tests/engine/lookup_worth.py MODEL [--threads 2] [--rounds 2]

Each answer is generated with guesses and without, in turn. Prints a JSON line for each: whether the text is the same,
tokens, the gain by counts at the usual price of a guess, and the time without guesses as a multiple of that with them
(median of the rounds, each side's run against the other's next to it).
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import statistics
import textwrap
import time
from dataclasses import replace
from pathlib import Path

from coder_tui.core.events import Delta, Finished, Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.load_options import LoadOptions
from coder_tui.engine.lookup import DRAFT_COST
from coder_tui.prompts import chat, markers
from coder_tui.weights import gguf_file

NEVER = 1000.0
"""A draft cost with which no guess pays."""
REWRITES = [
    ("textwrap", "TextWrapper._handle_long_word", "end"),
    ("configparser", "RawConfigParser.write", "d"),
    ("shutil", "_unpack_zipfile", "targetpath"),
    ("fileinput", "FileInput.nextfile", "oldoutput"),
    ("difflib", "SequenceMatcher.get_grouped_opcodes", "nn"),
    ("zipfile", "ZipFile._open_to_write", "zip64"),
]
"""Functions of 20 to 45 lines, and a name that stands in few of them."""
NEW = [
    "Explain what a B-tree is, in prose.",
    "Write a Python class for an LRU cache with get and put, and a function that tests it.",
    "What happens between typing a URL and seeing the page?",
]


def question(module: str, name: str, old: str) -> str:
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    code = textwrap.dedent(inspect.getsource(found))  # type: ignore[arg-type]
    return f"Rename the variable {old} to renamed. Answer with the whole function.\n```python\n{code}```"


def answer(engine: LlamaEngine, prompt: Prompt, limits: Limits) -> tuple[str, float, Finished]:
    """(text, seconds from the first piece to the last, end)."""
    text, first, last, end = "", 0.0, 0.0, None
    for event in engine.generate(prompt, Sampling(), limits, Purpose.CHAT):
        last = time.perf_counter()
        if isinstance(event, Finished):
            end = event
        elif isinstance(event, Delta):
            first = first or last
            text += event.text
    assert end is not None
    return text, last - first, end


def price(usage: Usage) -> float:
    """What the tokens of an answer cost, in the time of so many plain ones: each evaluation, and what guesses add."""
    evaluations = usage.completion_tokens - usage.accepted_tokens + usage.again_tokens
    return evaluations + DRAFT_COST * usage.drafted_tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=420)
    args = parser.parse_args()
    info = gguf_file.inspect(args.model).info
    limits = Limits(args.tokens, stop_tokens=markers.stop_tokens(info))
    options = LoadOptions(args.model, context_tokens=2048, threads=args.threads, purposes=(Purpose.CHAT,))
    asked = {f"{name} ({old})": question(module, name, old) for module, name, old in REWRITES}
    asked |= {text: text for text in NEW}
    with LlamaEngine() as guessing, LlamaEngine() as plain:
        guessing.load(options)
        plain.load(replace(options, draft_cost=NEVER))
        for name, text in asked.items():
            prompt = chat.build([chat.Message("user", text)], info)
            ratios: list[float] = []
            said: dict[LlamaEngine, tuple[str, Finished]] = {}
            for _ in range(args.rounds):
                took: dict[LlamaEngine, float] = {}
                for engine in (guessing, plain):
                    written, took[engine], end = answer(engine, prompt, limits)
                    said[engine] = written, end
                ratios.append(took[plain] / took[guessing])
            usage = said[guessing][1].usage
            row = {
                "what": name,
                "same": said[guessing][0] == said[plain][0],
                "tokens": usage.completion_tokens,
                "guessed": usage.drafted_tokens,
                "right": usage.accepted_tokens,
                "again": usage.again_tokens,
                "by_counts": round(usage.completion_tokens / price(usage), 2),
                "faster": round(statistics.median(ratios), 2),
            }
            print(json.dumps(row), flush=True)  # noqa: T201 - a script


if __name__ == "__main__":
    main()
