"""What is edited, opened and copied in the app goes along with suggestions elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ui.harness import play, playing

from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings

OTHER = "".join(f"value_{at} = {at}\n" for at in range(9))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str, str]]:
    """(path, line, text of that line, what) of each place that suggestions are told of."""
    found: list[tuple[str, int, str, str]] = []
    monkeypatch.setattr(
        Workspace, "touched", lambda _, path, line, lines, what: found.append((path, line, lines[line], what))
    )
    return found


@pytest.fixture
def workspace(work: Path) -> Iterator[Workspace]:
    (work / "other.py").write_text(OTHER)
    workspace = Workspace(work, work, Settings())
    yield workspace
    workspace.close()


def test_places_are_told_when_a_file_is_opened_left_saved_and_copied_from(
    work: Path, workspace: Workspace, told: list[tuple[str, int, str, str]]
) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", workspace=workspace) as running:
            await running.until(lambda: told == [("calc.py", 0, "import os", "opened")])
            await running.press("down", *"x = 1")
            await running.app.files.open(work / "other.py")
            await running.until(lambda: len(told) == 3)
            assert told[1:] == [("calc.py", 1, "x = 1", "edited"), ("other.py", 0, "value_0 = 0", "opened")]
            await running.press("down", "shift+end", "ctrl+c")
            await running.until(lambda: len(told) == 4)
            assert told[3] == ("other.py", 1, "value_1 = 1", "copied")
            await running.press("z", "ctrl+s")
            await running.until(lambda: len(told) == 5)
            assert told[4] == ("other.py", 1, "z", "edited")
            running.app.chat.prompt.focus()
            await running.pilot.pause()
            running.app.copy_to_clipboard("of an answer")
            await running.pilot.pause()
            assert len(told) == 5

    play(scene)
