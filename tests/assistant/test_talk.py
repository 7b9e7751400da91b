from __future__ import annotations

import queue
import threading
from pathlib import Path

import pytest
from assistant.healing import Healing
from prompts.infos import QWEN

from coder_tui.assistant import commands, selection_edit
from coder_tui.assistant.applying import applied
from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.recorder import Recorder
from coder_tui.assistant.talk import Talk
from coder_tui.assistant.talk_events import Event, Over, Said, Wrong
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError, EngineError, UsageError
from coder_tui.core.events import StopReason
from coder_tui.edits.answers.parse import code_of
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.history.sessions import Sessions

TIMEOUT_S = 20


def talking(engine: ScriptedEngine) -> tuple[Talk, queue.Queue[Event], Ready]:
    events: queue.Queue[Event] = queue.Queue()
    return Talk(events.put), events, Ready(engine, QWEN, Settings())


def over(events: queue.Queue[Event]) -> tuple[str, Event]:
    text = ""
    while True:
        event = events.get(timeout=TIMEOUT_S)
        if isinstance(event, Said):
            text += event.text
        if isinstance(event, Over | Wrong):
            return text, event


def test_a_talk_goes_on() -> None:
    engine = ScriptedEngine(["Hello\x1b[31m", "Again"])
    talk, events, ready = talking(engine)
    talk.attach(Attachment("a.py", "x = 1\n"))
    talk.ask(ready, "Hi")
    text, end = over(events)
    assert isinstance(end, Over)
    assert text == end.text == "Hello[31m"
    talk.end(end)
    assert talk.attachments == ()
    assert not talk.is_busy
    talk.ask(ready, "And?")
    _, end = over(events)
    assert isinstance(end, Over)
    talk.end(end)
    assert [message.role for message in talk.messages] == ["user", "assistant"] * 2
    asked = "".join(segment.text for segment in engine.requests[1][0].segments)
    assert "x = 1" in asked
    assert "Hello[31m" in asked


def test_how_a_chat_is_kept_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "sessions.db").write_bytes(b"no database, but as long as the head of one would be. " * 40)
    sessions = Sessions(tmp_path / "sessions.db")
    talk, events, ready = talking(ScriptedEngine(["One", "Two", "Three"]))
    cuts: list[tuple[str, ...]] = []
    for recorder in (Recorder(sessions), Recorder(None, trouble="the disk is full; chats are not kept")):
        talk.new()
        talk.recorder = lambda _, recorder=recorder: recorder  # type: ignore[misc]
        for question in ("Hi", "And?")[: 2 if recorder.sessions else 1]:
            talk.ask(ready, question)
            _, end = over(events)
            assert isinstance(end, Over)
            cuts.append(end.cuts)
            talk.end(end)
        assert talk.session == recorder.session
    sessions.close()
    assert "have been set aside as sessions.db.damaged-" in cuts[0][0]
    assert cuts[1:] == [(), ("the disk is full; chats are not kept",)]


def test_a_failure_keeps_the_attachments() -> None:
    talk, events, ready = talking(ScriptedEngine([EngineError("broken")]))
    talk.attach(Attachment("a.py", "x\n"))
    talk.ask(ready, "Hi")
    _, end = over(events)
    assert isinstance(end, Wrong)
    talk.fail(end)
    assert (len(talk.attachments), talk.is_busy, talk.messages) == (1, False, ())


def test_stopping_keeps_what_was_said() -> None:
    first = threading.Event()
    events: queue.Queue[Event] = queue.Queue()

    def told(event: Event) -> None:
        events.put(event)
        if isinstance(event, Said):
            first.set()
            talk.stop()

    talk = Talk(told)
    talk.ask(Ready(ScriptedEngine(["one two three four"]), QWEN, Settings()), "Hi")
    assert first.wait(TIMEOUT_S)
    text, end = over(events)
    assert isinstance(end, Over)
    assert end.reason is StopReason.CANCELLED
    assert text == end.text == "one "


