"""Telling the user, and work beside the app's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from textual.app import App

from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain

T = TypeVar("T")


def tell(app: App[None], error: CoderError) -> None:
    """Say what failed, and the hint."""
    text = plain(str(error))
    if error.hint:
        text += f"\nhint: {plain(error.hint)}"
    app.notify(text, severity="error", timeout=8, markup=False)


async def in_thread(work: Callable[[], T]) -> T:
    """The result of work that may take a while; the app goes on meanwhile."""
    return await asyncio.to_thread(work)
