"""What one engine has read, another need not read again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import tiny
from engine.asking import LONG, WARM, ask, collect, options, prompt

from coder_tui.core.prompt import Limits, Purpose
from coder_tui.engine.client import LlamaEngine

SUGGEST, CHAT = Purpose.SUGGEST, Purpose.CHAT
ENOUGH = 10**9


@pytest.mark.parametrize("purpose", [SUGGEST, CHAT])
def test_over_processes(
    engine: LlamaEngine, reference: LlamaEngine, tiny_deepseek: Path, tmp_path: Path, purpose: Purpose
) -> None:
    path = tmp_path / "x.kv"
    known = collect(engine.generate(prompt(LONG[:700]), WARM, Limits(9), purpose))
    saved = engine.save_state(purpose, path, ENOUGH)
    assert saved == known.usage.prompt_tokens + 8
    reference.load(options(tiny_deepseek))
    assert reference.restore_state(purpose, path) == saved
    again = collect(reference.generate(prompt(LONG[:700]), WARM, Limits(9), purpose))
    assert (again.text, again.usage.evaluated_tokens) == (known.text, 1)


def test_what_cannot_be_taken_is_evaluated(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path) -> None:
    ask(engine, LONG[:700])
    assert engine.save_state(SUGGEST, tmp_path / "x.kv", ENOUGH)
    assert engine.restore_state(SUGGEST, tmp_path / "none.kv") == 0
    assert ask(engine, LONG[:700]).usage.evaluated_tokens == 1, "what was there is gone"
    (tmp_path / "broken.kv").write_bytes((tmp_path / "x.kv").read_bytes()[:-1])
    assert engine.restore_state(SUGGEST, tmp_path / "broken.kv") == 0
    facts = tiny_deepseek.stat()
    os.utime(tiny_deepseek, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    try:
        engine.load(options(tiny_deepseek))
        assert engine.restore_state(SUGGEST, tmp_path / "x.kv") == 0, "the model may be another one"
    finally:
        os.utime(tiny_deepseek, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_a_state_that_does_not_fit_the_window(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path) -> None:
    ask(engine, LONG[:1500])
    assert engine.save_state(SUGGEST, tmp_path / "x.kv", ENOUGH)
    engine.load(options(tiny_deepseek, context_tokens=512))
    assert engine.restore_state(SUGGEST, tmp_path / "x.kv") == 0
    assert ask(engine, "def f():").text


def test_what_does_not_fit_pushes_nothing_out(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path) -> None:
    ask(engine, LONG[:1500])
    assert engine.save_state(SUGGEST, tmp_path / "x.kv", ENOUGH)
    engine.load(options(tiny_deepseek, context_tokens=512))
    known = ask(engine, LONG[:300])
    assert engine.restore_state(SUGGEST, tmp_path / "x.kv") == 0
    again = ask(engine, LONG[:300])
    assert (again.text, again.usage.evaluated_tokens) == (known.text, 1)


def test_what_is_not_saved(engine: LlamaEngine, tmp_path: Path) -> None:
    assert engine.save_state(SUGGEST, tmp_path / "empty.kv", ENOUGH) == 0
    ask(engine, LONG[:700])
    assert engine.save_state(SUGGEST, tmp_path / "large.kv", 1000) == 0
    (tmp_path / "file").write_bytes(b"")
    assert engine.save_state(SUGGEST, tmp_path / "file" / "x.kv", ENOUGH) == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_model_that_is_exchanged_while_loaded(engine: LlamaEngine, reference: LlamaEngine, tmp_path: Path) -> None:
    path, other = (tiny.deepseek(tmp_path / f"{seed}.gguf", context_length=4096, seed=seed) for seed in (1, 2))
    engine.load(options(path))
    ask(engine, LONG[:700])
    other.replace(path)
    assert engine.save_state(SUGGEST, tmp_path / "x.kv", ENOUGH)
    reference.load(options(path))
    assert reference.restore_state(SUGGEST, tmp_path / "x.kv") == 0, "cells of other weights"


def test_a_model_whose_file_is_gone(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(tiny_deepseek, tmp_path / "model.gguf"))
    engine.load(options(path))
    ask(engine, LONG[:700])
    path.unlink()
    saved = engine.save_state(SUGGEST, tmp_path / "x.kv", ENOUGH)
    assert engine.restore_state(SUGGEST, tmp_path / "x.kv") == saved > 0


def test_a_prompt_that_others_have_followed(engine: LlamaEngine, tiny_deepseek: Path, tmp_path: Path) -> None:
    engine.load(options(tiny_deepseek, prompt_cache_bytes=10**8))
    meant, other = prompt(LONG[:900]), prompt("import re\n" * 90)
    read = collect(engine.generate(meant, WARM, Limits(9), CHAT)).usage.prompt_tokens
    assert read > 300
    assert engine.save_state(CHAT, tmp_path / "x.kv", ENOUGH, other.segments) == 0, "it has not been read"
    collect(engine.generate(other, WARM, Limits(9), CHAT))
    saved = engine.save_state(CHAT, tmp_path / "x.kv", ENOUGH, meant.segments)
    assert saved == read + 8
    assert engine.save_state(CHAT, tmp_path / "y.kv", 1000, meant.segments) == 0
    engine.load(options(tiny_deepseek))
    assert engine.restore_state(CHAT, tmp_path / "x.kv") == saved
    assert collect(engine.generate(meant, WARM, Limits(9), CHAT)).usage.evaluated_tokens == 1
