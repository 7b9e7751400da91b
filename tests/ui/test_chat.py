"""The chat in a running app: answers, commands, attachments, code that is put to use, and changes on instruction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import git
from textual.widgets import Input
from ui.harness import Held, Play, answered, asked, play, playing

from coder_tui.config.schema import Settings
from coder_tui.core.errors import EngineDiedError
from coder_tui.ui.chat.answer import CodeBlock
from coder_tui.ui.screens.ask import AskText
from coder_tui.ui.screens.pick import Pick
from coder_tui.ui.screens.review import Review

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
ANSWER = (
    "With types:\n\n```python\ndef add(a: int, b: int) -> int:\n    return a + b\n```\n\nThat is [bold]all[/bold].\n"
)


async def ask(running: Play, text: str) -> None:
    running.app.panels.show(running.app.chat)
    running.app.chat.prompt.text = text
    await running.press("enter")


def test_an_answer_streams_as_markdown_and_never_as_markup(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, ANSWER, file="calc.py", settings=OFF, size=(160, 48)) as running:
            await running.press("ctrl+l", *"hi [b]", "ctrl+j", "x", "enter")
            await running.until(lambda: answered(running))
            assert "That is [bold]all[/bold]." in running.screen_text
            assert "hi [b]" in running.screen_text
            assert " used · " in running.screen_text
            assert "hi [b]\nx" in asked(running)
            assert running.app.chat.prompt.text == ""
            await running.press("up")
            assert running.app.chat.prompt.text == "hi [b]\nx"

    play(scene)


def test_code_is_applied_through_a_review(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, ANSWER, file="calc.py", settings=OFF, size=(160, 48)) as running:
            await ask(running, "types?")
            await running.until(lambda: answered(running))
            await running.press("shift+tab")
            assert isinstance(running.app.focused, CodeBlock)
            await running.press("a")
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert "change 1 of 1, 1 taken" in running.screen_text
            before = (work / "calc.py").read_text()
            await running.press("enter")
            await running.until(lambda: "a: int" in running.area.text)
            assert (work / "calc.py").read_text() == before
            await running.press("ctrl+z")
            assert running.area.text == before

    play(scene)


@pytest.mark.parametrize(
    ("code", "shown", "told"),
    [("return a * b", "-     return a + b", ""), ("raise ValueError", "- def add(a, b):", "it takes away: add")],
)
def test_a_part_of_what_was_asked_about_is_put_in_its_place(work: Path, code: str, shown: str, told: str) -> None:
    async def scene() -> None:
        answer = f"```python\n{code}\n```"
        async with playing(work, answer, file="calc.py", line=4, settings=OFF, size=(160, 48)) as running:
            await running.press("shift+down", "shift+down")
            await ask(running, "other?")
            await running.until(lambda: answered(running))
            await running.press("shift+tab", "a")
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert shown in running.screen_text
            assert f"+ {code}" in running.screen_text.replace("+     ", "+ ")
            assert told in running.told
            assert bool(told) == ("takes away" in running.told)

    play(scene)


def test_code_is_copied_inserted_and_saved(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    async def scene() -> None:
        async with playing(work, "```\nx = 1\n```\n", file="calc.py", settings=OFF, size=(160, 48)) as running:
            await ask(running, "code?")
            await running.until(lambda: answered(running))
            await running.press("shift+tab", "c")
            assert running.app.clipboard == "x = 1\n"
            await running.press("i")
            await running.until(lambda: running.area.text.startswith("x = 1\nimport os"))
            running.app.query_one(CodeBlock).focus()
            await running.press("s")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"new.py", "enter")
            await running.until((work / "new.py").exists)
            assert (work / "new.py").read_text() == "x = 1\n"

    play(scene)


def test_what_goes_with_a_question(work: Path) -> None:
    git(work, "add", "-A")

    async def scene() -> None:
        async with playing(work, "one", "two", "three", file="calc.py", line=4, settings=OFF) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await running.press("shift+down", "shift+down", "ctrl+t")
            assert "+ calc.py:4-5" in running.screen_text
            await ask(running, "/explain now")
            await running.until(lambda: answered(running))
            assert "def add(a, b):\n    return a + b\n```" in asked(running)
            assert "import os" not in asked(running)
            assert "step by step and briefly. now" in asked(running)
            await running.press(*"see @notes")
            assert "@docs/notes[1].md" in running.screen_text
            await running.press("enter", "enter")
            await running.until(lambda: answered(running, 2))
            assert "# Notes [bold]" in asked(running)
            await ask(running, "/add calc.py")
            await running.until(lambda: "+ calc.py" in running.screen_text)
            await ask(running, "/drop")
            await running.until(lambda: not running.app.chatting.talk.attachments)
            await running.press(*"/new", "enter")
            await running.until(lambda: running.app.chatting.talk.messages == ())
            await ask(running, "/nope")
            await running.until(lambda: "no command /nope" in running.told)
            assert running.app.chat.prompt.text == "/nope"

    play(scene)


def test_escape_stops_and_gives_the_question_back(work: Path) -> None:
    async def scene() -> None:
        engine = Held("never shown")
        async with playing(work, engine=engine, file="calc.py", settings=OFF) as running:
            await ask(running, "long?")
            await running.until(lambda: running.app.chatting.talk.is_busy)
            await running.press("escape")
            engine.go.set()
            await running.until(lambda: not running.app.chatting.talk.is_busy)
            await running.until(lambda: running.app.chat.prompt.text == "long?")
            assert "never shown" not in running.screen_text

    play(scene)


def test_a_question_waits_for_the_answer_before_it(work: Path) -> None:
    async def scene() -> None:
        engine = Held("first", "second")
        async with playing(work, engine=engine, file="calc.py", settings=OFF) as running:
            await ask(running, "one")
            await running.until(lambda: running.app.chatting.talk.is_busy)
            await ask(running, "two")
            await running.until(lambda: "next: two" in running.screen_text)
            running.pilot.app.screen.refresh()
            await running.pilot.resize_terminal(60, 20)
            engine.go.set()
            await running.until(lambda: answered(running, 2))
            assert "second" in running.screen_text

    play(scene)


def test_the_end_of_the_engine_is_told_and_the_next_question_works(work: Path) -> None:
    async def scene() -> None:
        died = EngineDiedError("the engine's process ended", hint="the next request starts a new one")
        async with playing(work, died, "better", file="calc.py", settings=OFF) as running:
            await ask(running, "one")
            await running.until(lambda: "process ended" in running.told)
            await running.until(lambda: running.app.chat.prompt.text == "one")
            await running.press("enter")
            await running.until(lambda: answered(running))
            assert "better" in running.screen_text

    play(scene)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (300, 100)])
def test_everything_is_reached_at_any_size(work: Path, size: tuple[int, int]) -> None:
    async def scene() -> None:
        async with playing(work, "fine", file="calc.py", settings=OFF, size=size) as running:
            await running.until(lambda: running.app.tree_view.paths)
            assert "import os" in running.screen_text
            await ask(running, "hi")
            await running.until(lambda: answered(running))
            assert "fine" in running.screen_text
            await running.press("ctrl+b")
            assert "▸ docs" in running.screen_text
            await running.press("f6")
            assert "import os" in running.screen_text
            assert running.area.has_focus
            await running.press("f1")
            assert "Help" in running.screen_text
            await running.press("escape")
            assert all(len(row) <= size[0] for row in running.screen_text.split("\n"))

    play(scene)


def test_a_terminal_without_colour_shows_what_colour_would(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def scene() -> None:
        async with playing(work, "abc", file="calc.py", line=7) as running:
            await running.press("ctrl+@")
            await running.until(lambda: running.area.ghost)
            y = running.row_of("7   abc")
            segments = list(running.app.screen._compositor.render_strips()[y])
            ghost = next(segment for segment in segments if segment.text.endswith("bc"))
            assert ghost.style is not None
            assert ghost.style.italic

    play(scene)


def test_light_and_dark(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            assert running.app.current_theme.dark
            await running.press("f9")
            assert not running.app.current_theme.dark

    play(scene)


def test_keys_that_were_typed_at_once_go_to_where_the_keys_before_them_lead(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "yes", "no", file="calc.py", settings=OFF) as running:
            running.type_at_once("x", "ctrl+l", *"hi", "ctrl+l", "y", "ctrl+l", *"!", "enter")
            await running.until(lambda: answered(running))
            assert running.area.text.startswith("xyimport os")
            assert "hi!" in asked(running)
            running.type_at_once("ctrl+l", "z", "ctrl+p", *"notes")
            await running.until(lambda: isinstance(running.app.screen, Pick) and running.app.focused is not None)
            await running.until(lambda: running.app.screen.query_one(Input).value == "notes")
            assert running.area.text.startswith("xyzimport os")

    play(scene)
