"""The whole program in tmux, with a real model and a real repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pathspec
import pytest
from cli.running import ROOT, environment, git

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
TIMEOUT_S = 60
_PATH = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
CODE = "def add(a, b):\n    return a + b\n\n\ndef subtract(a, b):\n"


class Tmux:
    """A program in a tmux of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._name = f"coder-{uuid.uuid4().hex[:8]}"
        command = " ".join([sys.executable, "-m", "coder_tui", *arguments])
        size = ("-x", "140", "-y", "40")
        self._run(
            "-f", "/dev/null", "new-session", "-d", *size, "-c", str(folder), command, env=environment(PYTHONPATH=_PATH)
        )

    def _run(self, *words: str, **more: object) -> str:
        command = ["tmux", "-L", self._name, *words]
        done = subprocess.run(command, capture_output=True, check=False, text=True, **more)  # type: ignore[call-overload]
        return str(done.stdout)

    @property
    def screen(self) -> str:
        return self._run("capture-pane", "-p")

    @property
    def is_running(self) -> bool:
        return bool(self._run("list-sessions"))

    def type(self, text: str) -> None:
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def until(self, is_so: Callable[[str], object]) -> str:
        """Wait until the screen is as it should be."""
        end = time.monotonic() + TIMEOUT_S
        while not is_so(screen := self.screen):
            assert time.monotonic() < end, screen
            assert self.is_running, "the app has ended"
            time.sleep(0.1)
        return screen

    def wait_for_end(self) -> None:
        end = time.monotonic() + TIMEOUT_S
        while self.is_running:
            assert time.monotonic() < end, self.screen
            time.sleep(0.1)

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with the files of a package that people use, and one that is begun."""
    folder = tmp_path / "work"
    shutil.copytree(Path(pathspec.__file__).parent, folder / "pathspec", ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "-q", "-b", "main")
    (folder / "calc.py").write_text(CODE)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def tmux(work: Path, request: pytest.FixtureRequest) -> Iterator[Tmux]:
    model = request.getfixturevalue(request.param)
    program = Tmux(work, "calc.py", "--line", "6", "--model", str(model))
    try:
        yield program
    finally:
        program.close()


@pytest.mark.parametrize("tmux", ["tiny_qwen"], indirect=True)
def test_the_app_opens_edits_saves_and_ends(tmux: Tmux, work: Path) -> None:
    tmux.until(lambda screen: "def subtract" in screen and "tiny-qwen" in screen)
    tmux.press("F8")
    tmux.until(lambda screen: "suggestions are off" in screen)
    tmux.type("    return a - b")
    tmux.press("C-s")
    tmux.until(lambda _: (work / "calc.py").read_text() == f"{CODE}    return a - b")
    tmux.until(lambda screen: "●" not in screen and "return a - b" in screen)
    tmux.press("C-q")
    tmux.wait_for_end()


@pytest.mark.model
@pytest.mark.timeout(400)
@pytest.mark.parametrize("tmux", ["starter_model"], indirect=True)
def test_a_day_with_the_app(tmux: Tmux, work: Path) -> None:
    tmux.until(lambda screen: "def subtract" in screen and re.search(r"CPU|GPU", screen))
    tmux.type("    retu")
    tmux.until(lambda screen: "return a - b" in screen and "read" in screen)
    assert (work / "calc.py").read_text() == CODE
    tmux.press("Tab")
    tmux.until(lambda screen: re.search(r"calc\.py ●  6:1[67]", screen))
    tmux.press("C-s")
    tmux.until(lambda screen: "●" not in screen)
    saved = (work / "calc.py").read_text()
    assert saved.startswith(f"{CODE}    return a - b")
    tmux.press("C-l")
    tmux.type("/doc")
    tmux.press("Enter")
    tmux.until(lambda screen: "tokens/s" in screen)
    tmux.press("BTab")
    tmux.press("a")
    tmux.until(lambda screen: "Enter apply" in screen)
    tmux.press("Enter")
    tmux.until(lambda screen: "calc.py ●" in screen)
    tmux.press("C-z")
    tmux.until(lambda screen: "calc.py ●" not in screen)
    tmux.press("C-q")
    tmux.wait_for_end()
    assert (work / "calc.py").read_text() == saved
