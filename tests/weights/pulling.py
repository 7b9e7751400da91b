"""Pulls in processes of their own, which can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Pulling:
    """One pull in a process of its own."""

    def __init__(self, zygote: Zygote, order: dict[str, Any]) -> None:
        self._zygote = zygote
        self._order = order
        Path(order["result"]).unlink(missing_ok=True)
        self.pid = zygote.ask({"start": order})

    def wait(self) -> int:
        """Its exit status; minus the signal's number when it was killed."""
        return self._zygote.ask({"wait": self.pid})

    @property
    def result(self) -> dict[str, Any]:
        return json.loads(Path(self._order["result"]).read_text())

    @property
    def notes(self) -> str:
        path = Path(self._order["notes"])
        return path.read_text() if path.exists() else ""


class Zygote:
    def __init__(self) -> None:
        script = Path(__file__).with_name("zygote.py")
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, order: dict[str, Any]) -> int:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())
