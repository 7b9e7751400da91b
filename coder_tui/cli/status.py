"""The line on stderr that says what is going on while nothing can be shown yet. On a terminal only."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType
from typing import Self

from coder_tui.cli.output import err_is_terminal
from coder_tui.core.plain import plain


class Status:
    """A line that is replaced by the next one, and gone at the end."""

    def __init__(self) -> None:
        self._shows = err_is_terminal()
        self._shown = ""

    def show(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        line = plain(text).replace("\n", " ")[:width]
        if self._shows and line != self._shown:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._shown = line

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
