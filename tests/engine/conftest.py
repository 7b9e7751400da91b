from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.asking import options

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
