"""Commands of the chat that are more than a question, and going back in a chat."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import git
from textual.widgets import TextArea
from ui.harness import Held, Play, play, playing

from coder_tui.assistant.workspace import Workspace
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.edits.journal import Journal
from coder_tui.ui.chat.question import QuestionView
from coder_tui.ui.screens.ask import Ask
from coder_tui.ui.screens.choose import Choose
from coder_tui.ui.screens.edit_text import EditText
from coder_tui.ui.screens.review import Review

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
ALONE = replace(OFF, chat=replace(OFF.chat, here="off"))
"""Nothing goes along with a question by itself."""


def answered(running: Play, count: int = 1) -> bool:
    return running.app.chat.answer is None and len(running.app.chatting.talk.messages) == 2 * count


def sent(running: Play) -> str:
    return "".join(segment.text for segment in running.engine.requests[-1][0].segments)


def shows(running: Play, kind: type) -> bool:
    return isinstance(running.app.screen, kind)


async def ask(running: Play, text: str) -> None:
    running.app.panels.show(running.app.chat)
    running.app.chat.prompt.put(text)
    await running.press("enter")


def log(work: Path) -> str:
    done = subprocess.run(["git", "-C", str(work), "log", "--format=%B"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def test_a_commit_is_made_with_the_message_as_it_was_left(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, "Add the calculator.", "Try again", settings=OFF) as running:
            await ask(running, "/commit")
            await running.until(lambda: "nothing is staged" in running.told)
            git(work, "add", "calc.py")
            running.app.chat.prompt.put("")
            await ask(running, "/commit")
            await running.until(lambda: shows(running, EditText))
            assert "Add the calculator" in running.screen_text
            assert "calc.py" in running.screen_text
            await running.press("escape")
            assert log(work) == ""
            await ask(running, "/commit")
            await running.until(lambda: shows(running, EditText))
            running.app.screen.query_one(TextArea).text = "Other words\n\nA body."
            await running.press("ctrl+s")
            await running.until(lambda: "Other words" in running.told)
            assert log(work) == "Other words\n\nA body."

    play(scene)


def test_a_commit_is_stopped_while_its_message_is_written(work: Path) -> None:
    git(work, "add", "calc.py")
    engine = Held("Add the calculator.", "fine")

    async def scene() -> None:
        async with playing(work, engine=engine, settings=OFF) as running:
            await ask(running, "/commit")
            await running.until(lambda: "what is staged … · Esc stops" in running.screen_text)
            await ask(running, "/commit")
            await running.until(lambda: "is being written already; Esc stops it" in running.told)
            running.app.chat.prompt.put("")
            await running.press("escape")
            await running.until(lambda: "stopping" in running.screen_text)
            engine.go.set()
            await running.until(lambda: running.app.chat.prompt.text == "/commit")
            assert "stopped" in running.screen_text
            assert not shows(running, EditText)
            assert log(work) == ""
            await running.press("enter")
            await running.until(lambda: shows(running, EditText))
            await running.press("escape")

    play(scene)


def test_a_hook_that_refuses_is_told(work: Path) -> None:
    git(work, "add", "calc.py")
    hook = work / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no such day >&2\nexit 1\n")
    hook.chmod(0o755)

    async def scene() -> None:
        async with playing(work, "Add it", settings=OFF) as running:
            await ask(running, "/commit")
            await running.until(lambda: shows(running, EditText))
            await running.press("ctrl+s")
            await running.until(lambda: "no such day" in running.told)
            assert log(work) == ""

    play(scene)


def test_what_came_from_an_answer_is_journalled_and_taken_back(work: Path) -> None:
    before = (work / "calc.py").read_text()
    answer = "```python\ndef add(a, b):\n    return b + a\n```\n"

    async def scene() -> None:
        async with playing(work, answer, file="calc.py", settings=OFF, size=(120, 40)) as running:
            await running.press("x", "ctrl+s")
            await running.until(lambda: not running.app.editors.active.modified)
            await ask(running, "/undo")
            await running.until(lambda: "coder has written nothing here" in running.screen_text)
            await running.press("escape")
            await ask(running, "turn round")
            await running.until(lambda: answered(running))
            await running.press("shift+tab", "a")
            await running.until(lambda: shows(running, Review))
            await running.press("enter")
            await running.until(lambda: "b + a" in running.area.text)
            running.app.editors.focus_area()
            await running.press("ctrl+s")
            await running.until(lambda: not running.app.editors.active.modified)
            (record,) = Journal(paths.journal_dir()).records()
            assert record.reason == "code of an answer: calc.py"
            await ask(running, "/undo")
            await running.until(lambda: shows(running, Choose) and "code of an answer" in running.screen_text)
            await running.press("enter")
            await running.until(lambda: shows(running, Ask))
            await running.press("t")
            await running.until(lambda: running.area.content == f"x{before}")
            assert (work / "calc.py").read_text() == f"x{before}"

    play(scene)


def test_an_answer_is_given_again_and_a_question_changed(work: Path) -> None:
    async def scene() -> None:
        answers = ("one", "two", "another two", "three")
        async with playing(work, *answers, file="calc.py", settings=ALONE, size=(120, 40)) as running:
            await ask(running, "first")
            await running.until(lambda: answered(running))
            await ask(running, "second")
            await running.until(lambda: answered(running, 2))
            await running.press("alt+r")
            await running.until(lambda: answered(running, 2) and "another two" in running.screen_text)
            assert running.engine.requests[-1][1].temperature >= 0.7
            assert [one.content for one in running.app.chatting.talk.messages] == [
                "first",
                "one",
                "second",
                "another two",
            ]
            running.app.query(QuestionView).first().focus()
            await running.until(lambda: "e edit and send again" in running.screen_text)
            await running.press("e")
            await running.until(lambda: running.app.chat.prompt.text == "first")
            await running.press("escape")
            assert running.app.chat.prompt.text == ""
            assert "another two" in running.screen_text
            running.app.query(QuestionView).first().focus()
            await running.press("e")
            await running.until(lambda: running.app.chat.prompt.has_focus)
            await running.press("!", "enter")
            await running.until(lambda: answered(running))
            assert "another two" not in running.screen_text
            assert [one.content for one in running.app.chatting.talk.messages] == ["first!", "three"]

    play(scene)


def test_chats_that_were_kept_are_found_and_go_on(work: Path) -> None:
    async def scene() -> None:
        workspace = Workspace(work, work, OFF)
        async with playing(work, "a heap", "a queue", settings=OFF, workspace=workspace, size=(120, 40)) as running:
            await ask(running, "what is a heap? @calc.py")
            await running.until(lambda: answered(running))
            await running.press("alt+r")
            await running.until(lambda: answered(running) and "a queue" in running.screen_text)
        workspace = Workspace(work, work, OFF)
        async with playing(work, "more", settings=OFF, workspace=workspace, size=(120, 40)) as running:
            await ask(running, "/sessions")
            await running.until(lambda: running.screen_text.count("2 messages") == 2)
            await running.press(*"queue")
            await running.until(lambda: "2 messages" not in running.screen_text and "a queue" in running.screen_text)
            await running.press("enter")
            await running.until(lambda: answered(running) and shows(running, type(running.app.screen_stack[0])))
            await running.until(lambda: "what is a heap?" in running.screen_text)
            await ask(running, "go on")
            await running.until(lambda: answered(running, 2))
            assert "a queue" in sent(running)
            await running.press("ctrl+r")
            await running.until(lambda: shows(running, Choose) and "what is a heap?" in running.screen_text)
            await running.press(*"heap", "enter")
            await running.until(lambda: running.app.chat.prompt.text == "what is a heap? @calc.py")
            sessions = workspace.sessions()
            assert sessions is not None
            assert sorted(one.messages for one in sessions.all()) == [2, 4]

    play(scene)


def test_without_kept_chats_there_is_a_line(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            await ask(running, "/sessions")
            await running.until(lambda: "chats are not kept here" in running.told)
            await ask(running, "/again")
            await running.until(lambda: "no answer yet" in running.told)

    play(scene)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_the_lists_fit_small_terminals(work: Path, size: tuple[int, int]) -> None:
    async def scene() -> None:
        async with playing(work, settings=OFF, size=size) as running:
            await ask(running, "/undo")
            await running.until(lambda: shows(running, Choose))
            await running.until(lambda: "written nothing" in running.screen_text)

    play(scene)
