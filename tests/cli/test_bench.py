"""`coder bench`: what it prints and writes, with scripted answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import Run, Script, failed

from coder_tui.core.prompt import Purpose
from coder_tui.evals import keys, startup

BEFORE, AFTER = "def area():\n    ", "\n\nprint(area())\n"
LINE = "return 2"
SPREAD = {"count", "mean", "median", "p95", "min", "max"}
ASKED = ["cache", "reuse", "healing", "ahead", "pause_ms"]


@pytest.fixture
def trace(work: Path) -> Path:
    """Three moments on a line."""
    path = work / "trace.jsonl"
    moments = [
        {"repo": "r", "path": "a.py", "prefix": BEFORE + LINE[:length], "suffix": AFTER, "rest": LINE[length:]}
        for length in (0, 3, 6)
    ]
    path.write_text("".join(f"{json.dumps(moment)}\n" for moment in moments))
    return path


def test_replay(trace: Path, coder: Run, script: Script) -> None:
    engine = script(LINE, "turn 3\n", " 2\n")
    result = coder("bench", "replay", trace, "--no-cache", "--json")
    assert (result.code, result.err) == (0, "")
    told = json.loads(result.out)
    assert (told["model"], told["trace"]) == ("tiny-qwen", str(trace))
    assert [told[name] for name in ASKED] == [False, "auto", True, False, 0]
    assert [told[name] for name in ("moments", "cold", "known", "exact", "characters_spared")] == [3, 1, 0, 2, 10]
    assert set(told["evaluated"]) == set(told["first_line_ms"]) == SPREAD
    assert told["seconds"] >= 0
    assert [request[3] for request in engine.requests] == [Purpose.AHEAD, *[Purpose.SUGGEST] * 3]


def test_what_can_be_turned_off(trace: Path, coder: Run, script: Script) -> None:
    engine = script(LINE)
    flags = ("--exact", "--no-heal", "--no-ahead", "--no-warm", "--no-context", "--pause", "60000")
    told = json.loads(coder("bench", "replay", trace, *flags, "--limit", "1", "--json").out)
    assert [told[name] for name in ASKED] == [True, "exact", False, False, 60000]
    assert told["moments"] == 1
    assert [request[3] for request in engine.requests] == [Purpose.SUGGEST, Purpose.REFRESH]
    assert engine.requests[0][0].forced == ""


def test_each_moment_in_a_file(trace: Path, coder: Run, script: Script) -> None:
    script(LINE, "turn 3\n", " 2\n")
    assert coder("bench", "replay", trace, "--no-cache", "--details", "moments.jsonl").code == 0
    rows = [json.loads(line) for line in trace.with_name("moments.jsonl").read_text().splitlines()]
    assert [(row["path"], row["line_number"], row["line"], row["exact"]) for row in rows] == [
        ("r/a.py", 2, "return 2", True),
        ("r/a.py", 2, "turn 3", False),
        ("r/a.py", 2, " 2", True),
    ]


def test_for_people(trace: Path, coder: Run, script: Script) -> None:
    script(LINE, "turn 3\n", " 2\n")
    lines = coder("bench", "replay", trace, "--no-cache").text.splitlines()
    assert lines[0].split() == ["model", "tiny-qwen"]
    assert ["exact", "2"] in [line.split() for line in lines]
    head = next(index for index, line in enumerate(lines) if line.split()[:2] == ["count", "mean"])
    assert lines[head + 1].split()[:2] == ["prompt_tokens", "3"]
    assert max(map(len, lines[head:])) <= 80


def test_a_trace_is_looked_for_where_the_command_works(trace: Path, coder: Run, script: Script) -> None:
    script(LINE)
    folder = trace.parent / "sub"
    folder.mkdir()
    trace.rename(folder / trace.name)
    arguments = ("bench", "replay", trace.name, "--no-cache", "--limit", "1", "--details", "out")
    assert "cannot read trace.jsonl" in failed(coder(*arguments))
    assert coder(*arguments, "-C", "sub").code == 0
    assert (folder / "out").is_file()


def test_details_that_cannot_be_written_are_told_before_the_replay(trace: Path, coder: Run, script: Script) -> None:
    engine = script(LINE)
    assert "is a directory" in failed(coder("bench", "replay", trace, "--details", trace.parent))
    assert engine.requests == []


def test_decode_alone(work: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(work))
    script("x", ["x", "y"], ["x", "y"], *"xyz")
    result = coder("bench", "decode", "--runs", "2", "--prompt", "40", "--json")
    told = json.loads(result.out)
    assert (told["generated_tokens"], told["guessed_tokens"], told["ours"]["count"]) == (2, 0, 2)
    assert (told["prompt_ours"]["count"], told["prompt_tokens"] > 20) == (2, True)
    assert "ratio" not in told
    assert "llama-bench is not on PATH" in result.err
    assert "hint: " in result.err


def test_startup(coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script()
    monkeypatch.setattr(startup, "command_ms", lambda *_: 50.0)
    monkeypatch.setattr(keys, "first_paint_ms", lambda path, first, _options: 9.0 if first in path.read_text() else 0.0)
    told = json.loads(coder("bench", "startup", "--runs", "2", "--json").out)
    assert set(told) == {
        f"{name}_ms" for name in ("version", "help", "first_paint", "suggestion_cold", "suggestion_warm", "model_ready")
    }
    assert {values["count"] for values in told.values()} == {2}
    assert told["help_ms"]["median"] == 50
    assert told["first_paint_ms"]["median"] == 9
