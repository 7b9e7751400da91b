"""The editor in a running app: keys, find, tabs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.screen import Screen
from ui.harness import play, playing

from coder_tui.config.schema import Settings
from coder_tui.ui.editor.find import FindBar

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))


def test_without_a_ghost_its_keys_keep_their_meaning(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", line=4, settings=OFF) as running:
            await running.press("ctrl+right")
            assert running.area.cursor_location == (3, 3)
            await running.press("end")
            assert running.area.cursor_location == (3, 14)
            await running.press("home", "tab")
            assert running.area.document.get_line(3) == "    def add(a, b):"
            await running.press("shift+tab", "escape", "x")
            assert running.area.document.get_line(3).startswith("xdef")
            assert running.engine.requests == []

    play(scene)


def test_a_text_outgrows_the_screen_while_it_is_typed(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="new.py", settings=OFF) as running:
            for _ in range(40):
                running.type_at_once(*"x=1", "enter")
                await running.pilot.pause()
            assert running.area.content == "x=1\n" * 40
            await running.press("ctrl+z", "ctrl+z", "ctrl+y")
            assert running.area.document.line_count == 40
            await running.press("ctrl+a", "backspace")
            running.area.post_message(Paste("y\n" * 40))
            await running.until(lambda: running.area.document.line_count == 41)
            await running.press("ctrl+z", "ctrl+y", "ctrl+z")
            assert running.area.content == ""
            assert not running.area.show_vertical_scrollbar

    play(scene)


def test_lines_begin_where_they_belong(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="new.py", settings=OFF) as running:
            await running.press(*"def f(x):", "enter", *"if x:", "enter", *"return 1", "enter", *"else:", "enter")
            await running.press(*"g(", "enter", "2", "enter", *")", "enter", "enter", "backspace", "backspace", "#")
            assert running.area.content.split("\n") == [
                "def f(x):", "    if x:", "        return 1", "    else:", "        g(", "            2", "        )",
                "", "#",
            ]  # fmt: skip
            await running.press("ctrl+z", "ctrl+z")
            assert running.area.cursor_location == (8, 8)

    play(scene)


def test_find_and_replace(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            await running.press("ctrl+f", *"add")
            assert running.area.selected_text == "add"
            assert "1 of 2" in running.screen_text
            await running.press("enter")
            assert running.area.selection.start == (7, 6)
            await running.press("ctrl+r", "tab")
            bar = running.app.query_one(FindBar)
            bar.query_one("#replace-text").value = "sum_of"
            await running.press("alt+a")
            assert running.area.text.count("sum_of") == 2
            await running.press("escape")
            assert not bar.display
            assert running.area.has_focus
            await running.press("ctrl+z")
            assert running.area.text.count("add") == 2

    play(scene)


def test_control_characters_wide_ones_and_markup_are_drawn_as_text(work: Path) -> None:
    (work / "odd.txt").write_bytes("\x1b[31mred [bold]日本\tx\u202e\n".encode())

    async def scene() -> None:
        async with playing(work, file="odd.txt") as running:
            assert "␛[31mred [bold]日本 x·" in running.screen_text
            await running.press("end", "!", "ctrl+s")
            await running.until(lambda: not running.app.editors.active.modified)
            assert (work / "odd.txt").read_bytes() == "\x1b[31mred [bold]日本\tx\u202e!\n".encode()

    play(scene)


def test_cut_copy_and_paste_keep_every_character(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (work / "odd.txt").write_bytes(b"a\x1bb\xff\n")

    async def scene() -> None:
        async with playing(work, file="odd.txt") as running:
            await running.press("ctrl+c", "ctrl+a", "ctrl+x")
            assert running.app.clipboard == "a\x1bb\udcff\n"
            assert running.area.text == ""
            await running.press("ctrl+v", "ctrl+v", "ctrl+s")
            await running.until(lambda: not running.app.editors.active.modified)
            assert (work / "odd.txt").read_bytes() == b"a\x1bb\xff\n" * 2
            running.area.post_message(Paste("\x1b[31mx\r\ny"))
            await running.until(lambda: running.area.content.endswith("\x1b[31mx\ny"))
            assert "\x1b" not in running.area.text

    play(scene)


def test_quick_open_commands_and_lines(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            await running.until(lambda: running.app.tree_view.paths)
            assert "hidden.log" not in running.app.tree_view.paths
            await running.press("ctrl+p", *"notes")
            assert "docs/notes[1].md" in running.screen_text
            await running.press("enter")
            await running.until(lambda: len(running.app.editors.files) == 2)
            assert "# Notes [bold]not bold[/bold]" in running.screen_text
            await running.press("ctrl+p", *">prev")
            await running.press("enter")
            assert running.app.editors.active.name == "calc.py"
            await running.press("alt+g", "5", "enter")
            assert running.area.cursor_location == (4, 0)
            await running.press("ctrl+w")
            await running.until(lambda: len(running.app.editors.files) == 1)

    play(scene)


def test_a_key_does_not_lay_the_screen_out_anew(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid: list[object] = []
    original = Screen._refresh_layout

    def counted(screen: Screen, *args: Any, **more: Any) -> None:
        laid.append(screen)
        original(screen, *args, **more)

    monkeypatch.setattr(Screen, "_refresh_layout", counted)

    async def scene() -> None:
        async with playing(work, file="calc.py", line=2, settings=OFF, size=(60, 20)) as running:
            await running.press(*"x" * 5)
            laid.clear()
            await running.press(*"x" * 60)  # up to the edge of the view, and beyond
            assert running.area.scroll_offset.x > 0
            assert len(laid) < 12
            await running.press("ctrl+home")
            assert running.area.scroll_offset.x == 0

    play(scene)
