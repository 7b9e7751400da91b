"""A file is read as soon as somebody may type in it, not at the first key."""

from __future__ import annotations

from pathlib import Path

from ui.harness import Play, play, playing, read_for

from coder_tui.core.prompt import Purpose


def read(running: Play) -> list[str]:
    """Beginnings of what was read while nobody waited."""
    return [
        "calc" if "def add" in read_for(request) else "other"
        for request in running.engine.requests
        if request[3] is Purpose.AHEAD and not request[2].max_tokens
    ]


def test_what_is_open_when_the_model_is_there(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            await running.until(lambda: read(running) == ["calc"])

    play(scene)


def test_a_file_that_comes_into_view(work: Path) -> None:
    (work / "other.py").write_text("import os\n\nprint(os.sep)\n")

    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            await running.until(lambda: read(running) == ["calc"])
            await running.app.files.open(work / "other.py")
            await running.until(lambda: read(running) == ["calc", "other"])
            await running.press("end", "x", "backspace")
            await running.app.files.open(work / "calc.py")
            await running.until(lambda: read(running)[-1] == "calc")

    play(scene)
