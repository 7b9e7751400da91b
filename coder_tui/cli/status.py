"""The line on stderr that says what is going on while nothing can be shown yet. On a terminal only."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from coder_tui.cli import output


class Status:
    """A line that is replaced by the next one, and by anything else that is printed, and gone at the end."""

    def show(self, text: str) -> None:
        output.show_status(text)

    def clear(self) -> None:
        output.clear_status()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
