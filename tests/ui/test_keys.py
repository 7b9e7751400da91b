"""The action table has every key: of panels, dialogs and bars."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input, TextArea
from ui.harness import Play, play, playing

from coder_tui import ui
from coder_tui.config.keymap import KeySettings, Where, actions
from coder_tui.config.schema import Settings
from coder_tui.ui.screens.ask import Ask, AskText
from coder_tui.ui.screens.edit_text import EditText
from coder_tui.ui.screens.help import Help
from coder_tui.ui.screens.pick import Pick

NAMES = {one.name for one in actions(KeySettings())}
FROM_THE_TABLE = {"CodeArea", "Prompt", "Field", "TextField", "Ask"}
"""Classes that look into it themselves when a key comes."""


def classes() -> Iterator[type[DOMNode]]:
    """Every widget and screen of the app."""
    for module in pkgutil.walk_packages(ui.__path__, "coder_tui.ui."):
        if ".web" in module.name:
            continue
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, type) and issubclass(one, DOMNode) and one.__module__ == module.name:
                yield one


def test_no_widget_has_keys_of_its_own() -> None:
    found = list(classes())
    assert {"CoderApp", "Ask", "Pick", "FindBar", "CodeBlock", "Rows"} <= {one.__name__ for one in found}
    for one in found:
        for binding in vars(one).get("BINDINGS", ()):
            assert isinstance(binding, Binding), one
            assert binding.id in NAMES, (one, binding)
        own = {name for name in vars(one) if name in {"on_key", "_on_key"} or name.startswith("key_")}
        assert not own or one.__name__ in FROM_THE_TABLE, (one, own)


def test_every_action_of_the_table_is_carried_out_somewhere() -> None:
    """By a method of what has its keys, or, of answers to questions, by the dialog."""
    found = list(classes())
    for action in actions(KeySettings()):
        if not action.name.startswith("answer_"):
            methods = (f"action_{action.name}", f"_action_{action.name}")
            assert any(hasattr(one, name) for one in found for name in methods), action


def test_help_and_settings_have_the_keys_of_dialogs(work: Path) -> None:
    keys = replace(KeySettings(), close_help="f10", list_down="ctrl+d", list_close="ctrl+e", answer_save="y")

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=replace(Settings(), keys=keys)) as running:
            await running.press("f1")
            shown = str(running.app.screen.query("Static").last().render())
            assert all(f"{where[:1].upper()}{where[1:]}\n" in shown for where in Where)
            assert "F10 closes" in running.screen_text
            await running.press("escape")
            assert isinstance(running.app.screen, Help)
            await running.press("f10", "ctrl+p", *"c")
            await running.until(lambda: isinstance(running.app.screen, Pick))
            await running.press("ctrl+e")
            assert not isinstance(running.app.screen, Pick)
            await running.press("x", "ctrl+q")
            await running.until(lambda: isinstance(running.app.screen, Ask))
            assert "Save all (y)" in running.screen_text
            await running.press("s")
            assert isinstance(running.app.screen, Ask)
            await running.press("y")
            await running.until(lambda: (work / "calc.py").read_text().startswith("x"))

    play(scene)


def test_keys_of_fields_come_in_their_turn(work: Path) -> None:
    """However fast they are typed."""
    for name in ("one.txt", "one.txt2"):
        (work / name).write_text(f"{name}\n")

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=Settings()) as running:
            await running.until(lambda: "one.txt2" in running.app.tree_view.paths)
            await running.press("ctrl+p")
            running.type_at_once(*"one", "down", "enter")
            await running.until(lambda: running.app.editors.active.name == "one.txt2")
            await running.press("ctrl+f")
            running.type_at_once(*"txt", "enter", "escape", "!")
            await running.until(lambda: running.area.text == "one.!2\n")
            answers: list[str | None] = []
            running.app.push_screen(EditText("A", "b", "", "takes it"), answers.append)
            await running.until(lambda: running.app.screen.query(TextArea))
            running.type_at_once("!", "ctrl+s")
            await running.until(lambda: answers)
            running.app.push_screen(AskText("A", "b"), answers.append)
            await running.until(lambda: running.app.screen.query(Input))
            running.type_at_once("s", "d", "enter")
            await running.until(lambda: len(answers) == 2)
            assert answers == ["!b", "bsd"]

    play(scene)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (160, 48)])
def test_keys_stand_at_the_right_edge_of_commands(work: Path, size: tuple[int, int]) -> None:
    def row(running: Play, text: str) -> str:
        return next(line for line in running.screen_text.split("\n") if text in line)

    async def scene() -> None:
        async with playing(work, file="calc.py", size=size) as running:
            await running.press("f2")
            await running.until(lambda: "Open a file" in running.screen_text)
            edge = row(running, "Open a file").rindex("Ctrl+P") + len("Ctrl+P")
            assert row(running, "Go to a symbol of").rindex("Ctrl+O") + len("Ctrl+O") == edge
            assert row(running, "Open a file").rstrip().endswith("│")
            assert edge >= min(80, size[0]) * 0.85

    play(scene)
