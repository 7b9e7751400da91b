"""The worker's end, by itself or by force: told in one line, and the next request works."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from engine.asking import LONG, WARM, Answer, ask, collect, options, prompt

from coder_tui.core.errors import CoderError, EngineDiedError, EngineError, WeightsError
from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Limits, Purpose, Segment
from coder_tui.engine import messages as wire
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.process import WorkerProcess

ROOT = Path(__file__).parents[2]
PARENT = """
import os, signal, sys
from pathlib import Path
from coder_tui.core.events import Delta
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine import messages as wire
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.load_options import LoadOptions

signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted\\n"))  # print may be running already
engine = LlamaEngine()
engine.load(LoadOptions(Path(sys.argv[1]), context_tokens=65536, threads=1))
print(engine.pid, flush=True)
for _ in engine.generate(Prompt((Segment("x = "),)), Sampling(), Limits(int(sys.argv[2]))):
    pass
print("done", flush=True)
sys.stdin.readline()
usage = [*engine.generate(Prompt((Segment("x = "),)), Sampling(), Limits(3))][-1].usage
print(usage.completion_tokens, engine.pid, flush=True)
engine.close()
"""


@pytest.fixture
def mortal(tiny_deepseek: Path, tmp_path: Path) -> LlamaEngine:
    """An engine of the test's own, with a long window."""
    engine = LlamaEngine(tmp_path / "log" / "engine.log")
    engine.load(options(tiny_deepseek, context_tokens=65536))
    return engine


