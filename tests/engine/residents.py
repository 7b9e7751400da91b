"""Waiting for an engine that several clients share."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from coder_tui.engine import joining

ALWAYS_S = 600.0


def there(folder: Path, process: subprocess.Popen[bytes]) -> joining.Joined:
    found = joining.comes_up(folder, process)
    assert found is not None
    return found


def until(is_so: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
