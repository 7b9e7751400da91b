"""A model that is ready, with scripted answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from assistant.healing import Healing

from coder_tui.assistant.opening import Ready
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import ModelInfo
from coder_tui.engine.scripted import Answer
from coder_tui.weights import gguf_file


@pytest.fixture(scope="session")
def info(tiny_qwen: Path) -> ModelInfo:
    return gguf_file.inspect(tiny_qwen).info


@pytest.fixture(scope="session")
def ready(info: ModelInfo) -> Callable[..., tuple[Ready, Healing]]:
    """(the model, its engine) that gives these answers."""

    def make(*answers: Answer, context_tokens: int = 8192, settings: Settings | None = None) -> tuple[Ready, Healing]:
        engine = Healing(answers, context_tokens=context_tokens)
        return Ready(engine, info, settings or Settings()), engine

    return make