def test_attachments_of_a_name_and_place_replace_each_other() -> None:
    talk, _, _ = talking(Healing())
    for text in ("old\n", "new\n"):
        talk.attach(Attachment("a.py", text))
    talk.attach(Attachment("a.py", "part\n", 4))
    talk.attach(Attachment("b.py", "b\n"))
    assert [one.text for one in talk.attachments] == ["new\n", "part\n", "b\n"]
    assert talk.drop("a.py") == 2
    assert talk.drop() == 1


def test_commands() -> None:
    found = commands.find("/explain why so slow?")
    assert found is not None
    assert (found[0].name, found[1]) == ("explain", "why so slow?")
    assert commands.find("explain /this") is None
    with pytest.raises(UsageError, match="no command /nope"):
        commands.find("/nope x")
    assert [one.name for one in commands.beginning_with("/d")] == ["doc", "drop"]
    assert commands.beginning_with("d") == []


def test_files_that_a_prompt_names() -> None:
    files = ["src/a.py", "b.md"]
    assert commands.named_files("look at @src/a.py, @b.md. and mail@b.md @nope @src/a.py", files) == [
        commands.Named("src/a.py"),
        commands.Named("b.md"),
    ]
    assert commands.named_files("@b.md:3-5, @b.md:0-2 @b.md:5-3 @c.md:1-2", files) == [commands.Named("b.md", (2, 4))]
    assert commands.word_at("see @src/a", 10) == "@src/a"
    assert commands.word_at("see @src/a ", 11) == ""
    assert commands.word_at("a@b", 3) == ""


FILE = """import os


def add(a, b):
    return a + b


class Box:
    def size(self):
        return 1

    def name(self):
        return "box"
"""


def test_code_takes_the_place_of_what_it_is() -> None:
    new = applied(FILE, "def add(a: int, b: int) -> int:\n    return a + b\n")
    assert "def add(a: int, b: int) -> int:\n    return a + b\n\n\nclass Box" in new
    assert new.count("def add") == 1


def test_a_method_keeps_its_indentation() -> None:
    new = applied(FILE, "def size(self):\n    return 2\n")
    assert "class Box:\n    def size(self):\n        return 2\n\n    def name" in new


def test_a_whole_file_replaces_the_file() -> None:
    assert applied(FILE, FILE.replace("box", "bag")) == FILE.replace("box", "bag")
    assert applied("", "x = 1") == "x = 1\n"


def test_lines_that_were_asked_about_are_replaced() -> None:
    assert applied(FILE, "return b + a", lines=(4, 4)) == FILE.replace("return a + b", "return b + a")


def test_other_code_goes_behind_the_cursor() -> None:
    assert applied("a\nb\n", "x = 1\n", cursor=0) == "a\nx = 1\nb\n"
    assert applied(FILE, "def other():\n    pass", cursor=2).startswith(
        "import os\n\n\ndef other():\n    pass\ndef add"
    )


def test_the_code_of_an_answer() -> None:
    assert code_of("no code") is None
    assert code_of("a\n```python\nx\n```\nb\n```\nlonger\n```\n") == "longer\n"
    assert code_of("```\nnot closed\n") == "not closed\n"
    assert code_of("````\n```\ninner\n```\n````\n") == "```\ninner\n```\n"


def test_a_rewritten_selection() -> None:
    lines = selection_edit.Lines(FILE, 4, 4, "a.py", "py")
    asked = selection_edit.question(lines, "subtract")
    assert "subtract" in asked.text
    assert [one.text for one in asked.attachments] == ["    return a + b\n"]
    asked = selection_edit.question(lines, "subtract", lines.part(3, 4))
    assert "```py\n    return a + b\n```" in asked.text
    assert [one.text for one in asked.attachments] == ["def add(a, b):\n    return a + b\n"]
    assert selection_edit.result(FILE, (4, 4), "```\nreturn a - b\n```") == FILE.replace("a + b", "a - b")
    with pytest.raises(CoderError, match="no code"):
        selection_edit.result(FILE, (4, 4), "I cannot")
