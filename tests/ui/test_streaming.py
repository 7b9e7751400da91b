"""What is on the screen while an answer streams: a view stays where somebody put it, also when the terminal changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from textual.containers import VerticalScroll
from ui.harness import TIMEOUT_S, Play, answered, play, playing

from coder_tui.config.schema import Settings
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.scripted import ScriptedEngine

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
ANSWER = [f"line {number}\n\n" for number in range(60)]


class Stepping(ScriptedEngine):
    """Gives a piece of its answer for each time that it is let."""

    def __init__(self, *answers: list[str]) -> None:
        super().__init__(answers)
        self._let = threading.Semaphore(0)

    def give(self, pieces: int) -> None:
        self._let.release(pieces)

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose) -> tuple[list[str], Usage]:
        chunks, usage = super().begin(prompt, sampling, limits, purpose)
        let = self._let

        class Let(list[str]):
            def __iter__(self) -> Iterator[str]:
                for chunk in super().__iter__():
                    assert let.acquire(timeout=TIMEOUT_S)
                    yield chunk

        return Let(chunks), usage


def conversation(running: Play) -> VerticalScroll:
    return running.app.query_one("#conversation", VerticalScroll)


def is_at_end(running: Play) -> bool:
    return conversation(running).scroll_offset.y == conversation(running).max_scroll_y


async def begin(running: Play, engine: Stepping) -> None:
    """Half of a long answer."""
    running.app.panels.show(running.app.chat)
    running.app.chat.prompt.put("long?")
    await running.press("enter")
    engine.give(30)
    await running.until(lambda: "line 29" in running.screen_text)


def test_a_view_that_was_scrolled_up_stays_there_until_its_end_is_looked_at(work: Path) -> None:
    engine = Stepping(ANSWER)

    async def scene() -> None:
        async with playing(work, engine=engine, settings=OFF, size=(80, 24)) as running:
            await begin(running, engine)
            assert is_at_end(running)
            await running.press("pageup", "pageup")
            await running.until(lambda: "line 29" not in running.screen_text)
            place = conversation(running).scroll_offset.y
            end = conversation(running).max_scroll_y
            engine.give(15)
            await running.until(lambda: "line 44" in running.app.chat.answer.text)
            await running.until(lambda: conversation(running).max_scroll_y > end)
            assert conversation(running).scroll_offset.y == place
            assert not is_at_end(running)
            await running.press(*["pagedown"] * 12)
            await running.until(lambda: "line 44" in running.screen_text)
            engine.give(15)
            await running.until(lambda: answered(running))
            await running.until(lambda: "line 59" in running.screen_text)
            assert is_at_end(running)

    play(scene)


def test_a_terminal_that_changes_its_size_while_an_answer_streams_loses_nothing(work: Path) -> None:
    engine = Stepping(ANSWER)

    async def scene() -> None:
        async with playing(work, file="calc.py", engine=engine, settings=OFF, size=(160, 48)) as running:
            running.area.insert_text("typed = 1\n")
            await begin(running, engine)
            running.app.chat.prompt.put("what I write next")
            shown = 30
            for size in ((40, 12), (300, 100), (80, 24)):
                await running.pilot.resize_terminal(*size)
                engine.give(10)
                shown += 10
                await running.until(lambda last=f"line {shown - 1}": last in running.screen_text)
                assert running.app.chat.prompt.has_focus
                assert running.app.chat.prompt.text == "what I write next"
                await running.until(lambda: is_at_end(running))
            await running.until(lambda: answered(running))
            assert running.app.chatting.talk.messages[-1].content.split() == "".join(ANSWER).split()
            await running.press("ctrl+l", "up", "!")
            assert running.area.text.startswith("!typed = 1\n")

    play(scene)
