"""The prompt of the chat, questions that wait, answers that are stopped, and how full the window is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ui.harness import TIMEOUT_S, Held, Play, answered, asked, play, playing

from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.ui.chat.answer import CodeBlock
from coder_tui.ui.chat.prompt import Prompt as Field
from coder_tui.ui.chat.question import QuestionView
from coder_tui.ui.screens.review import Review

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
ALONE = replace(OFF, chat=replace(OFF.chat, here="off"))
"""Nothing goes along with a question by itself."""
CODE = "```python\ndef add(a, b):\n    return b + a\n```\n"


class HalfSaid(Held):
    """Waits behind the first piece of an answer."""

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose) -> tuple[list[str], Usage]:
        chunks, usage = ScriptedEngine.begin(self, prompt, sampling, limits, purpose)
        go = self.go

        class Halting(list[str]):
            def __iter__(self) -> Iterator[str]:
                for count, chunk in enumerate(super().__iter__()):
                    assert not count or go.wait(TIMEOUT_S)
                    yield chunk

        return Halting(chunks), usage


def field(running: Play) -> Field:
    found: Field = running.app.chat.prompt
    return found


async def ask(running: Play, text: str) -> None:
    running.app.panels.show(running.app.chat)
    field(running).put(text)
    await running.press("enter")


def test_a_stopped_answer_gives_its_question_back(work: Path) -> None:
    async def scene() -> None:
        engine = HalfSaid("one two three", "better")
        async with playing(work, engine=engine, file="calc.py", settings=OFF) as running:
            await ask(running, "long? @calc.py")
            await running.until(lambda: " one" in running.screen_text)
            await running.press("escape")
            engine.go.set()
            await running.until(lambda: field(running).text == "long? @calc.py")
            assert "stopped" in running.screen_text
            assert "in place of what was said" in running.screen_text
            await running.press("!", "enter")
            await running.until(lambda: answered(running) and "better" in running.screen_text)
            assert " one" not in running.screen_text
            assert "long? @calc.py!" in asked(running)
            assert "import os" in asked(running)

    play(scene)


def test_questions_that_wait_have_their_own_attachments_and_are_given_back(work: Path) -> None:
    async def scene() -> None:
        engine = Held("first", "second", "third")
        async with playing(work, engine=engine, file="calc.py", settings=ALONE) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await ask(running, "one")
            await running.until(lambda: running.app.chatting.talk.is_busy)
            await ask(running, "two @docs/notes[1].md")
            await running.until(lambda: "next: two" in running.screen_text)
            await running.press("ctrl+t")
            assert "+ calc.py" in running.screen_text
            engine.go.set()
            await running.until(lambda: answered(running, 2))
            assert "Notes [bold]" in asked(running)
            assert "import os" not in asked(running)
            assert [one.name for one in running.app.chatting.talk.attachments] == ["calc.py"]
            engine.go.clear()
            await ask(running, "three")
            await running.until(lambda: running.app.chatting.talk.is_busy)
            await ask(running, "four")
            await running.press(*"five", "escape")
            engine.go.set()
            await running.until(lambda: not running.app.chatting.talk.is_busy)
            await running.until(lambda: field(running).text == "three\n\nfour\n\nfive")
            assert [one.name for one in running.app.chatting.talk.attachments] == ["calc.py"]
            assert "next:" not in running.screen_text

    play(scene)


def test_up_leads_to_earlier_prompts_and_down_to_what_was_being_written(work: Path) -> None:
    async def scene() -> None:
        workspace = Workspace(work, work, OFF)
        async with playing(work, "a", settings=OFF, workspace=workspace) as running:
            await ask(running, "in an earlier run")
            await running.until(lambda: answered(running))
        workspace = Workspace(work, work, OFF)
        async with playing(work, "b", settings=OFF, workspace=workspace) as running:
            await running.until(lambda: field(running).history_texts)
            await ask(running, "now")
            await running.until(lambda: answered(running))
            await running.press(*"draft", "up")
            assert field(running).text == "now"
            await running.press("up", "up")
            assert field(running).text == "in an earlier run"
            await running.press("down", "down")
            assert field(running).text == "draft"

    play(scene)


def test_lists_of_the_prompt_take_clicks_and_names_for_commands(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await running.press("ctrl+l", *"see @notes")
            await running.pilot.click(offset=(32, running.row_of("@docs/notes")))
            await running.until(lambda: field(running).text == "see @docs/notes[1].md ")
            field(running).put("")
            await running.press(*"/add cal", "enter")
            assert field(running).text == "/add calc.py "
            await running.press("enter")
            await running.until(lambda: "+ calc.py" in running.screen_text)
            await running.press(*"/drop c", "enter", "enter")
            await running.until(lambda: not running.app.chatting.talk.attachments)
            await ask(running, "/drop nothing")
            await running.until(lambda: "nothing is not attached" in running.told)

    play(scene)


def test_a_command_about_code_needs_some(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "fine", settings=OFF) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await ask(running, "/explain")
            await running.until(lambda: "/explain needs code" in running.told)
            await ask(running, "/explain @calc.py")
            await running.until(lambda: answered(running))
            assert "import os" in asked(running)

    play(scene)


def test_the_window_is_metered(work: Path) -> None:
    (work / "long.py").write_text("x = 1234567\n" * 4000)

    async def scene() -> None:
        async with playing(work, "fine", file="long.py", settings=ALONE, size=(160, 48)) as running:
            await running.until(lambda: "context: 0 used · 8,192 left" in running.screen_text)
            await running.press("ctrl+t")
            await running.until(lambda: "8,192 used · 0 left" in running.screen_text)
            await ask(running, "long?")
            await running.until(lambda: answered(running))
            use = running.app.chat.meter.use
            assert use.attached == 0
            assert 4000 < use.cut < 12000
            meter = f"{use.used:,} used · {use.cut:,} cut · {8192 - use.used:,} left"
            await running.until(lambda: meter in running.screen_text)
            await ask(running, "/new")
            await running.until(lambda: "0 used · 8,192 left" in running.screen_text)
            await running.pilot.resize_terminal(40, 12)
            await running.until(lambda: "0 used · 8,192 left" in running.screen_text)

    play(scene)


def test_the_status_bar_says_nothing_that_the_chat_says_itself(work: Path) -> None:
    def bar(running: Play) -> str:
        return running.screen_text.split("\n")[-1]

    async def scene() -> None:
        async with playing(work, "fine", "more", file="calc.py", settings=OFF, size=(160, 48)) as running:
            await ask(running, "well?")
            await running.until(lambda: answered(running))
            used = f"{running.app.chat.meter.use.used:,}"
            assert f"context: {used} used" in running.screen_text
            assert "chat" not in bar(running)
            await running.press("ctrl+l")
            await running.until(lambda: f"chat context {used}/8,192" in bar(running))
            await running.press("ctrl+@")
            await running.until(lambda: "suggestion context" in bar(running))
            await running.press("ctrl+l")
            await running.until(lambda: "chat context" not in bar(running))
            assert "suggestion context" in bar(running)

    play(scene)


def test_blocks_and_questions_say_the_keys_that_the_settings_give_and_take_clicks(work: Path) -> None:
    settings = replace(OFF, keys=replace(OFF.keys, block_apply="w", question_again="q"))

    async def scene() -> None:
        async with playing(work, CODE, "two", file="calc.py", settings=settings, size=(160, 48)) as running:
            await ask(running, "turn round")
            await running.until(lambda: answered(running))
            await running.press("shift+tab")
            assert isinstance(running.app.focused, CodeBlock)
            row = running.row_of("w apply")
            column = running.screen_text.split("\n")[row].index("w apply")
            await running.pilot.click(offset=(column + 3, row))
            await running.until(lambda: isinstance(running.app.screen, Review))
            await running.press("escape")
            await running.press("escape")
            assert field(running).has_focus
            running.app.query_one(QuestionView).focus()
            await running.until(lambda: "q answer again" in running.screen_text)
            await running.press("q")
            await running.until(lambda: answered(running) and "two" in running.screen_text)

    play(scene)


def test_the_conversation_is_scrolled_from_the_prompt_and_stays_there(work: Path) -> None:
    async def scene() -> None:
        engine = HalfSaid("\n\n".join(f"line {number}" for number in range(100)), "b")
        async with playing(work, engine=engine, settings=OFF, size=(80, 24)) as running:
            engine.go.set()
            await ask(running, "much")
            await running.until(lambda: answered(running))
            assert "line 99" in running.screen_text
            await running.press("pageup", "pageup")
            await running.until(lambda: "line 99" not in running.screen_text)
            await running.press("pagedown", "pagedown", "pagedown")
            await running.until(lambda: "line 99" in running.screen_text)
            assert field(running).has_focus

    play(scene)


def test_code_goes_into_the_file_that_was_asked_about(work: Path) -> None:
    (work / "other.py").write_text("y = 1\n")

    async def scene() -> None:
        async with playing(work, CODE, file="calc.py", settings=OFF, size=(160, 48)) as running:
            await running.until(lambda: running.app.tree_view.paths)
            await running.press("ctrl+t")
            await ask(running, "turn round")
            await running.until(lambda: answered(running))
            await running.app.files.open(work / "other.py")
            running.app.query_one(CodeBlock).focus()
            await running.press("a")
            await running.until(lambda: isinstance(running.app.screen, Review))
            await running.press("enter")
            await running.until(lambda: running.app.editors.active.name == "calc.py")
            assert "b + a" in running.area.text

    play(scene)


def test_keys_typed_at_once_reach_the_code(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, CODE, file="calc.py", settings=OFF, size=(160, 48)) as running:
            await ask(running, "turn round")
            await running.until(lambda: answered(running))
            running.type_at_once("shift+tab", "a")
            await running.until(lambda: isinstance(running.app.screen, Review))
            assert field(running).text == ""

    play(scene)
