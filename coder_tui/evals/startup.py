"""How long commands take to start, as a user sees it: whole processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from coder_tui.core.errors import CoderError


def command_ms(arguments: Sequence[str]) -> float:
    """Milliseconds of `coder ARGUMENTS`, from nothing to its end. Raises CoderError when it fails."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "coder_tui", *arguments], capture_output=True, check=False)
    took = 1000 * (time.perf_counter() - started)
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CoderError(f"coder {' '.join(arguments)} failed: {told[0] if told else done.returncode}")
    return took
