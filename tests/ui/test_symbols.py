"""Symbols in a running app: those of the file, those of the repository, and in the chat's list."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input
from ui.harness import Play, play, playing

from coder_tui.assistant.symbols import Names
from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings
from coder_tui.context import index
from coder_tui.context.exclude import Rules
from coder_tui.ui.screens.pick import Pick

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
TILL = "class Till:\n    def __init__(self):\n        self.sum = 0\n\n"
TILL += "    def deposit(self, amount):\n        self.sum += amount\n"


@pytest.fixture
def known(work: Path) -> Path:
    """The repository with an index of it."""
    (work / "shop").mkdir()
    (work / "shop" / "till.py").write_text(TILL)
    store = index.opened(work)
    assert store is not None
    index.update(store, work, Rules(work))
    store.close()
    return work


def pick(running: Play) -> Pick:
    assert isinstance(running.app.screen, Pick)
    return running.app.screen


def test_a_symbol_of_the_file_as_it_stands(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            running.area.insert_text("def new():\n    pass\n\n\n")
            await running.press("ctrl+o")
            await running.until(lambda: "function:8" in running.screen_text)
            assert re.search(r"new +function:1 ", running.screen_text)
            running.type_at_once(*"ad", "enter")
            await running.until(lambda: not isinstance(running.app.screen, Pick))
            await running.until(lambda: running.area.cursor_location == (7, 0))
            assert running.area.has_focus

    play(scene)


def test_where_there_is_no_file_and_no_index_that_is_said(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            await running.press("ctrl+o")
            await running.until(lambda: "no file is open" in running.screen_text)
            pick(running).query_one(Input).value = "#x"
            await running.until(lambda: "no symbol of that name" in running.screen_text)
            await running.press("enter", "escape")
            assert not isinstance(running.app.screen, Pick)

    play(scene)


def test_symbols_of_the_repository_in_the_list_and_in_the_chat(known: Path) -> None:
    workspace = Workspace(known, known, OFF)

    async def scene() -> None:
        async with playing(known, "money", file="calc.py", settings=OFF, workspace=workspace) as running:
            await running.press("alt+o", *"tdep")
            await running.until(lambda: re.search(r"Till\.deposit +shop/till\.py:5", running.screen_text))
            await running.press("enter")
            await running.until(lambda: running.app.editors.active.name == "till.py")
            await running.until(lambda: running.area.cursor_location == (4, 0))
            await running.until(lambda: running.app.tree_view.paths)
            await running.press("ctrl+l", *"why @depo")
            await running.until(lambda: "@shop/till.py:5-6  Till.deposit" in running.screen_text)
            await running.press("enter", "x", "enter")
            await running.until(lambda: running.app.chatting.talk.messages)
            sent = "".join(segment.text for segment in running.engine.requests[-1][0].segments)
            assert (
                "shop/till.py (lines 5-6):\n```py\n    def deposit(self, amount):\n        self.sum += amount\n```"
                in sent
            )
            assert "class Till" not in sent
            assert "why @shop/till.py:5-6 x" in sent

    play(scene)


def test_names_are_taken_as_they_are_typed(known: Path) -> None:
    names = Names(known)
    assert [one.place for one in names.matching("till.dep")] == ["shop/till.py:5-6"]
    assert [one.title for one in names.matching("__init")] == ["Till.__init__"]
    assert names.matching("%") == names.matching("") == names.matching("'") == []
    names.close()
    assert names.matching("till") == []
