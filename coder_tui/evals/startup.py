"""How long commands take to start, as a user sees it: whole processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from coder_tui.core.errors import CoderError

_FILE = "def quick_sort(items):\n    \n\n\nprint(quick_sort([3, 1, 2]))\n"


def command_ms(arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> float:
    """Milliseconds of `coder ARGUMENTS`, from nothing to its end. Raises CoderError when it fails."""
    command = [sys.executable, "-m", "coder_tui", *arguments]
    environment = {**os.environ, **(variables or {})}
    started = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment)
    took = 1000 * (time.perf_counter() - started)
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CoderError(f"coder {' '.join(arguments)} failed: {told[0] if told else done.returncode}")
    return took


def file_to_open(folder: Path) -> Path:
    """A file for the app, whose first line says `beginning`."""
    path = folder / "opened.py"
    path.write_text(f"import beginning\n\n\n{_FILE}", encoding="utf-8")
    return path


def suggestions_ms(folder: Path, runs: int, options: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of `coder infill` in small files that were never read before, and of each of them once more.

    They and a cache directory are made in `folder`. The model's speed is measured before anything counts: that
    happens once on a machine, not once in a file.
    """
    variables = {"CODER_CACHE_DIR": str(folder / "cache")}
    cold: list[float] = []
    warm: list[float] = []
    for run in range(runs + 1):
        path = folder / f"sort{run}.py"
        path.write_text(_FILE, encoding="utf-8")
        arguments = ["infill", f"{path}:2", "--max-tokens", "8", *options]
        for times in (cold, warm):
            times.append(command_ms(arguments, variables))
    return cold[1:], warm[1:]
