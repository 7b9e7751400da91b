"""What a model has read of chats, on disk: under whose name it is kept, and when it goes."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from coder_tui.assistant.kept import Kept, Turns, chat_bytes, chat_key, forget_chats
from coder_tui.assistant.opening import opened
from coder_tui.assistant.recorder import Recorder
from coder_tui.assistant.talk import Talk
from coder_tui.assistant.talk_events import Over, Wrong
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.errors import EngineError
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.history.sessions import Sessions

SETTINGS = Settings()


class Remembering(ScriptedEngine):
    """Notes what is saved and restored; a state is the name under which it was saved."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.meant: list[str] = []
        """The prompts that were to be saved."""
        self.fails = False

    def save_state(self, purpose: Purpose, path: Path, max_bytes: int, of: Sequence[Segment] = ()) -> int:
        assert purpose is Purpose.CHAT
        self.meant.append("".join(one.text for one in of))
        assert max_bytes > 0
        if self.fails:
            raise EngineError("gone")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 100)
        self.calls.append(("save", path.name))
        return 9

    def restore_state(self, purpose: Purpose, path: Path) -> int:
        assert purpose is Purpose.CHAT
        self.calls.append(("restore", path.name))
        return 9 if path.exists() else 0


def name(session: str) -> str:
    return Kept(Purpose.CHAT, chat_key(session)).path.name


def test_going_from_chat_to_chat() -> None:
    engine, state = Remembering(), Turns(Purpose.CHAT)
    assert state.turn_to(engine, SETTINGS, chat_key("")) == 0
    state.holds(chat_key("one"))
    assert state.turn_to(engine, SETTINGS, chat_key("one")) == 0
    assert engine.calls == []
    state.turn_to(engine, SETTINGS, chat_key("two"))
    state.holds(chat_key("two"))
    assert state.turn_to(engine, SETTINGS, chat_key("one")) == 9
    state.holds(chat_key("one"))
    state.keep()
    state.keep()
    assert engine.calls == [
        ("save", name("one")),
        ("restore", name("two")),
        ("save", name("two")),
        ("restore", name("one")),
        ("save", name("one")),
    ]
    assert chat_bytes("one") == chat_bytes("two") == 100
    forget_chats(["one", "never"])
    assert (chat_bytes("one"), chat_bytes("two")) == (0, 100)


def test_a_question_without_an_answer_is_no_chats_state() -> None:
    engine, state = Remembering(), Turns(Purpose.CHAT)
    state.turn_to(engine, SETTINGS, chat_key("one"))
    state.holds(chat_key("one"))
    state.turn_to(engine, SETTINGS, chat_key(""))  # a new chat, whose first question did not fit
    state.keep()
    assert [what for what, _ in engine.calls] == ["restore", "save"]


def test_a_chat_that_nobody_keeps() -> None:
    engine, state = Remembering(), Turns(Purpose.CHAT)
    state.turn_to(engine, SETTINGS, chat_key(""))
    state.holds(chat_key(""))
    state.keep()
    assert engine.calls == []


def test_another_model_begins_with_what_is_on_disk() -> None:
    one, other, state = Remembering(), Remembering(), Turns(Purpose.CHAT)
    state.turn_to(one, SETTINGS, chat_key(""))
    state.holds(chat_key("chat"))
    one.fails = True
    assert state.turn_to(other, SETTINGS, chat_key("chat")) == 0
    assert other.calls == [("restore", name("chat"))]


@pytest.mark.parametrize("then", ["", "later"])
def test_kept_under_the_name_that_it_has_by_then(then: str) -> None:
    engine = Remembering()
    kept = Kept(Purpose.CHAT, "", lambda: chat_key(then))
    assert kept.restore(engine, SETTINGS) == 0
    kept.save(engine, SETTINGS)
    assert engine.calls == ([("save", name("later"))] if then else [])


def _asked(
    model: Path, recorder: Recorder, sessions: Sessions, question: str = "why?", then: Prompt | None = None
) -> Over:
    """A question in a process of its own, in a chat that is new or goes on; then something else is asked."""
    settings = replace(SETTINGS, model=replace(SETTINGS.model, threads=1, context_tokens=1024))
    settings = replace(settings, chat=replace(settings.chat, max_tokens=8))
    events: queue.Queue[object] = queue.Queue()
    talk = Talk(events.put)
    talk.recorder = lambda _: recorder
    if recorder.session:
        talk.resume(recorder, sessions.messages(recorder.session))
    with opened(model, settings, log_file=None) as ready:
        talk.ask(ready, question)
        while not isinstance(event := events.get(timeout=60), Over):
            assert not isinstance(event, Wrong)
        if then is not None:
            assert list(ready.engine.generate(then, Sampling(), Limits(2), Purpose.CHAT))
        talk.close()
    return event


def test_a_chat_that_is_opened_again_reads_only_what_is_new(tmp_path: Path, tiny_qwen: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.db")
    recorder = Recorder(sessions)
    first = _asked(tiny_qwen, recorder, sessions).usage
    assert chat_bytes(recorder.session) > 1000
    again = _asked(tiny_qwen, Recorder(sessions, session=recorder.session), sessions).usage
    assert again.cached_tokens >= first.prompt_tokens
    (path,) = paths.states_dir().iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    damaged = _asked(tiny_qwen, Recorder(sessions, session=recorder.session), sessions).usage
    assert damaged.cached_tokens == 0
    sessions.close()


def test_what_comes_after_a_chat_is_not_kept_in_its_name(tmp_path: Path, tiny_qwen: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.db")
    recorder = Recorder(sessions)
    rewriting = Prompt((Segment("def area(w, h):\n    return w * h\n" * 20),))
    first = _asked(tiny_qwen, recorder, sessions, "why is it so? " * 40, rewriting).usage
    again = _asked(tiny_qwen, Recorder(sessions, session=recorder.session), sessions).usage
    assert again.cached_tokens >= first.prompt_tokens > 300
    sessions.close()
