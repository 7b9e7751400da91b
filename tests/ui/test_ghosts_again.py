"""What follows a suggestion that shows, while nobody types."""

from __future__ import annotations

from pathlib import Path

from ui.harness import Play, has_ghost, play, playing

from coder_tui.core.prompt import Purpose


def refreshed(running: Play) -> int:
    """How often all was done that follows a suggestion."""
    return sum(purpose is Purpose.REFRESH for *_, purpose in running.engine.requests)


def test_a_ghost_that_was_typed_along_is_asked_for_again(work: Path) -> None:
    async def scene() -> None:
        answers = ["add(1, 2)", "", "d(3, 4)", "", "(5, 6)", ""]
        async with playing(work, *answers, file="calc.py", line=7) as running:
            await running.press("ctrl+@")
            await running.until(lambda: has_ghost(running, "add(1, 2)"))
            await running.until(lambda: refreshed(running) == 1)
            await running.press("a", "d")
            await running.until(lambda: has_ghost(running, "d(3, 4)"))
            await running.until(lambda: refreshed(running) == 2)
            await running.press("d")
            assert has_ghost(running, "(3, 4)")
            await running.until(lambda: has_ghost(running, "(5, 6)"))
            await running.press("tab")
            assert running.area.document.get_line(6) == "add(5, 6)"

    play(scene)