def _parent(model: Path, max_tokens: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, str(model), str(max_tokens)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def _line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def test_killed_while_generating(mortal: LlamaEngine) -> None:
    with mortal:
        known = ask(mortal, "y = ", max_tokens=20).text
        pid = mortal.pid
        with pytest.raises(EngineDiedError, match="killed") as caught:
            collect(
                mortal.generate(prompt("x = "), WARM, Limits(60_000)),
                lambda answer: os.kill(pid, signal.SIGKILL) if len(answer.deltas) == 1 else None,
            )
        assert caught.value.hint
        assert ask(mortal, "y = ", max_tokens=20).text == known
        assert mortal.pid != pid


def test_killed_inside_the_prompt(mortal: LlamaEngine) -> None:
    with mortal:
        with pytest.raises(EngineDiedError):
            collect(mortal.generate(prompt(LONG), WARM, Limits(5)), lambda _: os.kill(mortal.pid, signal.SIGKILL))
        assert ask(mortal, "y = ").reason is StopReason.LENGTH


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_crash_says_which(mortal: LlamaEngine, tmp_path: Path, number: signal.Signals) -> None:
    with mortal:
        with pytest.raises(EngineDiedError, match=number.name) as caught:
            collect(mortal.generate(prompt(LONG), WARM, Limits(5)), lambda _: os.kill(mortal.pid, number))
        assert str(tmp_path / "log" / "engine.log") in (caught.value.hint or "")


def test_killed_while_idle(mortal: LlamaEngine) -> None:
    """Whether the death has been noticed yet or not: at most one request fails, and it says so."""
    with mortal:
        os.kill(mortal.pid, signal.SIGKILL)
        try:
            answer = ask(mortal, "y = ")
        except EngineDiedError:
            answer = ask(mortal, "y = ")
        assert answer.reason is StopReason.LENGTH


def test_killed_while_loading(mortal: LlamaEngine, tiny_deepseek: Path) -> None:
    with mortal:
        os.kill(mortal.pid, signal.SIGSTOP)
        errors: list[CoderError] = []

        def load() -> None:
            try:
                mortal.load(options(tiny_deepseek))
            except CoderError as error:
                errors.append(error)

        thread = threading.Thread(target=load)
        thread.start()
        os.kill(mortal.pid, signal.SIGKILL)
        thread.join(10)
        assert not thread.is_alive()
        if errors:  # else the death was noticed before the request was sent, and a new process loaded the weights
            assert isinstance(errors[0], WeightsError)
        assert ask(mortal, "y = ").reason is StopReason.LENGTH


def test_two_threads_see_one_death(mortal: LlamaEngine) -> None:
    """One waits for the dead process's answer while the other has started a new one."""
    with mortal:
        known = mortal.tokenize(Segment("def f():"))
        for _ in range(5):
            generation = iter(mortal.generate(prompt("x = "), WARM, Limits(60_000)))
            next(generation)
            outcome: list[list[int] | EngineDiedError] = []

            def tokenize(outcome: list[list[int] | EngineDiedError] = outcome) -> None:
                try:
                    outcome.append(mortal.tokenize(Segment("def f():")))
                except EngineDiedError as error:
                    outcome.append(error)

            thread = threading.Thread(target=tokenize)
            os.kill(mortal.pid, signal.SIGKILL)
            thread.start()
            thread.join(20)
            assert not thread.is_alive()
            assert outcome[0] == known or isinstance(outcome[0], EngineDiedError)
            with pytest.raises(EngineDiedError):
                collect(generation)
        assert mortal.tokenize(Segment("def f():")) == known


def test_closed_while_generating(mortal: LlamaEngine) -> None:
    with pytest.raises(EngineDiedError, match="closed"):
        collect(mortal.generate(prompt("x = "), WARM, Limits(60_000)), lambda _: mortal.close())
    with pytest.raises(EngineError, match="closed"):
        ask(mortal, "x")
    with pytest.raises(EngineError, match="closed"):
        mortal.tokenize(Segment("x"))
    mortal.close()


def test_no_weights(tmp_path: Path) -> None:
    with LlamaEngine() as engine:
        for attempt in (
            lambda: ask(engine, "x"),
            lambda: engine.tokenize(Segment("x")),
            lambda: engine.window(Purpose.SUGGEST),
        ):
            with pytest.raises(EngineError, match="no weights"):
                attempt()
        assert engine.stats().cached_tokens == 0
        with pytest.raises(WeightsError, match=r"absent\.gguf"):
            engine.load(options(tmp_path / "absent.gguf"))
        with pytest.raises(EngineError, match="no weights"):
            ask(engine, "x")


def test_a_bad_file_takes_nothing_down(tmp_path: Path, tiny_deepseek: Path) -> None:
    whole = tiny_deepseek.read_bytes()
    with LlamaEngine() as engine:
        for name, content in (("empty", b""), ("garbage", os.urandom(4096)), ("half", whole[: len(whole) // 2])):
            path = tmp_path / f"{name}.gguf"
            path.write_bytes(content)
            with pytest.raises(WeightsError, match=name):
                engine.load(options(path))
        engine.load(options(tiny_deepseek))
        assert ask(engine, "x").reason is StopReason.LENGTH


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches a process through a pidfd")
def test_the_worker_goes_with_its_parent(tiny_deepseek: Path) -> None:
    """Also when it is in the middle of a generation."""
    with _parent(tiny_deepseek, 60_000) as parent:
        watched = os.pidfd_open(int(_line(parent)))
        parent.kill()
        ended, _, _ = select.select([watched], [], [], 2)
        os.close(watched)
    assert ended


def test_ctrl_c_is_for_the_parent(tiny_deepseek: Path) -> None:
    with _parent(tiny_deepseek, 5) as parent:
        pid = _line(parent)
        assert _line(parent) == "done"
        os.killpg(parent.pid, signal.SIGINT)
        assert _line(parent) == "interrupted"
        os.kill(int(pid), signal.SIGINT)
        assert parent.stdin is not None
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        assert _line(parent) == f"3 {pid}"
    assert parent.returncode == 0


def test_llama_cpp_speaks_to_the_log_only(
    tiny_deepseek: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log" / "engine.log"
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + bytes(100))
    with LlamaEngine(log) as engine:
        with pytest.raises(WeightsError):
            engine.load(options(bad))
        engine.load(options(tiny_deepseek))
        ask(engine, "x")
        engine.stats()
    assert capfd.readouterr() == ("", "")
    assert "llama_model_load" in log.read_text(encoding="utf-8", errors="replace")


def test_a_long_log_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_bytes(b"old " * 300_000)
    with LlamaEngine(log) as engine:
        engine.stats()
    assert log.stat().st_size < 1_000_000


@pytest.mark.parametrize("place", ["file/engine.log", "folder"])
def test_no_place_for_a_log_is_no_failure(tiny_deepseek: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with LlamaEngine(tmp_path / place) as engine:
        engine.load(options(tiny_deepseek))
        assert ask(engine, "x").reason is StopReason.LENGTH


def test_a_stranger_s_folder_is_not_imported_from(
    tiny_deepseek: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = "from pathlib import Path\nPath('sprung').touch()\nraise SystemExit(3)\n"
    for name in ("llama_cpp", "json", "numpy", "sitecustomize", "ctypes"):
        (tmp_path / f"{name}.py").write_text(trap)
    (tmp_path / "coder_tui" / "engine").mkdir(parents=True)
    for module in ("__init__.py", "engine/__init__.py", "engine/worker.py"):
        (tmp_path / "coder_tui" / module).write_text(trap)
    monkeypatch.chdir(tmp_path)
    with LlamaEngine() as engine:
        engine.load(options(tiny_deepseek))
        answer: Answer = ask(engine, "x")
    assert answer.reason is StopReason.LENGTH
    assert not (tmp_path / "sprung").exists()


def test_the_worker_waits_politely_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert worker_environment()["GOMP_SPINCOUNT"] == "5000"
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    assert "GOMP_SPINCOUNT" not in worker_environment()


def worker_environment() -> dict[str, str]:
    """The environment of a running worker, as the system has it."""
    process = WorkerProcess(None)
    try:
        assert process.ask(wire.Stats(1)) is not None  # while it is being started, the system has none yet
        raw = Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.close()
    return dict(entry.split("=", 1) for entry in raw.decode().split("\0") if "=" in entry)


def test_a_process_that_takes_the_place_of_another_is_told(mortal: LlamaEngine) -> None:
    told: list[str] = []
    mortal.restarted = lambda error: told.append(str(error))
    with mortal:
        ask(mortal, "x = ", max_tokens=2)
        assert told == []
        os.kill(mortal.pid, signal.SIGKILL)
        while not mortal._process.ended:
            pass
        assert ask(mortal, "x = ", max_tokens=2).reason is StopReason.LENGTH
        assert told == ["the engine was killed"]
