"""Ours and llama-bench in turn; llama-bench is a script here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coder_tui.assistant.opening import opened
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.evals.decode import Bench, decode, generation, memory, read, reading

ANSWER = ["x", "=", "1"]


def program(folder: Path, code: str) -> Path:
    path = folder / "llama-bench"
    path.write_text(f"#!{sys.executable}\nimport json, pathlib, sys\n{code}\n")
    path.chmod(0o755)
    return path


def counting(folder: Path, speeds: str = "25.5") -> tuple[Path, Path]:
    """A llama-bench that gives these speeds, and the file in which it writes down what it is called with."""
    told = folder / "told"
    keep = f"pathlib.Path({str(told)!r}).open('a').write(json.dumps(sys.argv[1:]) + '\\n')"
    given = "given = dict(zip(sys.argv[1::2], sys.argv[2::2]))"
    return program(folder, f"{keep}\n{given}\nprint(json.dumps([{{'avg_ts': {speeds}}}]))"), told


def calls(told: Path) -> list[dict[str, str]]:
    found = [json.loads(line) for line in told.read_text().splitlines()]
    return [dict(zip(one[::2], one[1::2], strict=True)) for one in found]


def test_generation_in_turn_on_the_same_file(tmp_path: Path) -> None:
    path, told = counting(tmp_path)
    engine = ScriptedEngine([ANSWER] * 3)
    bench = Bench(path, Path("a.gguf"))
    pairs = decode(engine, tokens=2, runs=2, bench=bench)
    for run in (1, 2):
        pair = next(pairs)
        assert (pair.tokens, pair.guessed, pair.theirs) == (2, 0, 25.5)
        assert len(engine.requests) == 1 + run, "one does not count, then one at a time"
        assert len(calls(told)) == run
    assert next(pairs, None) is None
    assert [request[2].max_tokens for request in engine.requests] == [1, 2, 2]
    assert calls(told)[0] == {"-m": "a.gguf", "-t": "1", "-p": "0", "-n": "2", "-d": "0", "-r": "1", "-o": "json"}


def test_prompts_in_turn_each_another_one_and_as_long_for_both(tmp_path: Path) -> None:
    path, told = counting(tmp_path)
    engine = ScriptedEngine([ANSWER] * 3)
    pairs = list(read(engine, tokens=512, runs=2, bench=Bench(path, tmp_path / "a.gguf")))
    sizes = [len(engine.tokenize(*request[0].segments)) for request in engine.requests[1:]]
    assert all(460 < size < 560 for size in sizes)
    assert [call["-p"] for call in calls(told)] == [str(pair.tokens) for pair in pairs]
    assert all(size - pair.tokens < 5 for size, pair in zip(sizes, pairs, strict=True)), "none was in the cache"
    assert all(pair.ours > 0 for pair in pairs)


def test_behind_a_prompt_as_long_for_both(tmp_path: Path) -> None:
    path, told = counting(tmp_path)
    engine = ScriptedEngine([ANSWER] * 3)
    figures = generation(engine, tokens=2, runs=2, bench=Bench(path, tmp_path / "a.gguf", ["-fa", "0"]), depth=400)
    assert {(call["-d"], call["-n"], call["-fa"]) for call in calls(told)} == {("400", "2", "0")}
    sizes = {len(engine.tokenize(*request[0].segments)) for request in engine.requests}
    assert len(sizes) == 1
    assert all(360 < size < 440 for size in sizes)
    assert figures["depth"] == 400


@pytest.mark.parametrize("compare", [generation, reading])
def test_with_its_best_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compare: Callable[..., dict[str, Any]]
) -> None:
    monkeypatch.setattr("coder_tui.evals.decode.usable_cores", lambda: 4)
    path, told = counting(tmp_path, "{'2': 10, '4': 20, '5': 30}[given['-t']]")
    figures = compare(ScriptedEngine([ANSWER] * 3), tokens=8, runs=2, bench=Bench(path, tmp_path / "a.gguf"))
    assert [call["-t"] for call in calls(told)[3:]] == ["5", "5"]
    assert {call["-t"] for call in calls(told)} == {"2", "4", "5"}
    assert [value for name, value in figures.items() if name.endswith("llama_bench_threads")] == [5]
    (ratio,) = (value for name, value in figures.items() if name.endswith("ratio"))
    assert ratio["count"] == 2


def test_without_llama_bench() -> None:
    (pair,) = decode(ScriptedEngine([ANSWER] * 2), tokens=8, runs=1, bench=None)
    assert (pair.tokens, pair.theirs) == (3, None)
    assert "prompt_ratio" not in reading(ScriptedEngine([ANSWER] * 2), tokens=8, runs=1, bench=None)


@pytest.mark.parametrize("code", ["sys.exit(1)", "print('nothing')", "print('[]')", "print('[{}]')", "print('[1]')"])
def test_what_gives_no_figure(tmp_path: Path, code: str) -> None:
    bench = Bench(program(tmp_path, code), tmp_path)
    with pytest.raises(CoderError, match="did not give a figure") as caught:
        list(decode(ScriptedEngine([ANSWER] * 2), tokens=8, runs=1, bench=bench))
    assert caught.value.hint


def test_what_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(CoderError, match="did not give a figure"):
        Bench(tmp_path / "none", tmp_path).choose(generated=8)


def test_memory_is_weights_and_cache_and_what_is_above(tiny_qwen: Path) -> None:
    settings = replace(Settings(), model=replace(Settings().model, threads=1, context_tokens=512))
    with opened(tiny_qwen, settings, log_file=None) as ready:
        found = memory(ready.engine)
    assert found["weights"] < tiny_qwen.stat().st_size
    assert found["cache"] == 512 * 2 * 2 * 2 * 8 * 2, "cells, layers, keys and values, heads of 8 numbers, bytes"
    assert found["own"] == found["resident"] - found["weights"] - found["cache"] > 1_000_000
    assert memory(ScriptedEngine()) == {}
