"""The user's own colours, and terminals with few."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.color import Color
from ui.harness import play, playing

from coder_tui.config import paths
from coder_tui.config.load import load
from coder_tui.config.schema import Settings
from coder_tui.ui.screens.choose import Choose
from coder_tui.ui.themes import contrast, found, hard_to_read

SEA = 'dark = false\nprimary = "#004466"\nbackground = "#eef4f8"\nforeground = "#102030"\n'


@pytest.fixture
def folder() -> Path:
    where = paths.themes_dir()
    where.mkdir(parents=True)
    return where


def themed(name: str) -> Settings:
    return replace(Settings(), app=replace(Settings().app, suggest="off", theme=name))


def test_a_theme_of_the_users_own(work: Path, folder: Path) -> None:
    (folder / "sea.toml").write_text(SEA)

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=themed("sea")) as running:
            assert running.app.current_theme.name == "sea"
            assert not running.app.current_theme.dark
            assert running.area.styles.background == Color.parse("#eef4f8")
            assert running.told == ""

    play(scene)


def test_a_theme_is_chosen_and_kept(work: Path, folder: Path) -> None:
    (folder / "sea.toml").write_text(SEA)

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=themed("auto")) as running:
            await running.press("alt+t")
            await running.until(lambda: isinstance(running.app.screen, Choose) and "sea  light" in running.screen_text)
            await running.press(*"sea", "enter")
            await running.until(lambda: running.app.theme == "sea")

    play(scene)
    assert load(None, {}).settings.app.theme == "sea"


def test_what_is_wrong_with_a_theme_is_told(work: Path, folder: Path) -> None:
    (folder / "faint.toml").write_text('primary = "#777777"\nforeground = "#555555"\nbackground = "#333333"\n')
    (folder / "broken.toml").write_text("primary = ")
    (folder / "colour.toml").write_text('primary = "blurple"\n')
    (folder / "empty.toml").write_text("")
    (folder / "more.toml").write_text('primary = "red"\nborder = "red"\n')
    (folder / "dim.toml").write_text('primary = "red"\ndark = "yes"\n')

    async def scene() -> None:
        async with playing(work, settings=themed("nonesuch")) as running:
            for words in (
                "faint is hard to read: foreground on background has a contrast of 1.",
                "broken.toml cannot be used: it is no TOML",
                "primary is no colour: blurple",
                "it has no primary colour",
                "there is no border; there are dark, primary",
                "dark is true or false",
                "there is no theme nonesuch",
            ):
                assert words in running.told

    play(scene)
    assert [theme.name for theme in found(folder).themes] == ["faint"]


def test_the_apps_own_themes_can_be_read(work: Path) -> None:
    async def scene() -> None:
        async with playing(work) as running:
            for name in ("textual-dark", "textual-light"):
                assert hard_to_read(running.app.available_themes[name]) == []

    play(scene)
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)


def test_sixteen_colours_are_those_of_the_terminal(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console.Console.color_system", property(lambda _: "standard"))

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=themed("auto")) as running:
            assert running.app.current_theme.name == "ansi-dark"
            assert "import os" in running.screen_text

    play(scene)
