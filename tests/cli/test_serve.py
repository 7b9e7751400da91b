"""`coder serve`, and commands that use the engine that stays, as processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.running import Run, command, environment, failed, spawn
from cli.test_processes import until

from coder_tui.config import paths
from coder_tui.engine import joining

TIMEOUT_S = 30


@pytest.fixture
def serve(work: Path, tiny_qwen: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts `coder serve --engine`, and waits until the model is loaded."""
    started: list[subprocess.Popen[bytes]] = []
    (work / "f.py").write_text("import os\n\n\ndef f(path):\n    \n    return path\n")

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command("serve", "--engine", "--model", tiny_qwen), stderr=subprocess.PIPE, env=environment()
        )
        started.append(process)
        assert process.stderr is not None
        assert b"stays in memory until Ctrl-C" in process.stderr.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _infill(model: Path, *more: str) -> dict[str, object]:
    done = spawn("infill", "f.py:5:5", "--model", model, "--json", "--no-context", "--max-tokens", "12", *more)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_commands_say_the_same_with_it_and_without_it(
    serve: Callable[[], subprocess.Popen[bytes]], tiny_qwen: Path, work: Path
) -> None:
    alone = _infill(tiny_qwen)
    process = serve()
    assert {_infill(tiny_qwen)["text"], _infill(tiny_qwen)["text"]} == {alone["text"]}
    doctor = spawn("doctor", "--json").stdout
    assert b"an engine stays for commands" in doctor
    other = spawn("serve", "--engine", "--model", tiny_qwen)
    assert other.returncode == 1
    assert b"already" in other.stderr
    process.send_signal(signal.SIGINT)
    assert process.wait(TIMEOUT_S) == 130
    until(lambda: joining.connected(paths.runtime_dir()) is None)
    assert _infill(tiny_qwen)["text"] == alone["text"]
    assert (work / "f.py").read_text().count("\n") == 6


def test_one_that_was_killed_with_its_command_takes_nothing_down(
    serve: Callable[[], subprocess.Popen[bytes]], tiny_qwen: Path
) -> None:
    process = serve()
    process.kill()
    process.wait()
    until(lambda: joining.connected(paths.runtime_dir()) is None)  # its standard input has ended
    assert _infill(tiny_qwen)["stop_reason"]


def test_a_setting_lets_the_first_command_start_one(coder: Run, work: Path, tiny_qwen: Path) -> None:
    (work / "f.py").write_text("def f(path):\n    \n")
    assert coder("config", "set", "model.stay_minutes", "5").code == 0
    words = ("infill", "f.py:2:5", "--model", str(tiny_qwen), "--no-context", "--max-tokens", "4")
    assert spawn(*words).returncode == 0
    found = joining.connected(paths.runtime_dir())
    assert found is not None
    found.close()
    assert spawn(*words).returncode == 0
    stopped = coder("serve", "--stop")
    assert (stopped.code, stopped.err) == (0, "the engine ends\n")
    until(lambda: joining.connected(paths.runtime_dir()) is None)
    again = coder("serve", "--stop")
    assert (again.code, again.err) == (0, "no engine stays in memory\n")


def test_where_no_socket_can_be(coder: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_qwen: Path) -> None:
    assert "--engine" in failed(coder("serve"), 2)
    assert "--engine" in failed(coder("serve", "--engine", "--stop"), 2)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CODER_RUNTIME_DIR", str(tmp_path / "file/run"))
    assert "no engine can stay in" in failed(coder("serve", "--engine", "--model", tiny_qwen))
