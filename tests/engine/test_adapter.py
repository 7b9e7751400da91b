"""A LoRA over the weights is for suggestions alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from engine.asking import LONG, WARM, ask, collect, options, prompt

from coder_tui.core.errors import WeightsError
from coder_tui.core.prompt import Limits, Purpose
from coder_tui.engine.client import LlamaEngine


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    return tiny.adapter(tmp_path / "lora.gguf")


def _chat(engine: LlamaEngine) -> str:
    return collect(engine.generate(prompt(LONG[:300]), WARM, Limits(12), Purpose.CHAT)).text


def test_suggestions_go_through_it_and_chats_do_not(engine: LlamaEngine, tiny_deepseek: Path, lora: Path) -> None:
    plain, chat = ask(engine, LONG[:300]).text, _chat(engine)
    engine.load(replace(options(tiny_deepseek), adapter=lora))
    assert ask(engine, LONG[:300]).text != plain
    assert _chat(engine) == chat


def test_one_that_adds_nothing_changes_nothing(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path) -> None:
    plain = ask(engine, LONG[:300]).text
    engine.load(replace(options(tiny_deepseek), adapter=tiny.adapter(tmp_path / "none.gguf", scale=0.0)))
    assert ask(engine, LONG[:300]).text == plain


@pytest.mark.parametrize("what", ["missing", "no GGUF", "of another width", "weights"])
def test_one_that_cannot_be_used_is_told(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path, what: str) -> None:
    plain, path = ask(engine, LONG[:300]).text, tmp_path / "bad.gguf"
    if what == "no GGUF":
        path.write_bytes(b"no GGUF" * 100)
    elif what == "of another width":
        tiny.adapter(path, width=48)
    elif what == "weights":
        path = tiny_deepseek
    with pytest.raises(WeightsError, match=path.name) as told:
        engine.load(replace(options(tiny_deepseek), adapter=path))
    assert told.value.hint == "coder config set suggest.adapter off"
    engine.load(options(tiny_deepseek))
    assert ask(engine, LONG[:300]).text == plain


def test_what_was_read_without_it_is_read_again_with_it(
    engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path, lora: Path
) -> None:
    ask(engine, LONG[:700])
    chat = _chat(engine)
    assert engine.save_state(Purpose.SUGGEST, tmp_path / "suggest.kv", 10**9)
    saved = engine.save_state(Purpose.CHAT, tmp_path / "chat.kv", 10**9)
    engine.load(replace(options(tiny_deepseek), adapter=lora))
    assert engine.restore_state(Purpose.SUGGEST, tmp_path / "suggest.kv") == 0
    assert engine.restore_state(Purpose.CHAT, tmp_path / "chat.kv") == saved
    assert _chat(engine) == chat
    known = ask(engine, LONG[:700]).text
    read = engine.save_state(Purpose.SUGGEST, tmp_path / "suggest.kv", 10**9)
    ask(engine, "x")
    assert engine.restore_state(Purpose.SUGGEST, tmp_path / "suggest.kv") == read
    assert ask(engine, LONG[:700]).text == known
