"""What nobody foresaw: it goes to the log, the user gets a line, and the app goes on."""

from __future__ import annotations

import contextlib
import traceback

from coder_tui.config import paths


def logged(error: BaseException) -> str:
    """Write a fault to the log; the line for the user."""
    log = paths.log_file()
    with contextlib.suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            traceback.print_exception(error, file=file)
    return f"coder has met a fault of its own: {type(error).__name__}: {error}\nwhat led to it is in {log}"
