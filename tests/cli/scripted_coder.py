"""`coder` with scripted answers, as a program of its own: FILE of answers (JSON), FILE for the requests, arguments.

An answer "HANG" gives a word and then nothing until it is cancelled or the process ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coder_tui.__main__ import main
from coder_tui.assistant import opening
from coder_tui.assistant.opening import Ready
from coder_tui.cli import weights_prompt
from coder_tui.core.events import Delta, Event
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.weights import gguf_file

answers, record, model, *arguments = sys.argv[1:]


class Engine(ScriptedEngine):
    """Writes down what it is asked, and hangs where it is told to."""

    def generate(self, *request: Any) -> Any:
        with Path(record).open("a") as file:
            text = "".join(segment.text for segment in request[0].segments)
            file.write(json.dumps(text) + "\n")
        return Generation(super().generate(*request))


class Generation:
    def __init__(self, real: Any) -> None:
        self.real = real
        self.cancel = real.cancel

    def __iter__(self) -> Iterator[Event]:
        for event in self.real:
            if isinstance(event, Delta) and event.text == "HANG":
                yield Delta("hanging ")
                threading.Event().wait()
            yield event


@contextmanager
def opened(path: Path, settings: Any, **_: Any) -> Iterator[Ready]:
    yield Ready(Engine(json.loads(Path(answers).read_text())), gguf_file.inspect(path).info, settings)


opening.opened = opened  # type: ignore[assignment]  # stands in for the real one
weights_prompt.ensure_model = lambda *_, **__: Path(model)


def hang(_descriptor: int) -> None:
    sys.stderr.write("hanging in fsync\n")
    sys.stderr.flush()
    threading.Event().wait()


if os.environ.get("HANG_IN_FSYNC"):
    os.fsync = hang
sys.argv = ["coder", *arguments]
main()
