"""The context panel: what goes along, and changing that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ui.harness import Play, play, playing

from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import Purpose
from coder_tui.ui.screens.context import ContextPanel

TILL = "class Till:\n    def deposit(self, amount):\n        self.total += amount\n"


@pytest.fixture
def workspace(work: Path) -> Iterator[Workspace]:
    (work / "till[1].py").write_text("x = 1\n")
    (work / "till.py").write_text(TILL)
    (work / "main.py").write_text("from till import Till\n\n\ntill = Till()\n\n")
    workspace = Workspace(work, None, Settings())
    workspace.open()
    yield workspace
    workspace.close()


async def opened(running: Play) -> list[str]:
    """The rows of the panel."""
    await running.press("f5")
    await running.until(lambda: isinstance(running.app.screen, ContextPanel) and running.app.screen._rows)
    return rows(running)


def rows(running: Play) -> list[str]:
    """Those with a piece."""
    return [row.content.plain.rstrip() for row in running.app.screen._rows if row.place is not None]


def prompts(running: Play) -> list[str]:
    """Of the suggestions that were asked for."""
    asked = [prompt for prompt, _, _, purpose in running.engine.requests if purpose is Purpose.SUGGEST]
    return ["".join(segment.text for segment in prompt.segments) for prompt in asked]


def test_a_piece_is_left_out_and_comes_back(work: Path, workspace: Workspace) -> None:
    async def scene() -> None:
        async with playing(work, *["a()"] * 9, file="main.py", line=5, workspace=workspace) as running:
            shown = await opened(running)
            assert "till.py:1-3  definition of Till, imported and used here" in shown[0]
            assert [row.split()[2] for row in shown[1:]] == ["main.py:1-5", "main.py:5", "main.py:1-5"]
            assert shown[-1].endswith("main.py:1-5  at the cursor")
            await running.press("x")
            await running.until(lambda: "you left it out" in "".join(rows(running)))
            assert not any("definition of Till" in row for row in rows(running))
            await running.press("escape", "ctrl+@")
            await running.until(lambda: running.area.ghost)
            assert "deposit" not in prompts(running)[-1]
            await running.press("escape", "f5")
            await running.until(lambda: isinstance(running.app.screen, ContextPanel) and running.app.screen._rows)
            await running.press("end", "x")
            await running.until(lambda: any("definition of Till" in row for row in rows(running)))

    play(scene)


def test_a_pinned_file_goes_along_with_suggestions_and_questions(work: Path, workspace: Workspace) -> None:
    async def scene() -> None:
        async with playing(work, *["yes"] * 9, file="calc.py", line=7, workspace=workspace) as running:
            workspace.surroundings.toggle_pin("till[1].py")
            shown = await opened(running)
            assert shown[0].startswith("● ")
            assert shown[0].endswith("till[1].py:1  pinned")
            await running.press("escape", "ctrl+l", *"hi", "enter")
            await running.until(lambda: not running.app.chatting.talk.is_busy and running.app.chatting.talk.messages)
            asked = [prompt for prompt, _, _, purpose in running.engine.requests if purpose is Purpose.CHAT]
            assert "till[1].py" in "".join(segment.text for segment in asked[-1].segments)

    play(scene)


def test_a_piece_is_opened_where_it_is(work: Path, workspace: Workspace) -> None:
    async def scene() -> None:
        async with playing(work, file="main.py", line=5, workspace=workspace) as running:
            await opened(running)
            await running.press("enter")
            await running.until(lambda: running.app.editors.active.path_name == "till.py")
            assert running.area.cursor_location == (0, 0)

    play(scene)


def test_the_file_itself_cannot_be_left_out(work: Path, workspace: Workspace) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", line=7, size=(80, 24), workspace=workspace) as running:
            before = await opened(running)
            assert running.row_of("leave out") < 24
            await running.press("x", "p")
            await running.pilot.pause()
            assert rows(running) == before
            assert workspace.surroundings.wish.excluded == workspace.surroundings.wish.pinned == ()

    play(scene)


def test_without_a_file_what_is_attached_shows(work: Path, workspace: Workspace) -> None:
    async def scene() -> None:
        async with playing(work, workspace=workspace) as running:
            await running.press("ctrl+l", *"/add calc.py", "enter")
            await running.until(lambda: running.app.chatting.talk.attachments)
            await running.press(*"/context", "enter")
            await running.until(lambda: isinstance(running.app.screen, ContextPanel) and running.app.screen._rows)
            assert rows(running)[0].endswith("calc.py:1-8  attached")
            assert "no file is open" in running.screen_text
            await running.press("x")
            await running.until(lambda: not rows(running))
            assert running.app.chatting.talk.attachments == ()


def test_what_the_next_question_sends(work: Path, workspace: Workspace) -> None:
    async def scene() -> None:
        async with playing(work, "yes", file="calc.py", size=(120, 48), workspace=workspace) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await running.press("ctrl+l", *"hi", "enter")
            await running.until(lambda: running.app.chatting.talk.messages and not running.app.chatting.talk.is_busy)
            await running.press("ctrl+l", "ctrl+l", "ctrl+t")
            running.app.chat.prompt.put("what does it do?")
            workspace.surroundings.toggle_pin("till.py")
            await opened(running)
            text = running.screen_text
            assert text.index("The next question") < text.index("The suggestion at the cursor")
            assert "this chat  2 messages before" in text
            assert "till.py:1-3  pinned" in text
            assert "calc.py:1-8  attached" in text
            assert "the question  as it stands in the prompt" in text
            (total,) = re.findall(r"The next question +(\d+) of 8,192 tokens, (?:\d,\d+) left", text)
            await running.press("escape", "enter")
            await running.until(lambda: len(running.app.chatting.talk.messages) == 2)
            sent = [prompt for prompt, _, limits, _ in running.engine.requests if limits.max_tokens][-1]
            assert len(running.engine.tokenize(*sent.segments)) == int(total)

    play(scene)
