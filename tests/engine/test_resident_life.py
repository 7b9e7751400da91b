"""The engine that commands share: how it begins and ends, and that others do without it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from engine.asking import ask, options
from engine.residents import ALWAYS_S, there, until

from coder_tui.core.events import StopReason
from coder_tui.engine import joining
from coder_tui.engine.client import LlamaEngine

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sockets in the file system")


def test_one_that_is_killed_is_done_without(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], tiny_deepseek: Path
) -> None:
    engine = client()
    engine.load(options(tiny_deepseek))
    before = ask(engine, "x = ").text
    resident.kill()
    resident.wait()
    until(lambda: engine._process.ended)
    assert ask(engine, "x = ").text == before
    assert engine.stats().pid != resident.pid
    with client() as later:  # its socket is still there
        later.load(options(tiny_deepseek))
        assert ask(later, "x = ").text == before


def test_another_takes_the_place_of_one_that_was_killed(resident: subprocess.Popen[bytes], folder: Path) -> None:
    resident.kill()
    resident.wait()
    assert joining.connected(folder) is None
    with joining.start(folder, ALWAYS_S, None, stays=False) as process, closing(there(folder, process)):
        process.kill()


def test_it_is_started_when_wanted_and_ends_when_nobody_comes(
    client: Callable[..., LlamaEngine], folder: Path, tiny_deepseek: Path
) -> None:
    assert joining.joined(folder, 0, None) is None
    with client(idle_s=1.0) as first:
        first.load(options(tiny_deepseek))
        pid = first.stats().pid
    with client(idle_s=1.0) as second:
        assert second.load(options(tiny_deepseek)).load_ms == 0
        assert second.stats().pid == pid
        time.sleep(1.5)
        assert ask(second, "x = ").reason is StopReason.LENGTH
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert not joining.address(folder).exists()


def test_a_place_where_none_can_listen_takes_no_time(folder: Path) -> None:
    far = folder / ("far" * 40)
    started = time.monotonic()
    assert joining.joined(far, ALWAYS_S, folder / "engine.log") is None
    assert time.monotonic() - started < 2
    assert "too long" in (folder / "engine.log").read_text()


def test_of_two_that_are_started_at_once_one_stays(folder: Path) -> None:
    with (
        joining.start(folder, ALWAYS_S, None, stays=False) as one,
        joining.start(folder, ALWAYS_S, None, stays=False) as other,
    ):
        with closing(there(folder, one)):
            until(lambda: one.poll() is not None or other.poll() is not None)
        left = one if one.poll() is None else other
        assert left.poll() is None
        left.kill()


def test_it_ends_with_whoever_has_started_it(folder: Path) -> None:
    process = joining.start(folder, ALWAYS_S, None, stays=False)
    with closing(there(folder, process)):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
    assert not joining.address(folder).exists()


def test_it_is_stopped(resident: subprocess.Popen[bytes], folder: Path) -> None:
    assert joining.stop(folder)
    assert resident.wait(10) == 0
    assert not joining.stop(folder)
