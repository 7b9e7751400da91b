"""Reviews: of code from an answer, and of what an instruction made of the selected lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from textual.widgets import Input, TextArea
from ui.harness import Held, Play, asked, play, playing, read_for

from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings
from coder_tui.ui.screens.ask import AskText
from coder_tui.ui.screens.edit_text import EditText
from coder_tui.ui.screens.review import Review
from coder_tui.ui.screens.working import Working

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))


async def reviewing(running: Play) -> None:
    """A change with two hunks is looked at."""
    new = "import sys\n\n\ndef add(a, b):\n    return b + a\n\n\nprint(add(1, 2))\n"
    file, text = running.app.editors.active, running.area.content
    running.app._do(lambda: running.app.chatting.code.review(file, text, new, made="test"))
    await running.until(lambda: isinstance(running.app.screen, Review))


def test_a_review_takes_hunks_one_by_one(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF, size=(80, 24)) as running:
            await reviewing(running)
            assert "- import os" in running.screen_text
            await running.press("r")
            assert running.app.screen.taken == {1}
            await running.press("R")
            assert running.app.screen.taken == set()
            await running.press("A", "p", "space", "v")
            assert running.app.screen.taken == {1}
            await running.press("space", "p", "a")
            assert running.app.screen.taken == {0, 1}
            await running.press("p", "r")
            await running.press("enter")
            await running.until(lambda: "b + a" in running.area.text)
            assert running.area.text.startswith("import os")

    play(scene)


def test_an_instruction_changes_the_selected_lines(work: Path) -> None:
    async def scene() -> None:
        results = ("a - b", "b - a", "2", "3")
        answers = [f"```python\n    return {result}\n```" for result in results]
        async with playing(work, *answers, file="calc.py", line=5, settings=OFF) as running:
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"subtract", "enter")
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert "return a - b" in running.screen_text
            assert "change 1 of 1, 1 taken  subtract" in running.screen_text
            assert running.row_of("return a + b") == 5  # where it is in the editor
            await running.press("g")
            await running.until(lambda: "return b - a" in running.screen_text)
            assert "subtract" in asked(running)
            await running.press("i")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*" 2", "enter")
            await running.until(lambda: "return 2" in running.screen_text)
            assert "subtract 2" in asked(running)
            await running.press("escape")
            assert running.area.text == (work / "calc.py").read_text()
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"subtract", "enter")
            await running.until(lambda: "return 3" in running.screen_text)
            await running.press("enter")
            await running.until(lambda: "return 3" in running.area.text)

    play(scene)


def test_one_change_of_a_review_is_edited(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF, size=(80, 24)) as running:
            await reviewing(running)
            await running.press("r", "e")
            await running.until(lambda: isinstance(running.app.screen, EditText))
            assert "    return b + a" in running.screen_text
            running.app.screen.query_one(TextArea).text = "    # [b]\n    return a"
            await running.press("ctrl+s")
            await running.until(lambda: "+     # [b]" in running.screen_text)
            assert running.app.screen.taken == {1}
            await running.pilot.click(offset=(20, running.row_of("import sys")))
            assert running.app.screen.at == 0
            await running.pilot.click(offset=(3, running.row_of("Enter apply")))
            await running.until(lambda: "# [b]" in running.area.text)
            assert running.area.text.startswith("import os")

    play(scene)


def test_a_rewrite_is_stopped(work: Path) -> None:
    async def scene() -> None:
        engine = Held("```python\nx\n```")
        async with playing(work, engine=engine, file="calc.py", line=5, settings=OFF) as running:
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"change", "enter")
            await running.until(lambda: isinstance(running.app.screen, Working))
            await running.press("escape")
            engine.go.set()
            await running.until(lambda: isinstance(running.app.screen, AskText))
            assert running.app.screen.query_one(Input).value == "change"
            await running.press("escape")
            assert running.area.text == (work / "calc.py").read_text()

    play(scene)


def test_on_the_head_of_a_definition_all_of_it_is_meant(work: Path) -> None:
    async def scene() -> None:
        answer = "```python\ndef add(a, b):\n    return b + a\n```"
        async with playing(work, answer, file="calc.py", line=4, settings=OFF) as running:
            await running.press("ctrl+k")
            await running.until(lambda: "Change add, lines 4 to 5" in running.screen_text)
            await running.press(*"turn", "enter")
            await running.until(lambda: isinstance(running.app.screen, Review))
            await running.press("enter")
            await running.until(lambda: "def add(a, b):\n    return b + a\n" in running.area.text)
            await running.press("shift+down", "ctrl+k")  # what is selected is meant as it is
            await running.until(lambda: "Change line 4" in running.screen_text)
            await running.press("escape")

    play(scene)


def test_at_a_blank_line_new_code_is_written(work: Path) -> None:
    async def scene() -> None:
        text = (work / "calc.py").read_text()
        async with playing(work, "def sub(a, b):\n    return a - b", file="calc.py", line=6, settings=OFF) as running:
            await running.press("ctrl+k")
            await running.until(lambda: "Write at line 6" in running.screen_text)
            await running.press(*"subtract", "enter")
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert "# subtract" in asked(running)
            await running.press("enter")
            await running.until(lambda: "def sub" in running.area.text)
            assert running.area.text == text.replace("a + b\n\n\n", "a + b\n\n\ndef sub(a, b):\n    return a - b\n\n\n")
            await running.press("ctrl+z")
            assert running.area.text == text

    play(scene)


def test_files_are_offered_for_an_instruction_and_what_went_along_is_told(work: Path) -> None:
    async def scene() -> None:
        (work / "net.py").write_text("def retry(call):\n    return call()\n")
        (work / "nest.py").write_text("x = 1\n")
        answer = "```python\n    return retry(add)\n```"
        workspace = Workspace(work, work, OFF)
        async with playing(work, answer, file="calc.py", line=5, settings=OFF, workspace=workspace) as running:
            await running.until(lambda: "net.py" in running.app.files.listed() and workspace.surroundings is not None)
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            field = running.app.screen.query_one(Input)
            await running.press(*"use @ne")
            await running.until(lambda: "@nest.py" in running.screen_text)
            await running.press("escape")
            await running.until(lambda: "@nest.py" not in running.screen_text)
            assert isinstance(running.app.screen, AskText)
            await running.press("t", "down", "up", "enter")
            assert field.value == "use @net.py "
            await running.press(*"@nes", "tab")
            assert field.value == "use @net.py @nest.py "
            await running.press(*["backspace"] * len("@nest.py "))
            await running.until(lambda: any("def retry(call):" in read_for(one) for one in running.engine.requests))
            assert running.engine.requests[-1][2].max_tokens == 0, "it is read while the rest is written"
            await running.press(*"here", "enter")
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert "with net.py" in running.screen_text
            assert "def retry(call):" in asked(running)
            assert "x = 1" not in asked(running)
            await running.press("enter")
            await running.until(lambda: "return retry(add)" in running.area.text)

    play(scene)


def test_the_offered_files_fit_a_small_screen(work: Path) -> None:
    async def scene() -> None:
        for at in range(9):
            (work / f"net{at}.py").write_text("")
        async with playing(work, file="calc.py", line=5, settings=OFF, size=(40, 12)) as running:
            await running.until(lambda: "net8.py" in running.app.files.listed())
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            await running.press(*"use @net", *["down"] * 7)
            await running.until(lambda: "@net7.py" in running.screen_text)
            await running.press("enter")
            assert running.app.screen.query_one(Input).value == "use @net7.py "

    play(scene)


def test_lines_that_change_while_an_instruction_is_written(work: Path) -> None:
    async def scene() -> None:
        answer = "```python\n    return a - b\n```"
        async with playing(work, answer, file="calc.py", line=5, settings=OFF) as running:
            text = running.area.text
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            running.area.replace_all(f"# new\n{text}")  # it is read again from disk, say
            await running.press(*"subtract", "enter")
            await running.until(lambda: isinstance(running.app.screen, Review))
            await running.press("enter")
            await running.until(lambda: running.area.text == f"# new\n{text}".replace("a + b", "a - b"))
            running.area.move_cursor((5, 0))
            await running.press("ctrl+k")
            await running.until(lambda: isinstance(running.app.screen, AskText))
            running.area.replace_all("x = 1\n")
            await running.press(*"subtract", "enter")
            await running.until(lambda: "these lines have changed meanwhile" in running.told)
            assert running.area.text == "x = 1\n"

    play(scene)


def test_while_an_instruction_is_written_the_model_reads_what_it_is_about(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "```python\n    return 2\n```", file="calc.py", line=5, settings=OFF) as running:
            await running.press("ctrl+k")
            await running.until(lambda: bool(running.engine.requests))
            (ahead,) = running.engine.requests
            assert ahead[2].max_tokens == 0
            await running.press(*"two", "enter")
            await running.until(lambda: isinstance(running.app.screen, Review))
            read = "".join(segment.text for segment in ahead[0].segments).partition("as follows: ")[0]
            assert asked(running).startswith(read)
            assert "def add(a, b):" in read

    play(scene)
