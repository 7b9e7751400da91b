"""Names of files, answers, what git and hooks say: text wherever they are shown, never markup and never escapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import git
from ui.harness import Play, play, playing

from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain
from coder_tui.ui.chat.answer import CodeBlock
from coder_tui.ui.screens.ask import Ask, AskText
from coder_tui.ui.screens.choose import Choose
from coder_tui.ui.screens.context import ContextPanel
from coder_tui.ui.screens.edit_text import EditText
from coder_tui.ui.screens.review import Review

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
EVIL = "[bold]x[/bold][$nope][@click=app.quit]\x1b]0;owned\x07\x1b[31m\u202e"
NAME = f"{EVIL.replace('/', '.')}.py"
ANSWER = f"{EVIL}\n\n```py{EVIL.replace(' ', '')}\ndef f(): return '{EVIL}'\n```\n"


def check(running: Play) -> None:
    """Nothing that a terminal must not get is on the screen, and what looks like markup is there as it is."""
    strips = running.app.screen._compositor.render_strips()
    for row in ("".join(segment.text for segment in strip) for strip in strips):
        assert plain(row) == row
    assert running.app.is_running


async def shown(running: Play, is_so: Callable[[], object]) -> None:
    await running.until(is_so)
    check(running)


@pytest.fixture
def evil(work: Path) -> Path:
    (work / NAME).write_text(f"x = '{EVIL}'\n")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", f"first {EVIL}")
    git(work, "checkout", "-q", "-b", "a]b")
    return work


def is_shown(running: Play, kind: type) -> bool:
    return isinstance(running.app.screen, kind)


def test_names_of_files_everywhere(evil: Path) -> None:
    async def scene() -> None:
        async with playing(evil, "yes", file=NAME, settings=OFF, size=(160, 48)) as running:
            await shown(running, lambda: "a]b" in running.screen_text and "[bold]x" in running.screen_text)
            await running.press("ctrl+p", *"[bold]")
            check(running)
            await running.press("escape", "ctrl+t")
            await shown(running, lambda: running.app.chatting.talk.attachments)
            await running.press("ctrl+l", "ctrl+l", *"see @[bold")
            await shown(running, lambda: "@[bold]x" in running.screen_text)
            await running.press("escape", "f5")
            await shown(running, lambda: is_shown(running, ContextPanel) and running.app.screen._rows)
            await running.press("escape", "ctrl+l", "z", "alt+s")
            await shown(running, lambda: is_shown(running, AskText))
            await running.press("escape")
            file = running.app.editors.active
            running.app._do(lambda: running.app.chatting.code.review(file, "a\n", f"b{EVIL}\n", made="x", title=EVIL))
            await shown(running, lambda: is_shown(running, Review) and "[bold]x" in running.screen_text)
            await running.press("e")
            await shown(running, lambda: is_shown(running, EditText))
            await running.press("escape", "escape")
            (evil / NAME).write_text("other\n")
            running.app._look()
            await shown(running, lambda: "has changed on disk" in running.told)
            await running.press("ctrl+s")
            await shown(running, lambda: is_shown(running, Ask))
            await running.press("escape", "ctrl+q")
            await shown(running, lambda: is_shown(running, Ask))
            await running.press("escape")
            running.app._told(_failing)
            await shown(running, lambda: "broken" in running.told)

    play(scene)


async def _failing() -> None:
    raise CoderError(f"broken {EVIL}", hint=EVIL)


def test_answers_and_what_hooks_say(evil: Path) -> None:
    git(evil, "checkout", "-q", "-b", "other")
    (evil / "calc.py").write_text("x = 1\n")
    git(evil, "add", "-A")
    hook = evil / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nprintf '\\033[31mno [bold]day\\007' >&2\nexit 1\n")
    hook.chmod(0o755)

    async def scene() -> None:
        async with playing(evil, ANSWER, f"Change {EVIL}", settings=OFF, file="calc.py", size=(160, 48)) as running:
            running.app.panels.show(running.app.chat)
            running.app.chat.prompt.put(f"why {EVIL}?")
            await running.press("enter")
            await shown(running, lambda: running.app.chat.answer is None and running.app.chatting.talk.messages)
            assert running.app.query(CodeBlock)
            await running.press("shift+tab")
            check(running)
            await running.press("a")
            await shown(running, lambda: is_shown(running, Review))
            await running.press("escape", "escape", "ctrl+r")
            await shown(running, lambda: is_shown(running, Choose) and "why [bold]x" in running.screen_text)
            await running.press("escape")
            running.app.chat.prompt.put("/commit")
            await running.press("enter")
            await shown(running, lambda: is_shown(running, EditText))
            await running.press("ctrl+s")
            await shown(running, lambda: "no [bold]day" in running.screen_text)

    play(scene)
