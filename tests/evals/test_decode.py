"""Ours and llama-bench in turn; llama-bench is a script here."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from coder_tui.assistant.opening import opened
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.evals.decode import decode, memory

ANSWER = ["x", "=", "1"]


def program(folder: Path, code: str) -> Path:
    path = folder / "llama-bench"
    path.write_text(f"#!{sys.executable}\nimport json, pathlib, sys\n{code}\n")
    path.chmod(0o755)
    return path


def test_in_turn_on_the_same_file_with_the_same_threads(tmp_path: Path) -> None:
    told = tmp_path / "told"
    keep = f"pathlib.Path({str(told)!r}).open('a').write(json.dumps(sys.argv[1:]) + '\\n')"
    bench = program(tmp_path, keep + "\nprint(json.dumps([{'avg_ts': 25.5}]))")
    engine = ScriptedEngine([ANSWER] * 3)
    pairs = decode(engine, Path("a.gguf"), threads=3, tokens=2, runs=2, bench=bench)
    for run in (1, 2):
        pair = next(pairs)
        assert (pair.generated, pair.guessed, pair.theirs) == (2, 0, 25.5)
        assert len(engine.requests) == 1 + run, "one does not count, then one at a time"
        assert len(told.read_text().splitlines()) == run
    assert next(pairs, None) is None
    assert [request[2].max_tokens for request in engine.requests] == [1, 2, 2]
    options = json.loads(told.read_text().splitlines()[0])
    assert dict(zip(options[::2], options[1::2], strict=True)) == {
        "-m": "a.gguf",
        "-t": "3",
        "-p": "0",
        "-n": "2",
        "-r": "1",
        "-o": "json",
    }


def test_without_llama_bench(tmp_path: Path) -> None:
    (pair,) = decode(ScriptedEngine([ANSWER] * 2), tmp_path, threads=1, tokens=8, runs=1, bench=None)
    assert (pair.generated, pair.theirs) == (3, None)


@pytest.mark.parametrize("code", ["sys.exit(1)", "print('nothing')", "print('[]')", "print('[{}]')", "print('[1]')"])
def test_what_gives_no_figure(tmp_path: Path, code: str) -> None:
    bench = program(tmp_path, code)
    with pytest.raises(CoderError, match="did not give a figure") as caught:
        list(decode(ScriptedEngine([ANSWER] * 2), tmp_path, threads=1, tokens=8, runs=1, bench=bench))
    assert caught.value.hint


def test_what_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(CoderError, match="did not give a figure"):
        list(decode(ScriptedEngine([ANSWER] * 2), tmp_path, threads=1, tokens=8, runs=1, bench=tmp_path / "none"))


def test_memory_is_weights_and_cache_and_what_is_above(tiny_qwen: Path) -> None:
    settings = replace(Settings(), model=replace(Settings().model, threads=1, context_tokens=512))
    with opened(tiny_qwen, settings, log_file=None) as ready:
        found = memory(ready.engine)
    assert found["weights"] < tiny_qwen.stat().st_size
    assert found["cache"] == 512 * 2 * 2 * 2 * 8 * 2, "cells, layers, keys and values, heads of 8 numbers, bytes"
    assert found["own"] == found["resident"] - found["weights"] - found["cache"] > 1_000_000
    assert memory(ScriptedEngine()) == {}
