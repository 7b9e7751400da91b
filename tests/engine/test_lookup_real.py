"""Prompt lookup on the real starter model: a rewrite takes a third of the batches, and says the same."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from engine.asking import Answer, collect

from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.load_options import LoadOptions
from coder_tui.prompts import chat, markers
from coder_tui.weights import gguf_file

NEVER = 1000.0
"""A draft cost with which no guess pays."""


def _rewrite(engine: LlamaEngine, prompt: Prompt, limits: Limits) -> Answer:
    return collect(engine.generate(prompt, Sampling(), limits, Purpose.CHAT))


@pytest.mark.model
def test_a_rewrite(starter_model: Path, tmp_path: Path) -> None:
    info = gguf_file.inspect(starter_model).info
    code = textwrap.dedent(inspect.getsource(textwrap.indent))
    question = f"Rename the variable prefixed_lines to result. Answer with the whole function.\n```python\n{code}```"
    prompt = chat.build([chat.Message("user", question)], info)
    limits = Limits(64, stop_tokens=markers.stop_tokens(info))
    options = LoadOptions(starter_model, context_tokens=1024, threads=1, purposes=(Purpose.CHAT,))
    with LlamaEngine(tmp_path / "engine.log") as engine:
        engine.load(options)
        guessed = _rewrite(engine, prompt, limits)
        engine.load(replace(options, draft_cost=NEVER))
        plain = _rewrite(engine, prompt, limits)
    assert plain.usage.drafted_tokens == 0
    assert guessed.text == plain.text
    usage = guessed.usage
    batches = usage.completion_tokens - usage.accepted_tokens
    assert usage.completion_tokens / batches > 2.5
    assert usage.accepted_tokens > 0.8 * usage.drafted_tokens
