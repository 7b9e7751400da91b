"""Printing a suggestion while it is generated."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from coder_tui.cli import output
from coder_tui.cli.status import Status
from coder_tui.core.errors import EngineError

if TYPE_CHECKING:
    from coder_tui.assistant.infill import Step

_GREEN, _PLAIN = "\x1b[32m", "\x1b[0m"
Result = TypeVar("Result")


def printed(events: Iterator[Step | Result], status: Status, *, show: bool) -> Result:
    """Run a pipeline to its end and return its result. With `show` the text goes to stdout as it becomes certain."""
    from coder_tui.assistant.infill import LeftOut, Shown
    from coder_tui.core.events import PromptProgress

    text = ""
    for event in events:
        if isinstance(event, PromptProgress):
            if event.done < event.total:
                status.show(f"reading {event.done} of {event.total} tokens ...")
        elif isinstance(event, LeftOut):
            output.note(f"note: {event.text}")
        elif isinstance(event, Shown):
            status.clear()
            text += event.text
            if show:
                output.write(event.text)
        else:
            if show and text and not text.endswith("\n"):
                output.write("\n")
            return event
    raise EngineError("the engine ended without a result")


@contextmanager
def highlighted() -> Iterator[None]:
    """What is printed meanwhile stands out, where a terminal can show it and NO_COLOR does not forbid it."""
    colours = output.out_is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if colours:
        sys.stdout.write(_GREEN)
    try:
        yield
    finally:
        if colours:
            sys.stdout.write(_PLAIN)
            sys.stdout.flush()
