"""The code at the cursor goes along with a question, and the model reads while the question is being written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ui.harness import Held, Play, answered, asked, play, playing, read_for

from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import Purpose
from coder_tui.ui.chat.question import QuestionView

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
LONG = "import os\n\n\n" + "".join(
    f"def job_{at}(amount):\n" + "    amount = amount + 1  # another one of many\n" * 12 + "\n\n" for at in range(20)
)


@pytest.fixture
def long(work: Path) -> Path:
    (work / "long.py").write_text(LONG)
    return work


async def to_chat(running: Play, chip: str) -> None:
    await running.press("ctrl+l")
    await running.until(lambda: chip in running.screen_text)


def ahead(running: Play) -> list[str]:
    """What was read before anybody had asked."""
    requests = running.engine.requests
    return [read_for(one) for one in requests if one[3] is Purpose.CHAT and not one[2].max_tokens]


def answers_asked(running: Play) -> list[str]:
    """The last message of each prompt that was to be answered."""
    return [read_for(one).rpartition("user\n")[2] for one in running.engine.requests if one[2].max_tokens]


def test_what_stands_at_the_cursor_goes_along_once(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "one", "two", "three", file="calc.py", settings=OFF, size=(120, 40)) as running:
            await to_chat(running, "here: calc.py")
            await running.press(*"why", "enter")
            await running.until(lambda: answered(running))
            assert "calc.py:\n```py\nimport os" in answers_asked(running)[0]
            assert "+ calc.py" in running.screen_text
            await running.until(lambda: "here:" not in running.screen_text)
            await running.press(*"and", "enter")
            await running.until(lambda: answered(running, 2))
            assert "import os" not in answers_asked(running)[1]
            await running.press("escape", "x", "ctrl+l")  # the code is another one now
            await running.until(lambda: "here: calc.py" in running.screen_text)
            await running.press(*"now", "enter")
            await running.until(lambda: answered(running, 3))
            assert "calc.py:\n```py\nximport os" in answers_asked(running)[2]

    play(scene)


def test_of_a_long_file_the_function_or_what_is_selected(long: Path) -> None:
    async def scene() -> None:
        async with playing(long, "one", "two", file="long.py", line=10, settings=OFF, size=(120, 40)) as running:
            await to_chat(running, "here: long.py:4-16")
            await running.press("escape", "shift+down", "shift+down")
            await to_chat(running, "here: long.py:10-1")
            await running.press(*"why", "enter")
            await running.until(lambda: answered(running))
            assert "long.py (lines 10-1" in answers_asked(running)[0]
            assert "def job_0" not in answers_asked(running)[0]
            running.app.chat.prompt.put("/explain")
            await running.press("escape", "down", "ctrl+l", "enter")
            await running.until(lambda: answered(running, 2))
            assert "def job_0" in answers_asked(running)[1]
            assert "def job_1(" not in answers_asked(running)[1]

    play(scene)


def test_a_command_that_needs_code_gets_no_outline(long: Path) -> None:
    async def scene() -> None:
        async with playing(long, "one", file="long.py", settings=OFF, size=(120, 40)) as running:
            await to_chat(running, "here: long.py (outline)")
            running.app.chat.prompt.put("/explain")
            await running.press("enter")
            await running.until(lambda: answered(running))
            assert "    amount = amount + 1" in answers_asked(running)[0]

    play(scene)


def test_it_can_be_dropped_and_what_is_attached_takes_its_place(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "one", "two", file="calc.py", settings=OFF, size=(120, 40)) as running:
            await to_chat(running, "here: calc.py")
            running.app.chat.prompt.put("/drop calc.py")
            await running.press("enter")
            await running.until(lambda: "here:" not in running.screen_text)
            await running.press(*"why")
            await running.pilot.pause(0.5)
            assert "here:" not in running.screen_text
            await running.press("enter")
            await running.until(lambda: answered(running))
            assert "import os" not in answers_asked(running)[0]
            await running.press("ctrl+t")
            await running.until(lambda: "+ calc.py" in running.screen_text)
            assert "here:" not in running.screen_text

    play(scene)


def test_a_setting_turns_it_off(work: Path) -> None:
    async def scene() -> None:
        off = replace(OFF, chat=replace(OFF.chat, here="off"))
        async with playing(work, "one", file="calc.py", settings=off) as running:
            await running.press("ctrl+l", *"why")
            await running.until(lambda: ahead(running))
            assert "here:" not in running.screen_text
            await running.press("enter")
            await running.until(lambda: answered(running))
            assert "import os" not in asked(running)

    play(scene)


def test_the_model_reads_while_a_question_is_written(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "one", file="calc.py", settings=OFF) as running:
            await running.press("ctrl+l")
            await running.until(lambda: any("import os" in text for text in ahead(running)))
            await running.press(*"how")
            await running.until(lambda: any("\n\nhow" in text for text in ahead(running)))
            before = len(ahead(running))
            await running.press(*" now", "enter")
            await running.until(lambda: answered(running))
            (usage,) = [one.event.usage for one in running.messages if hasattr(getattr(one, "event", None), "usage")]
            assert usage.evaluated_tokens < 20 < usage.prompt_tokens
            await running.until(lambda: len(ahead(running)) > before)  # the answer, for the next question
            assert "one" in ahead(running)[-1]

    play(scene)


def test_nothing_is_read_for_a_prompt_without_the_focus_and_during_an_answer(work: Path) -> None:
    async def scene() -> None:
        engine = Held("one")
        async with playing(work, engine=engine, file="calc.py", settings=OFF) as running:
            running.app.panels.show(running.app.chat)
            running.app.editors.focus_area()
            running.app.chatting.attaching.show()
            await running.pilot.pause(0.5)
            assert not running.engine.requests
            running.app.chat.prompt.put("why")
            running.app.chat.prompt.focus()
            await running.press("enter")
            await running.until(lambda: running.app.chatting.talk.is_busy)
            await running.press("x")
            await running.pilot.pause(0.5)
            engine.go.set()
            await running.until(lambda: answered(running))
            assert not any("x<" in text for text in ahead(running)[:-1])

    play(scene)


def test_what_the_question_is_about_is_said(work: Path) -> None:
    (work / "till.py").write_text("class Till:\n    def deposit(self, amount):\n        self.total += amount\n")
    workspace = Workspace(work, work, Settings())  # the app opens it: the index is waited for

    async def scene() -> None:
        async with playing(work, "one", workspace=workspace, settings=OFF, size=(120, 40)) as running:
            await running.press("ctrl+l")
            running.app.chat.prompt.put("What does the class Till do?")
            await running.press("enter")
            await running.until(lambda: answered(running))
            assert "self.total += amount" in answers_asked(running)[0]
            question = running.app.query(QuestionView).last()
            assert "+ till.py" in str(question.render())
            question.focus()
            await running.until(lambda: "e edit and send again" in running.screen_text)
            assert "+ till.py" in running.screen_text

    play(scene)


def test_questions_sent_at_once_are_asked_in_their_order(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "one", "two", file="calc.py", settings=OFF, size=(120, 40)) as running:
            await to_chat(running, "here: calc.py")
            running.type_at_once(*"first", "enter", *"second", "enter")
            await running.until(lambda: answered(running, 2))
            assert [text.split("<")[0].split("\n")[-1] for text in answers_asked(running)] == ["first", "second"]

    play(scene)
