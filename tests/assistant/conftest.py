"""A model that is ready, with scripted answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coder_tui.assistant.opening import Ready
from coder_tui.config.schema import Settings
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Limits, ModelInfo, Prompt, Sampling
from coder_tui.engine.scripted import Answer, ScriptedEngine
from coder_tui.weights import gguf_file


class Healing(ScriptedEngine):
    """As the real engine: an answer begins with the text that the prompt forces. Scripts hold what comes after it."""

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits) -> tuple[list[str], Usage]:
        chunks, usage = super().begin(prompt, sampling, limits)
        return [prompt.forced, *chunks] if prompt.forced else chunks, usage


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
