"""What an app knows of where it works, with a real index process and a scripted model."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from assistant.healing import Healing

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for
from coder_tui.assistant.talk import Talk
from coder_tui.assistant.talk_events import Event, Over, Wrong
from coder_tui.assistant.workspace import Workspace
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.document import Document, Position
from coder_tui.history.sessions import Sessions
from coder_tui.weights import gguf_file

MAIN = "from till import Till\n\n\nt = \n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "till.py").write_text("class Till:\n    def deposit(self, amount): ...\n")
    (folder / "main.py").write_text(MAIN)
    (folder / "other.py").write_text("\n".join(f"value_{number} = {number}" for number in range(9)))
    return folder


@pytest.fixture
def ready(tiny_qwen: Path) -> Ready:
    return Ready(Healing(["Till()", "It takes money."]), gguf_file.inspect(tiny_qwen).info, Settings())


def eventually(answer: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not answer():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_suggestions_know_the_repository_and_what_was_worked_on(root: Path, ready: Ready) -> None:
    workspace = Workspace(root, root, Settings())
    assert workspace.surroundings is None
    workspace.open()
    try:
        found = workspace.surroundings
        assert found is not None
        workspace.touched("other.py", 3, (root / "other.py").read_text().split("\n"), "opened")
        hole = Hole(Document(MAIN), Position(3, 4), "main.py", surroundings=found)
        text = "".join(segment.text for segment in prompt_for(ready, hole)[1].segments)
        assert "#till.py\nclass Till:" in text
        assert "value_3 = 3" in text
        assert [one.piece.reason for one in found.found.taken if one.piece.path == "other.py"] == ["opened lately"]
    finally:
        workspace.close()
    assert workspace.surroundings is None


def test_chats_are_kept_and_know_what_they_are_asked_about(root: Path, ready: Ready) -> None:
    workspace = Workspace(root, root, Settings())
    workspace.open()
    told: list[Event] = []
    talk = Talk(told.append)
    talk.surroundings, talk.recorder = lambda: workspace.surroundings, workspace.recorder
    try:
        with_index = workspace.surroundings
        assert with_index is not None

        def knows() -> bool:
            with with_index.known() as known:
                return bool(known.definitions("Till"))

        eventually(knows)
        talk.ask(ready, "what is a `Till`?")
        eventually(lambda: any(isinstance(event, Over | Wrong) for event in told))
        over = next(event for event in told if isinstance(event, Over | Wrong))
        assert isinstance(over, Over), over
        assert "def deposit(self, amount): ..." in over.messages[-1].content
        talk.end(over)
        sessions = Sessions(paths.sessions_file())
        (session,) = sessions.all(str(root))
        assert [one.text for one in sessions.messages(session.id)] == ["what is a `Till`?", over.text]
        sessions.close()
    finally:
        talk.close()
        workspace.close()


def test_chats_that_cannot_be_kept_are_said(root: Path) -> None:
    paths.sessions_file().parent.parent.mkdir(parents=True, exist_ok=True)
    paths.sessions_file().parent.write_text("a file where a folder should be")
    workspace = Workspace(root, root, Settings())
    assert workspace.recorder("tiny").sessions is None
    assert "chats are not kept" in workspace.notice
    workspace.close()
