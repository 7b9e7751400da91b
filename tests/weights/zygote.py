"""Run by the tests of pulling: forks a process for each pull, so that killing twenty of them takes no twenty start-ups.

One JSON object a line on stdin: {"start": {...}} prints the pid, {"wait": pid} prints the exit status.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import huggingface_hub.utils
from filelock import FileLock

from coder_tui.core.errors import CoderError
from coder_tui.weights import hub, partial
from coder_tui.weights.catalog import CatalogEntry, Parts
from coder_tui.weights.progress import Progress
from coder_tui.weights.pull import pull
from coder_tui.weights.sources import Source

TraceFunction = Callable[[FrameType, str, Any], Any]
PRELOADED = (httpx, huggingface_hub.utils, FileLock, hub._certificates())


class Lines:
    """Counts the lines that are run in the weights package, and ends the process by SIGKILL at one of them."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self.last = last
        sys.settrace(self.enter)

    def enter(self, frame: FrameType, _event: str, _argument: Any) -> TraceFunction | None:
        return self.line if "/coder_tui/weights/" in frame.f_code.co_filename else None

    def line(self, _frame: FrameType, event: str, _argument: Any) -> TraceFunction:
        self.count += event == "line"
        if self.count >= self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.line


def run(order: dict[str, Any]) -> int:
    os.environ.update(order["env"])
    if order.get("fsize"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["fsize"], order["fsize"]))
    partial.RECORD_EVERY_BYTES = 4096
    hub.PAUSE_S = 0.01
    lines = Lines(order["die_at_line"]) if order.get("die_at_line") else None
    entry = dict(order["entry"])
    entry["parts"] = Parts(**entry["parts"]) if entry["parts"] else None
    notes = Path(order["notes"])

    def report(progress: Progress) -> None:
        if progress.note:
            with notes.open("a") as file:
                file.write(f"{progress.step}: {progress.note}\n")

    try:
        path = pull(CatalogEntry(**entry), Path(order["dir"]), report, source=Source(order["source"]))
        print_to(order["result"], {"path": str(path), "lines": lines.count if lines else 0})
    except CoderError as error:
        print_to(order["result"], {"error": str(error), "hint": error.hint})
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def print_to(path: str, value: object) -> None:
    Path(path).write_text(json.dumps(value))


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  # the protocol
            continue
        pid = os.fork()
        if pid == 0:
            code = 99
            try:
                code = run(order["start"])
            finally:
                os._exit(code)
        print(pid, flush=True)  # noqa: T201  # the protocol


if __name__ == "__main__":
    main()
