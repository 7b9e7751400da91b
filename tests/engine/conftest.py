from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from engine.asking import options
from engine.residents import ALWAYS_S, there

from coder_tui.engine import joining
from coder_tui.engine.client import LlamaEngine


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    with LlamaEngine(tmp_path_factory.mktemp("engine") / "engine.log") as engine:
        yield engine


@pytest.fixture
def engine(_running: LlamaEngine, tiny_deepseek: Path) -> LlamaEngine:
    """The tiny DeepSeek model with an empty cache of 2,048 tokens."""
    _running.load(options(tiny_deepseek))
    return _running


@pytest.fixture
def long_engine(_running: LlamaEngine, tiny_deepseek: Path) -> LlamaEngine:
    """The same with a window of 65,536 tokens."""
    _running.load(options(tiny_deepseek, context_tokens=65536))
    return _running


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    with LlamaEngine(tmp_path_factory.mktemp("engine") / "reference.log") as engine:
        yield engine


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short path: those of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="coder") as name:
        yield Path(name)


@pytest.fixture
def resident(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with joining.start(folder, ALWAYS_S, folder / "engine.log", stays=False) as process:
        with closing(there(folder, process)) as found:
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


@pytest.fixture
def alone(reference: LlamaEngine, tiny_deepseek: Path) -> LlamaEngine:
    reference.load(options(tiny_deepseek))
    return reference
