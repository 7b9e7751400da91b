"""Fixtures for every layer: tiny models, the real starter model, what lies beside the project, a clean environment."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

import hypothesis
import pytest
import tiny

from coder_tui.config import paths
from coder_tui.weights import catalog

hypothesis.settings.register_profile("coder", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("coder")

_STARTER = os.environ.get("CODER_TEST_MODEL", "")
_MODELS = paths.models_dir()
"""The developer's own, asked before the environment is cleaned."""
_HOMES = itertools.count()
_SHARED = Path(__file__).parents[2] / "shared"

if hasattr(signal, "SIGHUP"):  # under nohup it is ignored, and so it would be by every program that tests start
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what the developer has set or downloaded."""
    for name in [name for name in os.environ if name.startswith("CODER_") and name != "CODER_TEST_MODEL"]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / f"home-{next(_HOMES)}"
    for kind in ("CONFIG", "DATA", "STATE", "CACHE", "RUNTIME"):
        monkeypatch.setenv(f"CODER_{kind}_DIR", str(home / kind.lower()))


@pytest.fixture(scope="session")
def tiny_deepseek(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model of DeepSeek Coder's kind; its window may be as long as 65,536 tokens."""
    return tiny.deepseek(tmp_path_factory.mktemp("tiny") / "tiny-deepseek.gguf", context_length=65536)


@pytest.fixture(scope="session")
def tiny_qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model of Qwen2.5-Coder's kind, with its chat template."""
    return tiny.qwen(tmp_path_factory.mktemp("tiny") / "tiny-qwen.gguf")


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The real starter weights. For tests marked `model`."""
    path = Path(_STARTER) if _STARTER else _MODELS / catalog.find("starter").file
    if not path.is_file():
        pytest.skip(f"{path} is not there: set CODER_TEST_MODEL to the starter weights, or `coder models pull starter`")
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project that only its developers have. For tests marked `shared`."""
    if not _SHARED.is_dir():
        pytest.skip(f"{_SHARED} is not there")
    return _SHARED
