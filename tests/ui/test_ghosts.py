"""Suggestions in a running app: how they are drawn, taken and given up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ui.harness import GHOST, Play, has_ghost, play, playing

from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.errors import EngineError
from coder_tui.core.prompt import Purpose
from coder_tui.ui.screens.help import Help


def test_a_ghost_is_drawn_under_the_cursor_and_tab_takes_it(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, GHOST, file="calc.py", line=7) as running:
            await running.press(*"x = ")
            await running.until(lambda: has_ghost(running))
            at = running.row_of("x = [")
            rows = running.screen_text.split("\n")
            assert rows[at + 1].endswith("    add(1, 2),")
            assert rows[at + 3].endswith("]")
            assert rows[at + 4].endswith("print(add(1, 2))")
            assert "add(3, 4)" not in running.area.text
            await running.press("tab")
            assert f"x = {GHOST}\nprint" in running.area.text
            assert running.area.cursor_location == (9, 1)
            await running.press("ctrl+z")
            assert "add(3, 4)" not in running.area.text

    play(scene)


def test_the_mouse_meets_the_row_that_is_drawn_there(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, GHOST, file="calc.py", line=7) as running:
            await running.press(*"x = ")
            await running.until(lambda: has_ghost(running))
            below = running.row_of("print(add")
            left = running.area.region.x + running.area.gutter_width
            await running.pilot.click(offset=(left + 3, below))
            assert running.area.cursor_location == (7, 3)
            assert running.area.ghost is None

    play(scene)


def test_pieces_of_a_ghost_and_typing_along(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "alpha(beta,\n    gamma)", file="calc.py", line=7) as running:
            await running.press(*"x = ")
            await running.until(lambda: running.area.ghost)
            await running.press("a", "l")
            assert running.area.ghost.text == "pha(beta,\n    gamma)"
            await running.press("ctrl+right")
            assert running.area.document.get_line(6) == "x = alpha"
            await running.press("ctrl+down")
            assert running.area.document.get_line(6) == "x = alpha(beta,"
            assert running.area.ghost.text == "\n    gamma)"
            await running.press("escape")
            assert running.area.ghost is None
            assert "gamma" not in running.area.text

    play(scene)


def test_other_suggestions_at_the_same_place(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "one(1)", "", file="calc.py", line=7) as running:
            await running.press("alt+n")  # nothing shows: no key of ours
            await running.press("ctrl+@")
            await running.until(lambda: has_ghost(running, "one(1)"))
            await running.until(lambda: len(running.engine.requests) >= 2)
            running.engine._answers = iter(["one(1)", "two(2)", "three(3)"])
            await running.press("alt+n")
            await running.until(lambda: has_ghost(running, "two(2)"))
            await running.until(lambda: running.app.status.facts.suggestion[-6:] == "2 of 3")
            assert sum(sampling.choices == 3 for _, sampling, _, _ in running.engine.requests) == 3  # one batch
            await running.press("alt+p")
            assert has_ghost(running, "one(1)")
            await running.press("alt+right_square_bracket", "alt+right_square_bracket")
            assert has_ghost(running, "three(3)")
            await running.press("alt+right_square_bracket")
            assert has_ghost(running, "one(1)")
            await running.press("alt+left_square_bracket", "tab")
            assert running.area.document.get_line(6) == "three(3)"

    play(scene)


def requests(running: Play) -> int:
    """How often a suggestion was asked for."""
    return sum(purpose is Purpose.SUGGEST for _, _, _, purpose in running.engine.requests)


def test_what_is_taken_whole_asks_for_the_next_one_once(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "add(1, 2)", "", "", "", file="calc.py", line=7) as running:
            await running.press("ctrl+@")
            await running.until(lambda: has_ghost(running, "add(1, 2)"))
            before = requests(running)
            await running.press("a", "d")
            assert running.area.ghost.text == "d(1, 2)"
            await running.press("tab")
            await running.until(lambda: running.area.document.get_line(6) == "add(1, 2)")
            await running.until(lambda: "suggestion" in running.app.status.facts.suggestion)
            assert requests(running) - before <= 1

    play(scene)


def test_a_move_ends_the_wait_for_a_suggestion(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "abc", file="calc.py", line=7) as running:
            await running.press(*"x = ")
            assert running.app.suggesting._typed[1] == (6, 4)
            running.area.move_cursor((6, 0))
            await running.pilot.pause()
            await running.until(lambda: running.app.suggesting._timer is None)  # the place was read instead
            await running.until(lambda: running.engine.requests)
            assert requests(running) == 0
            assert running.area.ghost is None

    play(scene)


def test_files_that_want_no_suggestions(work: Path) -> None:
    settings = replace(Settings(), app=replace(Settings().app, suggest_not_in="*.md, calc*"))

    async def scene() -> None:
        async with playing(work, "abc", file="calc.py", line=7, settings=settings) as running:
            await running.press(*"x = ")
            assert running.app.suggesting._timer is None
            await running.press("ctrl+@")
            await running.until(lambda: has_ghost(running, "abc"))
            await running.press("f8")
            assert running.area.ghost is None

    play(scene)


def test_a_language_that_wants_no_suggestions(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "user_file", lambda: tmp_path / "config.toml")

    async def scene() -> None:
        async with playing(work, "abc", file="calc.py", line=7) as running:
            await running.app._run_named("toggle_language")
            await running.press(*"x = ")
            assert running.app.suggesting._timer is None
            assert "no suggestions in python files" in running.told
            assert 'suggest_not_in = "python"' in (tmp_path / "config.toml").read_text()
            await running.app._run_named("toggle_language")
            await running.press("1")
            await running.until(lambda: requests(running))
            assert "python" not in (tmp_path / "config.toml").read_text()

    play(scene)


def test_what_is_not_typed_along_ends_a_ghost(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "abc", "def", file="calc.py", line=7) as running:
            for keys in (["z"], ["backspace"], ["left"], ["ctrl+z"]):
                await running.press("ctrl+@")
                await running.until(lambda: running.area.ghost)
                running.engine._answers = iter(["abc"])
                await running.press(*keys)
                assert running.area.ghost is None
                running.area.move_cursor((6, len(running.area.document.get_line(6))))

    play(scene)


def test_keys_that_come_fast_keep_their_order(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "abc", file="calc.py", line=7) as running:
            await running.press("ctrl+@")
            await running.until(lambda: running.area.ghost)
            for key in ("tab", "x", "enter", "y", "backspace", "z"):
                # without a turn of the loop between them
                running.pilot.app.post_message(_key(key))
            await running.until(lambda: "z" in running.area.text)
            assert running.area.document.lines[6:8] == ["abcx", "z"]

    play(scene)


def _key(key: str) -> object:
    from textual.events import Key

    return Key(key, key if len(key) == 1 else None)


def test_a_failing_model_is_told_and_the_editor_goes_on(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, EngineError("the engine has a fault"), file="calc.py", line=7) as running:
            await running.press("ctrl+@")
            await running.until(lambda: "the engine has a fault" in running.told)
            await running.press("x")
            assert running.area.document.get_line(6) == "x"

    play(scene)


def test_editing_keys(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", line=4) as running:
            await running.press("end", "enter")
            assert running.area.document.get_line(4) == "    "
            await running.press("ctrl+z", "ctrl+underscore")
            assert running.area.document.get_line(3) == "# def add(a, b):"
            await running.press("ctrl+underscore", "alt+down")
            assert running.area.document.lines[3:5] == ["    return a + b", "def add(a, b):"]
            await running.press("ctrl+z", "alt+k")
            assert running.area.document.get_line(3) == "    return a + b"
            await running.press("ctrl+z")
            assert not running.app.editors.active.modified

    play(scene)


def test_a_ghost_on_the_last_row_says_how_much_more_there_is(work: Path) -> None:
    (work / "long.py").write_text("\n" * 50)

    async def scene() -> None:
        async with playing(work, GHOST, file="long.py", line=51, size=(80, 24)) as running:
            await running.press("ctrl+end")
            await running.press("ctrl+@")
            await running.until(lambda: has_ghost(running))
            height = running.area.virtual_size.height
            assert height == 54
            assert "↓3 more" in running.screen_text
            running.area.scroll_end(animate=False)
            await running.pilot.pause()
            assert "    add(3, 4)," in running.screen_text
            await running.press("escape")
            assert running.area.virtual_size.height == 51

    play(scene)


def test_a_ghost_with_soft_wrap(work: Path) -> None:
    (work / "wrap.py").write_text("word " * 40 + "\nnext\n")
    settings = replace(Settings(), app=replace(Settings().app, wrap="on"))

    async def scene() -> None:
        async with playing(
            work, " ".join(f"word{number}" for number in range(30)), file="wrap.py", size=(80, 24), settings=settings
        ) as running:
            await running.press("ctrl+home", "down", "end", "down", "end", "ctrl+@")
            await running.until(lambda: running.area.ghost)
            rows = running.screen_text.split("\n")
            assert all(len(row) <= 80 for row in rows)
            text = "".join(row[4:] for row in rows[1:-1])
            assert all(f"word{number}" in text for number in range(30))
            assert rows[running.row_of("next") - 1].endswith("word29")

    play(scene)


def test_help_shows_the_keys_that_the_settings_give(work: Path) -> None:
    settings = replace(Settings(), keys=replace(Settings().keys, save="ctrl+o", quick_open="ctrl+o"))

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=settings, size=(100, 60)) as running:
            assert 'ctrl+o means both "Open a file" and "Save"' in running.told
            await running.press("f1")
            assert isinstance(running.app.screen, Help)
            assert "Ctrl+O" in running.screen_text
            await running.press("escape")

    play(scene)
