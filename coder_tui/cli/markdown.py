"""An answer in Markdown, rendered while it arrives: finished blocks are printed for good, the last one is redrawn."""

from __future__ import annotations

import re
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coder_tui.cli import output
from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class PlainStream:
    """The same for a pipe: text as it comes, with a line break at its end."""

    def __init__(self, *, show: bool) -> None:
        self._show = show
        self._last = "\n"

    def feed(self, text: str) -> None:
        if self._show and text:
            output.write(text)
            self._last = text[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last != "\n":
            output.write("\n")


def stream(*, show: bool) -> MarkdownStream | PlainStream:
    """Where an answer goes: rendered on a terminal, plain in a pipe, nowhere without `show`."""
    return MarkdownStream(output.console()) if show and output.out_is_terminal() else PlainStream(show=show)


class MarkdownStream:
    """Feed text, and see it on the console."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self._console = console
        self._open = ""
        # Only what fits the screen can be redrawn: a long open block shows its end.
        self._live = Live(console=console, transient=True, refresh_per_second=12, vertical_overflow="crop")

    def feed(self, text: str) -> None:
        """More of the answer."""
        self._live.start()
        finished, self._open = split_blocks(self._open + plain(text))
        if finished:
            self._live.update("")
            self._live.console.print(_markdown(finished))
        self._live.update(self._tail())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.update("")
        self._live.stop()
        if self._open.strip():
            self._console.print(_markdown(self._open))
        self._open = ""

    def _tail(self) -> RenderableType:
        lines = self._open.splitlines()
        height = max(3, self._console.height - 2)
        if len(lines) <= height:
            return _markdown(self._open)
        opening = lines[:1] if _FENCE.match(lines[0]) else []
        return _markdown("\n".join(opening + lines[-height:]))


def split_blocks(text: str) -> tuple[str, str]:
    """(blocks that no further text can change, the rest). Blocks end at blank lines outside of code fences.

    A block is finished only when the next one has begun with something that does not go on with a list or quote.
    """
    lines = text.split("\n")
    fence, cut = "", 0
    for index, line in enumerate(lines[:-1]):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif fence and mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
            cut = index + 1
        elif not fence and not line.strip() and _starts_block(lines[index + 1]):
            cut = index + 1
    return "".join(line + "\n" for line in lines[:cut]), "\n".join(lines[cut:])


def _starts_block(line: str) -> bool:
    """Whether a line behind a blank one certainly begins a new block: it is no list item, quote or continuation."""
    return bool(line) and not re.match(r"\s|[-*+>|]|\d", line)


def _markdown(text: str) -> RenderableType:
    from rich.markdown import Markdown

    return Markdown(text, code_theme="ansi_dark", hyperlinks=False)
