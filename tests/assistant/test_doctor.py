"""What the examination of a machine finds, and the commands that mend it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from coder_tui.assistant import doctor
from coder_tui.assistant.doctor import Finding, Verdict
from coder_tui.config import paths
from coder_tui.config.schema import ModelSettings, Settings
from coder_tui.core.errors import EngineDiedError
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.messages import StatsReport
from coder_tui.weights import catalog, hardware


def found(settings: Settings | None = None) -> dict[str, Finding]:
    """The findings by name; every one that is not well says what to do."""
    findings = list(doctor.examine(settings or Settings()))
    assert all(one.text and "\n" not in one.text for one in findings)
    assert all(one.mend for one in findings if one.verdict is not Verdict.OK)
    assert all(one.mend is None for one in findings if one.verdict is Verdict.OK)
    return {one.name: one for one in findings}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory of weights."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("CODER_MODELS_DIR", str(folder))
    monkeypatch.setattr(catalog, "CHECKOUT_MODELS", tmp_path / "none")
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the engine's process."""
    monkeypatch.setattr(doctor, "_engine", lambda: iter(()))


def report(*, offload: bool, devices: tuple[str, ...]) -> StatsReport:
    return StatsReport(1, 2, 3, 0, 0, 4, "CPU : SSE3 = 1 | AVX = 0", "0.3.36", offload, devices)


def test_this_machine(models: Path, tiny_qwen: Path) -> None:
    shutil.copy(tiny_qwen, models / "mine.gguf")
    findings = found()
    assert {"coder", "python", "llama.cpp", "cpu build", "gpu", "memory", "model", "git"} <= set(findings)
    assert findings["llama.cpp"].text.startswith("llama-cpp-python 0.")
    assert findings["model"].text.startswith(f"mine: {models / 'mine.gguf'}")
    assert findings["weights directory"].verdict is Verdict.OK
    assert not paths.config_dir().exists()


@pytest.mark.usefixtures("quick")
def test_an_adapter_is_told_and_a_missing_one_is_a_problem(models: Path, tiny_qwen: Path, tmp_path: Path) -> None:
    shutil.copy(tiny_qwen, models / "mine.gguf")
    adapter = tmp_path / "lora.gguf"
    settings = replace(Settings(), suggest=replace(Settings().suggest, adapter=str(adapter)))
    assert found(settings)["adapter"].verdict is Verdict.PROBLEM
    adapter.touch()
    assert "adapter" not in found(settings)
    assert found(settings)["loading"].text.endswith("; with lora.gguf")
    assert "with" not in found()["loading"].text.rpartition(";")[2]


@pytest.mark.usefixtures("quick")
def test_no_model_is_a_problem(models: Path) -> None:
    findings = found()
    assert findings["models"] == Finding("models", Verdict.PROBLEM, f"none in {models}", "coder models pull starter")
    (models / catalog.find("starter").file).write_bytes(b"GGUF")
    one = found()["model"]
    assert (one.verdict, one.mend) == (Verdict.PROBLEM, "coder models pull starter")


@pytest.mark.usefixtures("quick", "models")
def test_the_model_of_the_settings_must_be_there() -> None:
    one = found(Settings(model=ModelSettings(name="deepseek-1.3b")))["model.name"]
    assert (one.verdict, one.mend) == (Verdict.PROBLEM, "coder models pull deepseek-1.3b")


@pytest.mark.usefixtures("quick", "models")
def test_a_model_elsewhere_will_do(tiny_qwen: Path) -> None:
    findings = found(Settings(model=ModelSettings(name=str(tiny_qwen))))
    assert findings["model.name"].verdict is Verdict.OK
    assert "models" not in findings


@pytest.mark.usefixtures("models")
def test_a_broken_engine_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_engine: LlamaEngine) -> StatsReport:
        raise EngineDiedError("the engine crashed (SIGILL)")

    monkeypatch.setattr(LlamaEngine, "stats", broken)
    one = found()["llama.cpp"]
    assert (one.verdict, one.text) == (Verdict.PROBLEM, "the engine crashed (SIGILL)")
    assert "llama-cpp-python" in (one.mend or "")


@pytest.mark.parametrize(
    ("offload", "devices", "driver", "verdict", "said"),
    [
        (True, ("CUDA0: NVIDIA H100",), True, Verdict.OK, "offload possible; CUDA0: NVIDIA H100"),
        (True, ("CPU: x",), False, Verdict.WARNING, "none was found"),
        (False, ("CPU: x",), True, Verdict.WARNING, "this build is for the CPU"),
        (False, ("CPU: x",), False, Verdict.OK, "none"),
    ],
)
def test_a_gpu_that_is_not_used_is_said(
    monkeypatch: pytest.MonkeyPatch,
    *,
    offload: bool,
    devices: tuple[str, ...],
    driver: bool,
    verdict: Verdict,
    said: str,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/nvidia-smi" if driver else None)
    monkeypatch.setattr("sys.platform", "linux")
    one = doctor._gpu(report(offload=offload, devices=devices))
    assert one.verdict is verdict
    assert said in one.text
    assert bool(one.mend) is (verdict is not Verdict.OK)
    if verdict is Verdict.WARNING and driver:
        assert "GGML_CUDA=on" in (one.mend or "")


@pytest.mark.usefixtures("quick", "models")
def test_git_may_be_missing_or_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    one = found()["git"]
    assert (one.verdict, one.mend) == (Verdict.WARNING, "install git")
    (tmp_path / "git").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "git").chmod(0o755)
    assert found()["git"].verdict is Verdict.PROBLEM


@pytest.mark.usefixtures("quick", "models")
def test_directories_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CODER_STATE_DIR", str(tmp_path / "file" / "state"))
    one = found()["state directory"]
    assert one.verdict is Verdict.PROBLEM
    assert str(tmp_path / "file") in (one.mend or "")


@pytest.mark.usefixtures("quick", "models")
def test_little_memory_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = hardware.detect()
    monkeypatch.setattr(hardware, "detect", lambda: hardware.Hardware(**{**_fields(machine), "available_bytes": 2**29}))
    one = found()["memory"]
    assert (one.verdict, one.text.startswith("0.5 GiB free")) == (Verdict.WARNING, True)


def _fields(machine: hardware.Hardware) -> dict[str, object]:
    return {name: getattr(machine, name) for name in machine.__dataclass_fields__}
