"""Where the cursor is when a file opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ui.harness import play, playing

from coder_tui.config.schema import Settings

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_file_opens_where_it_was_left(work: Path, is_kept: bool) -> None:
    (work / "long.py").write_text("".join(f"x{number} = {number}\n" for number in range(90)))
    settings = replace(OFF, app=replace(OFF.app, places="on" if is_kept else "off"))

    async def left(line: int | None, go_to: tuple[int, int] | None = None) -> tuple[int, int]:
        async with playing(work, file="long.py", line=line, settings=settings) as running:
            begin: tuple[int, int] = running.area.cursor_location
            running.area.move_cursor(go_to or begin)
            return begin

    async def scene() -> None:
        assert await left(None, (70, 1)) == (0, 0)
        assert await left(None) == ((70, 1) if is_kept else (0, 0))
        assert await left(5) == (4, 0)
        assert await left(None) == ((4, 0) if is_kept else (0, 0))
        async with playing(work, file="long.py", line=80, settings=settings) as running:
            await running.press("ctrl+w")
            await running.app.files.open(work / "long.py")
            assert running.area.cursor_location == ((79, 0) if is_kept else (0, 0))
        (work / "long.py").write_text("short = 1\n")
        assert await left(None) == ((1, 0) if is_kept else (0, 0))

    play(scene)
