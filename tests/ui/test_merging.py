"""A file that changes on disk while it is edited, and the line at which a file is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ui.harness import Play, play, playing

from coder_tui.config.schema import Settings
from coder_tui.ui.screens.ask import Ask

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
NUMBERS = "".join(f"line {number}\r\n" for number in range(1, 201))


def asks(running: Play) -> bool:
    return isinstance(running.app.screen, Ask)


def test_changes_of_different_lines_are_merged(work: Path) -> None:
    path = work / "numbers.txt"
    path.write_bytes(NUMBERS.encode())

    async def scene() -> None:
        async with playing(work, file="numbers.txt", settings=OFF) as running:
            await running.press("x")
            path.write_bytes(NUMBERS.replace("line 100\r", "other 100\r").encode())
            await running.press("ctrl+s")
            await running.until(lambda: asks(running) and "Do nothing (k)" in running.screen_text)
            await running.press("m")
            await running.until(lambda: "other 100" in running.area.content)
            assert running.app.editors.active.modified
            assert "\r" not in running.area.content
            await running.press("ctrl+s")
            await running.until(lambda: not running.app.editors.active.modified)
            assert path.read_bytes() == f"x{NUMBERS}".replace("line 100\r", "other 100\r").encode()

    play(scene)


def test_where_both_changed_the_same_line_it_is_said_and_not_merged(work: Path) -> None:
    path = work / "calc.py"
    before = path.read_text()

    async def scene() -> None:
        async with playing(work, file="calc.py", line=5, settings=OFF) as running:
            await running.press("x")
            path.write_text(before.replace("return a + b", "return b + a"))
            await running.press("ctrl+s")
            await running.until(lambda: asks(running))
            assert "both changed line 5." in running.screen_text
            assert "Merge (m)" not in running.screen_text
            await running.press("escape")
            assert "x    return a + b" in running.area.content
            path.unlink()
            await running.press("ctrl+s")
            await running.until(lambda: asks(running))
            assert "Merge" not in running.screen_text

    play(scene)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_the_line_is_in_the_middle(work: Path, size: tuple[int, int]) -> None:
    (work / "numbers.txt").write_text(NUMBERS)

    async def scene() -> None:
        async with playing(work, file="numbers.txt", line=150, settings=OFF, size=size) as running:
            await running.until(lambda: "line 150" in running.screen_text)
            assert abs(running.row_of("line 150") - size[1] // 2) <= 2

    play(scene)
