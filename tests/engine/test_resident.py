"""The engine that commands share: who joins it, who does not, and how it ends."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from engine.asking import LONG, WARM, Answer, ask, collect, options, prompt

from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Limits, Purpose
from coder_tui.engine import joining
from coder_tui.engine.client import LlamaEngine

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sockets in the file system")
ALWAYS_S = 600.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short path: those of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="coder") as name:
        yield Path(name)


@pytest.fixture
def resident(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with joining.start(folder, ALWAYS_S, folder / "engine.log", stays=False) as process:
        with closing(_there(folder, process)) as found:
            assert found.pid in (0, process.pid)
        yield process
        process.kill()


@pytest.fixture
def client(folder: Path) -> Iterator[Callable[..., LlamaEngine]]:
    """Makes clients that join, and ends them."""
    made: list[LlamaEngine] = []

    def make(idle_s: float = 0.0) -> LlamaEngine:
        made.append(LlamaEngine(None, partial(joining.joined, folder, idle_s, folder / "engine.log")))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def _there(folder: Path, process: subprocess.Popen[bytes]) -> joining.Joined:
    found = joining.comes_up(folder, process)
    assert found is not None
    return found


def _until(is_so: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def alone(reference: LlamaEngine, tiny_deepseek: Path) -> LlamaEngine:
    reference.load(options(tiny_deepseek))
    return reference


def test_clients_share_weights_and_what_was_read(
    resident: subprocess.Popen[bytes],
    client: Callable[..., LlamaEngine],
    alone: LlamaEngine,
    tiny_deepseek: Path,
) -> None:
    text = "import os\n\ndef f(path):\n    return "
    with client() as first:
        assert first.load(options(tiny_deepseek)).load_ms > 0
        answer = ask(first, text)
    second, third = client(), client()
    for engine in (second, third):
        assert engine.load(options(tiny_deepseek)).load_ms == 0
        assert engine.stats().pid == resident.pid
        assert ask(engine, text).text == answer.text == ask(alone, text).text
        assert engine.count(["a b"]) == alone.count(["a b"])
    assert ask(third, text).usage.evaluated_tokens == 1


def test_only_its_user_can_open_it(resident: subprocess.Popen[bytes], folder: Path) -> None:
    assert stat.S_IMODE(joining.address(folder).stat().st_mode) == 0o600
    folder.chmod(0o777)
    assert joining.joined(folder, ALWAYS_S, None) is None
    folder.chmod(0o700)
    with closing(_there(folder, resident)):
        assert resident.poll() is None


def test_others_weights_are_not_taken_away(
    resident: subprocess.Popen[bytes],
    client: Callable[..., LlamaEngine],
    alone: LlamaEngine,
    tiny_deepseek: Path,
    tiny_qwen: Path,
) -> None:
    first, second = client(), client()
    first.load(options(tiny_deepseek))
    second.load(options(tiny_qwen))
    assert second.stats().pid != resident.pid
    assert ask(second, "x = ").reason is StopReason.LENGTH
    assert ask(first, "x = ").text == ask(alone, "x = ").text
    assert first.stats().pid == resident.pid
    first.close()
    second.close()

    def is_exchanged() -> bool:
        with client() as third:
            third.load(options(tiny_qwen))
            return third.stats().pid == resident.pid

    _until(is_exchanged)
    with client() as fourth:
        assert fourth.load(options(tiny_qwen)).load_ms == 0


def test_who_wants_them_loaded_otherwise_gets_it(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], tiny_deepseek: Path
) -> None:
    first, second = client(), client()
    first.load(options(tiny_deepseek))
    assert second.load(options(tiny_deepseek, context_tokens=512)).context_tokens == 512
    assert second.stats().pid != resident.pid
    assert first.window(Purpose.CHAT) == 2048


def test_a_file_that_was_replaced_is_loaded_anew(
    resident: subprocess.Popen[bytes],
    client: Callable[..., LlamaEngine],
    alone: LlamaEngine,
    tmp_path: Path,
    tiny_deepseek: Path,
    tiny_qwen: Path,
) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(tiny_deepseek, path)
    with client() as first:
        first.load(options(path))
        before = ask(first, "x = ").text
    other = tmp_path / "other.gguf"
    shutil.copy(tiny_qwen, other)
    other.replace(path)
    with client() as second:
        assert second.load(options(path)).load_ms > 0
        alone.load(options(tiny_qwen))
        assert ask(second, "x = ").text == ask(alone, "x = ").text != before
        assert resident.poll() is None


def test_one_that_is_killed_is_done_without(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], tiny_deepseek: Path
) -> None:
    engine = client()
    engine.load(options(tiny_deepseek))
    before = ask(engine, "x = ").text
    resident.kill()
    resident.wait()
    _until(lambda: engine._process.ended)
    assert ask(engine, "x = ").text == before
    assert engine.stats().pid != resident.pid
    with client() as later:  # its socket is still there
        later.load(options(tiny_deepseek))
        assert ask(later, "x = ").text == before


def test_another_takes_the_place_of_one_that_was_killed(resident: subprocess.Popen[bytes], folder: Path) -> None:
    resident.kill()
    resident.wait()
    assert joining.connected(folder) is None
    with joining.start(folder, ALWAYS_S, None, stays=False) as process, closing(_there(folder, process)):
        process.kill()


def test_a_client_that_goes_away_ends_its_own_request_only(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], tiny_deepseek: Path
) -> None:
    leaving, staying = client(), client()
    for engine in (leaving, staying):
        engine.load(options(tiny_deepseek, context_tokens=65536))
    begun = threading.Event()
    answers: list[Answer] = []

    def run() -> None:
        with suppress(Exception):
            collect(leaving.generate(prompt(LONG), WARM, Limits(60_000), Purpose.CHAT), lambda _: begun.set())

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(20)
    leaving.close()
    thread.join(20)
    answers.append(ask(staying, "x = "))
    assert answers[0].reason is StopReason.LENGTH
    assert staying.stats().pid == resident.pid


def test_what_a_broken_client_says_is_its_own_trouble(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], folder: Path, tiny_deepseek: Path
) -> None:
    engine = client()
    engine.load(options(tiny_deepseek))
    for words in (b"hello\n", b'{"v": 4}\n', b"\xff" * 100_000 + b"\n", b'{"v":5,"type":"Generate"}\n'):
        with socket.socket(socket.AF_UNIX) as broken:
            broken.connect(os.fspath(joining.address(folder)))
            broken.sendall(words)
            assert broken.recv(1) == b""
    assert ask(engine, "x = ").reason is StopReason.LENGTH
    assert engine.stats().pid == resident.pid


def test_bad_weights_are_told_as_ever(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], tmp_path: Path, tiny_deepseek: Path
) -> None:
    from coder_tui.core.errors import WeightsError

    bad = tmp_path / "bad.gguf"
    bad.write_bytes(tiny_deepseek.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="bad"):
        client().load(options(bad))
    assert resident.poll() is None
    with client() as engine:
        engine.load(options(tiny_deepseek))
        assert ask(engine, "x = ").reason is StopReason.LENGTH


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
    _until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
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
        with closing(_there(folder, one)):
            _until(lambda: one.poll() is not None or other.poll() is not None)
        left = one if one.poll() is None else other
        assert left.poll() is None
        left.kill()


def test_it_ends_with_whoever_has_started_it(folder: Path) -> None:
    process = joining.start(folder, ALWAYS_S, None, stays=False)
    with closing(_there(folder, process)):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
    assert not joining.address(folder).exists()


def test_it_is_stopped(resident: subprocess.Popen[bytes], folder: Path) -> None:
    assert joining.stop(folder)
    assert resident.wait(10) == 0
    assert not joining.stop(folder)


def test_a_state_that_is_still_there_is_not_read_again(
    resident: subprocess.Popen[bytes], client: Callable[..., LlamaEngine], tmp_path: Path, tiny_deepseek: Path
) -> None:
    path, text = tmp_path / "state.kv", "import os\n\n\ndef f(path):\n    return "
    with client() as first:
        first.load(options(tiny_deepseek))
        ask(first, text)
        saved = first.save_state(Purpose.SUGGEST, path, 10_000_000)
    written = path.stat().st_mtime_ns
    assert saved > 10
    with client() as second:
        second.load(options(tiny_deepseek))
        assert second.restore_state(Purpose.SUGGEST, path) == saved
        assert second.save_state(Purpose.SUGGEST, path, 10_000_000) == saved
        assert path.stat().st_mtime_ns == written
        assert ask(second, text).usage.evaluated_tokens == 1
        ask(second, "something else")
        assert second.restore_state(Purpose.SUGGEST, path) == saved
        assert ask(second, text).usage.evaluated_tokens == 1
        path.write_bytes(path.read_bytes()[:-7])
        assert second.restore_state(Purpose.SUGGEST, path) == 0
        assert resident.poll() is None
