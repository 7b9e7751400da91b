"""The engine that commands share: who joins it, who does not, and what they have in common."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from engine.asking import LONG, WARM, Answer, ask, collect, options, prompt
from engine.residents import ALWAYS_S, there, until

from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Limits, Purpose
from coder_tui.engine import joining
from coder_tui.engine.client import LlamaEngine

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sockets in the file system")


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
    with closing(there(folder, resident)):
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

    until(is_exchanged)
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
