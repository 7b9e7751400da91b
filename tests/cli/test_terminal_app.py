from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli.running import Run, Script

from coder_tui.cli import output, starting, terminal_app
from coder_tui.config import paths
from coder_tui.history.sessions import Sessions
from coder_tui.ui import ending
from coder_tui.ui.app import CoderApp


def test_without_a_terminal_there_is_help_or_a_line(coder: Run, work: Path) -> None:
    (work / "a.py").write_text("x\n")
    bare = coder()
    assert (bare.code, bare.text[:12]) == (2, "Usage: coder")
    for words in (("a.py",), ("./none.py", "--line", "3"), ("open",), (".",)):
        result = coder(*words)
        assert (result.code, result.out) == (2, b"")
        assert result.err.startswith("error: the app needs a terminal\nhint: in scripts")


def test_what_is_neither_a_command_nor_a_path(coder: Run, work: Path) -> None:
    assert "No such command 'nonesuch'" in coder("nonesuch").err
    result = coder("nowhere/at/all.py")
    assert (result.code, result.err) == (2, f"error: there is no directory {work}/nowhere/at\n")


def test_what_the_app_is_started_with(coder: Run, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[CoderApp] = []
    for module in (terminal_app, starting):
        monkeypatch.setattr(module, "is_possible", lambda: True)
    monkeypatch.setattr(ending, "run", started.append)
    (work / "sub").mkdir()
    (work / "infill").write_text("x\n")
    for words in ((), ("sub",), ("sub/a.py", "--line", "7"), ("open", "infill", "--model", "small")):
        assert coder(*words).code == 0
    launches = [app.launch for app in started]
    assert {(one.directory, one.root) for one in launches} == {(work, work)}
    assert [(one.file, one.line) for one in launches] == [
        (None, None),
        (None, None),
        (work / "sub" / "a.py", 7),
        (work / "infill", None),
    ]
    assert launches[3].settings.model.name == "small"


def test_its_options_need_no_command(coder: Run, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[CoderApp] = []
    for module in (terminal_app, starting):
        monkeypatch.setattr(module, "is_possible", lambda: True)
    monkeypatch.setattr(ending, "run", started.append)
    for words in (("-m", "small"), ("--model=small", "a.py"), ("--line", "7", "a.py", "--model", "small")):
        assert coder(*words).code == 0
    launches = [app.launch for app in started]
    assert [(one.file, one.line) for one in launches] == [(None, None), (work / "a.py", None), (work / "a.py", 7)]
    assert {one.settings.model.name for one in launches} == {"small"}
    refused = coder("--line", "7", "chat", "why?")
    assert refused.code == 2
    assert "No such option: --line" in refused.err


def test_options_of_commands_may_come_before_them(coder: Run, work: Path, script: Script) -> None:
    (work / "below").mkdir()
    (work / "below/a.py").write_text("x = 1\n")
    for before in (["-C", "below"], ["-m", "starter", "-C", "below"], ["--model=starter", "-C", "below"]):
        script("y = 2\n")
        assert coder(*before, "infill", "a.py:2").out == b"y = 2\n", before
    assert "No such option: -C" in coder("-C", "below", "config", "show").err
    assert "No such option: -C" in coder("-C", "below").err


def test_opening_the_app_does_not_wait_for_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "is_possible", lambda: True)
    assert starting.opened_by(()) == (None, None)
    assert starting.opened_by(("a.py",)) == (Path("a.py"), None)
    assert starting.opened_by(("sub/x", "--line", "7")) == (Path("sub/x"), 7)
    assert starting.opened_by((".",)) == (Path(), None)
    for others in ("infill", "--line 7", "-V", "a.py b.py", "a.py --line x", "a.py --line 0", "--web .", "open ."):
        assert starting.opened_by(others.split()) is None
    monkeypatch.setenv("TEXTUAL_DRIVER", "x")
    assert starting.opened_by(()) is None


def test_a_chat_without_a_question_is_the_app_at_its_chat(
    coder: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[CoderApp] = []
    for module in (terminal_app, starting):
        monkeypatch.setattr(module, "is_possible", lambda: True)
    monkeypatch.setattr(output, "can_ask", lambda: True)
    monkeypatch.setattr(ending, "run", started.append)
    (work / "a.py").write_text("one\ntwo\n")
    sessions = Sessions(paths.sessions_file())
    session = sessions.new(root=str(work), model="m")
    sessions.close()
    assert coder("chat", "-f", "a.py:2-2", "--system", "Be brief.").code == 0
    assert coder("chat", "--continue").code == 0
    assert coder("chat", "--private").code == 0
    first, second, third = (app.launch for app in started)
    assert (first.at_chat, first.session, first.settings.chat.system) == (True, "", "Be brief.")
    assert [(one.name, one.text, one.first_line) for one in first.attachments] == [("a.py", "two", 1)]
    assert (second.session, second.settings.history.enabled) == (session, "on")
    assert third.settings.history.enabled == "off"


def test_the_table_is_printed(coder: Run) -> None:
    assert coder("config", "set", "keys.save", "ctrl+p").code == 0
    result = coder("config", "keys")
    assert re.search(r"^save +ctrl\+p +everywhere +Save$", result.text, re.MULTILINE)
    assert 'warning: ctrl+p means both "Open a file" and "Save"' in result.err
    rows = json.loads(coder("config", "keys", "--json").out)
    assert {row["action"]: row["keys"] for row in rows["keys"]}["save"] == ["ctrl+p"]
    assert len(rows["conflicts"]) == 1
