"""Telling the app to end, and taking its terminal away."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import ROOT, environment
from ui.harness import play, playing

from coder_tui.config import paths
from coder_tui.config.schema import Settings

_PATH = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
TIMEOUT_S = 30
"""More than the app's own patience: then it ended by that."""


@contextlib.contextmanager
def started(folder: Path, model: Path, *, nohup: bool = False) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The app on a terminal of its own, and the other side of that."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def own() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL)

    process = subprocess.Popen(
        [sys.executable, "-m", "coder_tui", "calc.py", "--model", str(model)],
        stdin=other, stdout=other, stderr=other, cwd=folder, start_new_session=True, preexec_fn=own,  # noqa: PLW1509
        env=environment(PYTHONPATH=_PATH, TERM="xterm-256color"),
    )  # fmt: skip
    os.close(other)
    try:
        yield process, main
    finally:
        process.kill()
        process.wait()


def _read(main: int, seconds: float, until: bytes = b"never") -> bytes:
    """What comes in that time, or until this has come."""
    found, end = b"", time.monotonic() + seconds
    os.set_blocking(main, False)
    while time.monotonic() < end and until not in found:
        with contextlib.suppress(BlockingIOError, OSError):
            found += os.read(main, 65536)
        time.sleep(0.01)
    return found


def test_an_app_whose_terminal_goes_ends_whatever_it_is_at(work: Path, tiny_deepseek: Path) -> None:
    """From its first imports on: a signal that comes then must not get lost, nor a picture that nobody takes."""
    with contextlib.ExitStack() as stack:
        apps = [stack.enter_context(started(work, tiny_deepseek)) for _ in range(5)]
        for _, main in apps:
            _read(main, 0.4)
            os.close(main)
        gone = time.monotonic()
        codes = [process.wait(TIMEOUT_S) for process, _ in apps]
    # 1: the terminal was gone before Textual could begin with it.
    assert set(codes) <= {129, -signal.SIGHUP, 1}
    assert time.monotonic() - gone < 10, "it was its last resort that ended it"


@pytest.mark.parametrize(("nohup", "number", "code"), [(False, signal.SIGTERM, 143), (True, None, 129)])
def test_it_ends_in_order(work: Path, tiny_deepseek: Path, nohup: bool, number: int | None, code: int) -> None:
    with started(work, tiny_deepseek, nohup=nohup) as (process, main):
        _read(main, TIMEOUT_S, until=b"return")
        os.write(main, b"unsaved")
        assert b"unsaved" in _read(main, TIMEOUT_S, until=b"unsaved")
        if number is not None:
            process.send_signal(number)
            assert b"\x1b[?1049l" in _read(main, TIMEOUT_S, until=b"\x1b[?1049l"), "the terminal is as it was"
        else:
            os.close(main)  # and no signal tells of it
        assert process.wait(TIMEOUT_S) == code
    recovered = [path.read_bytes() for path in (paths.state_dir() / "recovery").iterdir()]
    assert any(b"unsaved" in one for one in recovered)


def test_a_question_is_answered_once(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("x", "ctrl+q")
            await running.until(lambda: "Stay" in running.screen_text)
            running.type_at_once("c", "c", "escape", "c")
            await running.pilot.pause()
            assert running.app.screen is running.app.screen_stack[0]
            assert running.area.content.startswith("ximport")

    play(scene)


def test_a_fault_that_ends_it_is_told_in_a_line(work: Path) -> None:
    class FaultError(Exception):
        pass

    def fail() -> None:
        raise FaultError("of a [test]")

    said: list[str] = []

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("x")
            running.app.call_later(fail)
            await running.until(lambda: running.app._exit_renderables)
            said.extend(map(str, running.app._exit_renderables))
            assert running.app.return_code == 1

    with pytest.raises(FaultError):
        play(scene)
    assert said[0].startswith("error: coder has met a fault of its own: FaultError: of a [test]\n")
    assert "FaultError" in paths.log_file().read_text()
    assert list((paths.state_dir() / "recovery").iterdir()), "what was not saved is there"


def test_what_is_typed_in_the_last_instant_survives_too(work: Path) -> None:
    """A signal ends it: nobody is told of the change any more."""

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            running.area.insert("last words ")
            running.app.exit()

    play(scene)
    copies = [path.read_text() for path in (paths.state_dir() / "recovery").iterdir()]
    assert any("last words import os" in copy for copy in copies)


def test_what_was_given_up_is_not_kept(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            await running.press("y", "ctrl+q")
            await running.until(lambda: "Save what you changed?" in running.screen_text)
            await running.press("d")
            await running.until(lambda: running.app._exit)

    play(scene)
    folder = paths.state_dir() / "recovery"
    assert not folder.is_dir() or list(folder.iterdir()) == []


def test_two_keys_at_once_close_a_tab_once(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py", settings=OFF) as running:
            running.type_at_once("ctrl+w", "ctrl+w")
            await running.until(lambda: running.app.editors.active is None)
            await running.pilot.pause()
            assert not running.app.editors.files

    play(scene)
