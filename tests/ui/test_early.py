"""Questions and instructions that are sent before the model is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input
from ui.harness import answered, asked, play, playing

from coder_tui.config.schema import Settings
from coder_tui.core.errors import NoModelError
from coder_tui.ui.screens.ask import AskText
from coder_tui.ui.screens.models import Models
from coder_tui.ui.screens.review import Review
from coder_tui.ui.screens.working import Working

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
CHANGED = "```python\n    return a - b\n```"


class Slow:
    """A model that is found when it is told to be, or then not."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.is_there = True

    def __call__(self, _settings: Settings) -> Path:
        assert self.go.wait(20)
        if not self.is_there:
            raise NoModelError("the model starter is not here yet")
        return Path()


@pytest.fixture
def slow() -> Iterator[Slow]:
    model = Slow()
    yield model
    model.go.set()  # where a scene broke off, the thread that waits must not fail a later test


def test_questions_wait_for_the_model_in_their_order(work: Path, slow: Slow) -> None:
    async def scene() -> None:
        async with playing(work, "one", "two", settings=OFF, find_model=slow, size=(120, 40)) as running:
            await running.press("ctrl+l", *"first", "enter", *"second", "enter", *"third")
            await running.until(lambda: "next: second" in running.screen_text)
            assert "next: first" in running.screen_text
            assert "the model is being loaded · Esc stops" in running.screen_text
            slow.go.set()
            await running.until(lambda: answered(running, 2))
            said = [message.content for message in running.app.chatting.talk.messages]
            assert said == ["first", "one", "second", "two"]
            assert running.app.chat.prompt.text == "third"
            assert "next:" not in running.screen_text
            assert "loaded" not in running.screen_text

    play(scene)


def test_who_does_not_wait_gets_the_questions_back(work: Path, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coder_tui.ui.chat.early._LOOK_S", 1.0)  # what is seen then is not what the next look mends

    async def scene() -> None:
        async with playing(work, settings=OFF, find_model=slow, size=(120, 40)) as running:
            await running.press("ctrl+l", *"first", "enter", *"second", "enter", "escape")
            await running.until(lambda: running.app.chat.prompt.text == "first\n\nsecond")
            assert not running.app.chat.query_one("#waiting").display, "they are in both places for a moment"
            await running.until(lambda: "next:" not in running.screen_text)
            assert "loaded" not in running.screen_text
            slow.go.set()
            await running.until(lambda: running.app.ready is not None)
            await running.pilot.pause()
            assert not running.engine.requests

    play(scene)


def test_where_no_model_comes_they_are_given_back(work: Path, slow: Slow) -> None:
    async def scene() -> None:
        slow.is_there = False
        async with playing(work, settings=OFF, file="calc.py", find_model=slow, size=(120, 40)) as running:
            await running.press("ctrl+l", *"first", "enter")
            await running.until(lambda: "next: first" in running.screen_text)
            slow.go.set()
            await running.until(lambda: running.app.chat.prompt.text == "first")
            assert "there is no model to ask" in running.told
            await running.until(lambda: isinstance(running.app.screen, Models))
            await running.press("escape", "ctrl+l", "ctrl+k")
            await running.until(lambda: running.told.count("there is no model to ask") == 2)

    play(scene)


def test_an_instruction_waits_for_the_model(work: Path, slow: Slow) -> None:
    async def scene() -> None:
        async with playing(work, CHANGED, file="calc.py", line=5, settings=OFF, find_model=slow) as running:
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"subtract", "enter")
            await running.until(lambda: isinstance(running.app.screen, Working))
            await running.until(lambda: "the model is being loaded" in running.screen_text)
            await running.press("escape")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            assert running.app.screen.query_one(Input).value == "subtract"
            await running.press("enter")
            await running.until(lambda: "the model is being loaded" in running.screen_text)
            slow.go.set()
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert "subtract" in asked(running)
            await running.press("enter")
            await running.until(lambda: "return a - b" in running.area.text)

    play(scene)


def test_an_instruction_for_which_no_model_comes_is_told(work: Path, slow: Slow) -> None:
    async def scene() -> None:
        slow.is_there = False
        async with playing(work, file="calc.py", line=5, settings=OFF, find_model=slow) as running:
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"use net ")
            slow.go.set()
            await running.until(lambda: not running.app.is_model_coming)
            await running.press(*"x() ", "enter")
            await running.until(lambda: "there is no model to ask" in running.told)
            assert running.area.text == (work / "calc.py").read_text()

    play(scene)
