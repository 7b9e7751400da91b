"""What is kept of an answer while it arrives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_tui.assistant import recorder as module
from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.recorder import Recorder
from coder_tui.core.errors import HistoryError
from coder_tui.history.sessions import Sessions

TIMEOUT_S = 20


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    made = Sessions(tmp_path / "sessions.db")
    yield made
    made.close()


def texts(path: Path, session: str) -> list[tuple[str, bool]]:
    """What another process would find."""
    other = Sessions(path)
    try:
        return [(one.text, one.is_whole) for one in other.messages(session)]
    finally:
        other.close()


def test_a_model_that_pauses_loses_nothing(sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come is in the database though nothing more comes: a timer sees to it, not the next piece."""
    written, real = threading.Event(), sessions.update

    def update(*arguments: object, **options: object) -> None:
        real(*arguments, **options)  # type: ignore[arg-type]
        written.set()

    monkeypatch.setattr(sessions, "update", update)
    monkeypatch.setattr(module, "_FLUSH_S", 0.001)
    recorder = Recorder(sessions, "/repo", "tiny")
    recorder.asked("why?", [Attachment("a.py", "x\n")])
    recorder.said("Because")
    assert written.wait(TIMEOUT_S)
    assert texts(tmp_path / "sessions.db", recorder.session) == [("why?", True), ("Because", False)]
    written.clear()
    recorder.said("Because it")
    assert written.wait(TIMEOUT_S)
    assert texts(tmp_path / "sessions.db", recorder.session)[-1] == ("Because it", False)
    recorder.ended("Because it is", None)
    assert texts(tmp_path / "sessions.db", recorder.session)[-1] == ("Because it is", False)


def test_pieces_between_two_writes_are_written_once(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[threading.Timer] = []

    class Timer:
        daemon = False

        def __init__(self, seconds: float, function: object) -> None:
            assert seconds <= 1  # a kill loses no more than the last second
            self.function = function
            made.append(self)  # type: ignore[arg-type]

        def start(self) -> None: ...

        def cancel(self) -> None: ...

    monkeypatch.setattr(module.threading, "Timer", Timer)
    recorder = Recorder(sessions, "/repo", "tiny")
    recorder.asked("why?", [])
    for piece in ("B", "Be", "Because"):
        recorder.said(piece)
    assert len(made) == 1
    made[0].function()
    assert texts(tmp_path / "sessions.db", recorder.session)[-1] == ("Because", False)
    recorder.said("Because it")
    assert len(made) == 2
    recorder.ended("Because it is", None)
    made[1].function()  # too late: it changes nothing any more
    assert texts(tmp_path / "sessions.db", recorder.session)[-1] == ("Because it is", False)


def test_a_failure_to_keep_it_is_told(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise HistoryError("the disk is full", hint="make room")

    recorder = Recorder(sessions, "/repo", "tiny")
    recorder.asked("why?", [])
    monkeypatch.setattr(sessions, "update", full)
    recorder.ended("Because", None)
    assert (recorder.trouble, recorder.hint) == ("the disk is full; this chat is not kept any more", "make room")
    recorder.asked("and?", [])
    assert recorder.sessions is None
