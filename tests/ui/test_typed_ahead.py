"""Keys that are typed faster than what they are meant for is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.widgets import Input
from ui.harness import Play, play, playing

from coder_tui.config.schema import Settings
from coder_tui.core.document import Document
from coder_tui.edits import files
from coder_tui.ui.screens.ask import Ask, AskText
from coder_tui.ui.screens.context import ContextPanel

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))


def written(running: Play) -> str:
    screen = running.app.screen
    return "".join(field.value for field in screen.query(Input)) if isinstance(screen, AskText) else ""


@pytest.mark.parametrize(
    ("keys", "is_so"),
    [
        (["ctrl+k", *"abc"], lambda running: written(running) == "abc"),
        (["alt+s", *"abc"], lambda running: written(running) == "calc.pyabc"),
        (["ctrl+n", *"abc"], lambda running: running.area.text == "abc"),
        (["x", "ctrl+w", *"zz"], lambda running: isinstance(running.app.screen, Ask)),
        (["ctrl+w", *"zz"], lambda running: running.app.editors.active is None),
        (["f5", *"abc"], lambda running: isinstance(running.app.screen, ContextPanel)),
    ],
)
def test_they_go_there(work: Path, keys: list[str], is_so: Callable[[Play], bool]) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", line=5, settings=OFF) as running:
            area, before = running.area, running.area.text
            running.type_at_once(*keys)
            await running.until(lambda: is_so(running))
            assert area.text == (before.replace("    return", "x    return") if "x" in keys else before)

    play(scene)


def test_what_comes_before_a_dialog_is_there_is_not_lost(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", line=5, settings=OFF) as running:
            running.type_at_once("ctrl+k")
            while not isinstance(running.app.screen, AskText):
                await asyncio.sleep(0)
            assert running.app.screen.focused is None
            for letter in "abc":
                running.app.screen._forward_event(Key(letter, letter))
            await running.until(lambda: written(running) == "abc")

    play(scene)


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_what_is_typed_behind_the_choice_of_a_file_goes_into_it(
    work: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    (work / "other.py").write_text("x = 1\n")
    read = files.read

    def slow(*given: Any, **also: Any) -> Document:
        time.sleep(seconds)
        return read(*given, **also)

    async def scene() -> None:
        async with playing(work, file="calc.py", line=5, settings=OFF) as running:
            area, before = running.area, running.area.text
            monkeypatch.setattr(files, "read", slow)
            await running.press("ctrl+p", *"other")
            await running.until(lambda: "other.py" in running.screen_text)
            running.type_at_once("enter", *"abc")
            await running.until(lambda: running.area.text == "abcx = 1\n")
            assert area.text == before

    play(scene)
