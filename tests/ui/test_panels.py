"""Sizes of panels, the prompt in the user's editor, telling who is away, and an app that begins at its chat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from ui.harness import Held, Play, play, playing

from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.workspace import Workspace
from coder_tui.config.schema import Settings
from coder_tui.history.sessions import Said
from coder_tui.ui import app as app_module
from coder_tui.ui.app import CoderApp
from coder_tui.ui.desktop import notification

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))


def answered(running: Play, count: int = 1) -> bool:
    return running.app.chat.answer is None and len(running.app.chatting.talk.messages) == 2 * count


def test_panels_are_resized_by_keys_and_by_the_mouse(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF, size=(140, 40)) as running:
            chat, tree = running.app.chat, running.app.tree_view
            await running.press("ctrl+l")
            width = chat.outer_size.width
            await running.press("alt+equals_sign")
            assert chat.outer_size.width == width + 2
            await running.press("ctrl+l", "ctrl+l", "alt+minus", "alt+minus")
            assert chat.outer_size.width == width - 2
            await running.press("ctrl+b", "alt+equals_sign")
            assert tree.outer_size.width == 28
            await running.pilot.mouse_down(chat, offset=(0, 5))
            await running.pilot.hover(offset=(80, 5))
            await running.pilot.mouse_up(offset=(80, 5))
            await running.pilot.pause()
            assert chat.region.x == 80
            await running.pilot.mouse_down(tree, offset=(27, 5))
            await running.pilot.hover(offset=(19, 5))
            await running.pilot.mouse_up(offset=(19, 5))
            await running.pilot.pause()
            assert tree.outer_size.width == 20
            for _ in range(60):
                running.app.action_larger()
            await running.pilot.pause()
            assert running.app.editors.outer_size.width >= 20
            await running.pilot.resize_terminal(80, 24)
            await running.press("ctrl+l")
            height = chat.outer_size.height
            await running.press("alt+minus")
            assert chat.outer_size.height == height - 2
            await running.pilot.resize_terminal(40, 12)
            await running.press("ctrl+l", "ctrl+l")
            assert chat.outer_size.width == 40

    play(scene)


def test_the_prompt_in_the_users_editor(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "edit"
    program.write_text('#!/bin/sh\necho "and more" >> "$1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(program))

    @contextmanager
    def suspend(_: CoderApp) -> Iterator[None]:
        yield

    monkeypatch.setattr(CoderApp, "suspend", suspend)

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF, size=(140, 40)) as running:
            await running.press("ctrl+l", *"hi", "ctrl+j", "ctrl+g")
            await running.until(lambda: running.app.chat.prompt.text == "hi\nand more")
            monkeypatch.setenv("VISUAL", str(tmp_path / "none"))
            await running.press("ctrl+g")
            await running.until(lambda: "the editor cannot be used" in running.told)

    play(scene)


def test_who_is_away_is_told_of_an_answer_that_took_long(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(app_module, "write_to_terminal", lambda _app, text: written.append(text))
    monkeypatch.setenv("TERM", "foot")
    monkeypatch.delenv("TMUX", raising=False)

    async def scene() -> None:
        engine = Held("one", "two", "three")
        async with playing(work, engine=engine, settings=OFF, size=(140, 40)) as running:
            talk = running.app.chatting
            for count, (away, long_s) in enumerate([(False, 0.0), (True, 1e9), (True, 0.0)], 1):
                await running.press("ctrl+l") if count == 1 else None
                await running.press(*f"q{count}")
                talk.long_s = long_s
                engine.go.clear()
                await running.press("enter")
                running.app.app_focus = not away
                engine.go.set()
                await running.until(lambda count=count: answered(running, count))
                running.app.app_focus = True
        assert written == ["\x1b]777;notify;coder;answered: q3\x1b\\\x07"]

    play(scene)


def test_notifications_by_terminal() -> None:
    assert notification("a;b\x1b\nc", {"TERM": "xterm-256color"}) == "\x07"
    assert notification("a;b\nc", {"TERM": "xterm-kitty"}) == "\x1b]9;a,b c\x1b\\\x07"
    assert notification("a", {"TERM_PROGRAM": "WezTerm", "TMUX": "x"}) == "\x1bPtmux;\x1b\x1b]9;a\x1b\x1b\\\x1b\\\x07"


def test_an_app_that_begins_at_its_chat(work: Path) -> None:
    async def scene() -> None:
        workspace = Workspace(work, work, OFF)
        sessions = workspace.sessions()
        assert sessions is not None
        session = sessions.new(root=str(work), model="m")
        sessions.add(session, Said("user", "what is a heap?"))
        sessions.add(session, Said("assistant", "a tree"))
        begins = {"at_chat": True, "attachments": (Attachment("log", "x\n"),), "session": session}
        async with playing(work, "more", settings=OFF, workspace=workspace, size=(140, 40), **begins) as running:
            await running.until(lambda: "a tree" in running.screen_text)
            await running.until(lambda: running.app.chat.prompt.has_focus)
            await running.press(*"go", "enter")
            await running.until(lambda: answered(running, 2))
            assert [one.messages for one in sessions.all()] == [4]

    play(scene)
