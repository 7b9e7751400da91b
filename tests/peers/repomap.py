"""Our context against aider's RepoMap on one repository, in turn: `repomap.py REPO --aider PYTHON [--runs 3]`.

Both are asked about the same files in the same run, imports of Python modules not counted; both are given all files
that git lists, as aider gives them to its map itself (`Coder.get_repo_map`); with `--python` it is given the Python
files only. Cold: from nothing to an answer for one file. For us it is taken twice: what a suggestion waits for (the
pieces, while there is no index), and until all is known of all files (symbols, imports, names, secrets, history) and
the pieces are chosen with it. Warm: the next answers, for other files. PYTHON is that of a virtual environment with
aider-chat.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from coder_tui.context import index
from coder_tui.context.around import Around, Buffer
from coder_tui.context.exclude import Rules
from coder_tui.context.gather import Gatherer, Wish
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.store import Store

THEIRS = """
import json, sys, time
from aider.repomap import RepoMap
class Quiet:
    def __getattr__(self, name): return lambda *a, **k: None
    def read_text(self, path, **_): return open(path, encoding="utf-8", errors="replace").read()
class Model:
    def token_count(self, text): return len(text) // 3
root, files = sys.argv[1], json.loads(sys.stdin.read())
map_ = RepoMap(map_tokens=1024, root=root, main_model=Model(), io=Quiet())
times = []
for chat in files["chat"]:
    started = time.perf_counter()
    text = map_.get_repo_map([chat], [f for f in files["all"] if f != chat])
    times.append(1000 * (time.perf_counter() - started))
    assert text
print(json.dumps(times))
"""


def theirs(python: Path, root: Path, paths: list[str], chat: list[str]) -> list[float]:
    shutil.rmtree(root / ".aider.tags.cache.v4", ignore_errors=True)
    files = {"all": [str(root / path) for path in paths], "chat": [str(root / path) for path in chat]}
    command = [python, "-c", THEIRS, str(root)]
    done = subprocess.run(command, input=json.dumps(files), capture_output=True, text=True, check=True)
    for cache in root.glob(".aider.tags.cache*"):
        shutil.rmtree(cache, ignore_errors=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def ours(root: Path, chat: list[str]) -> tuple[float, float, list[float]]:
    """(ms to the first pieces without an index, ms to a whole index and pieces chosen with it, ms of later pieces)."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CODER_CACHE_DIR"] = folder
        rules = Rules(root)
        started = time.perf_counter()
        pieces(Gatherer(Knowledge(root, rules, None)), root, chat[0])
        first = 1000 * (time.perf_counter() - started)
        started = time.perf_counter()
        store = Store(index.path_of(root))
        index.update(store, root, rules)
        gatherer, later = Gatherer(Knowledge(root, rules, store)), list[float]()
        pieces(gatherer, root, chat[0])
        whole = 1000 * (time.perf_counter() - started)
        for path in chat[1:]:
            started = time.perf_counter()
            pieces(gatherer, root, path)
            later.append(1000 * (time.perf_counter() - started))
        store.close()
    return first, whole, later


def pieces(gatherer: Gatherer, root: Path, path: str) -> None:
    text = (root / path).read_text(encoding="utf-8", errors="replace")
    at = Around(Buffer(text, len(text) // 2, path))
    gatherer.gather(at, Wish(), text[:3000], lambda text: len(text) // 3, 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--aider", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--python", action="store_true", help="give aider the Python files only")
    given = parser.parse_args()
    root = given.repo.absolute()
    files = list(index.listed(root))
    python = [path for path in files if path.endswith(".py")]
    paths = python if given.python else files
    large = [path for path in python if (root / path).stat().st_size > 4000]
    rows = []
    for run in range(given.runs):
        chat = random.Random(run).sample(large, 6)
        cold, *warm = theirs(given.aider, root, paths, chat)
        first, whole, later = ours(root, chat)
        rows.append(
            {
                "aider_cold_ms": cold,
                "aider_warm_ms": statistics.median(warm),
                "first_pieces_ms": first,
                "index_and_pieces_ms": whole,
                "pieces_ms": statistics.median(later),
            }
        )
        print(json.dumps({key: round(value, 1) for key, value in rows[-1].items()}), file=sys.stderr)
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    ratios = {
        "cold": middle["aider_cold_ms"] / middle["first_pieces_ms"],
        "cold_whole_index": middle["aider_cold_ms"] / middle["index_and_pieces_ms"],
        "warm": middle["aider_warm_ms"] / middle["pieces_ms"],
    }
    print(json.dumps({**middle, **{f"times_faster_{key}": round(value, 2) for key, value in ratios.items()}}, indent=2))


if __name__ == "__main__":
    main()
