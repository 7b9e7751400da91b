"""`coder complete` and `coder fill`, with scripted answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cli.running import Result, Run, Script, asked_tokens, failed, git, prompt_text

HOLES = """def add(a, b):
    return <FILL_ME>


def sub(a, b):
    return <FILL_ME>


def mul(a, b):
    return <FILL_ME>
"""
SUMS = ("a + b", "a - b", "a * b")
FILLED = HOLES
for one in SUMS:
    FILLED = FILLED.replace("<FILL_ME>", one, 1)


@pytest.fixture
def holes(work: Path) -> Path:
    path = work / "holes.py"
    path.write_text(HOLES)
    git(work, "add", "-A")
    git(work, "commit", "-qm", "x")
    return path


def test_blank_lines_stay_before_what_is_added(coder: Run, script: Script, work: Path) -> None:
    (work / "a.py").write_text("def one():\n    return 1\n")
    script("\n\ndef two():\n    return 2\n")
    assert coder("complete", "a.py").text == "\n\ndef two():\n    return 2\n"


@pytest.mark.parametrize("arguments", [[], ["-"]])
@pytest.mark.usefixtures("work")
def test_stdin_is_completed(coder: Run, script: Script, arguments: list[str]) -> None:
    engine = script("    return 1\n")
    assert coder("complete", *arguments, stdin=b"# 1\r\ndef one():\r\n") == Result(0, b"    return 1\n", "")
    assert "# 1\ndef one" in prompt_text(engine)


def test_a_file_is_completed_behind_those_given(work: Path, coder: Run, script: Script) -> None:
    for name in ("one", "two", "main"):
        (work / f"{name}.py").write_text(f"{name.upper()} = 1\n")
    engine = script("x = ONE\n", "x = ONE\n", "x = ONE\n")
    assert coder("complete", "main.py", "-f", "two.py", "-f", "one.py").text == "x = ONE\n"
    sent = prompt_text(engine)
    assert sent.index("two.py") < sent.index("TWO") < sent.index("ONE") < sent.index("MAIN")
    coder(
        "complete",
        "main.py",
        "-f",
        "two.py",
        "--no-context",
        "--max-tokens",
        "5",
        "--temperature",
        "0.5",
        "--seed",
        "3",
    )
    assert "TWO" not in prompt_text(engine)
    assert asked_tokens(engine) == 5
    assert (engine.requests[-1][1].temperature, engine.requests[-1][1].seed) == (0.5, 3)
    told = json.loads(coder("complete", "main.py", "--json").out)
    assert set(told) == {"text", "path", "usage", "stop_reason", "model"}
    assert (told["text"], told["path"], told["model"]) == ("x = ONE", "main.py", "tiny-qwen")


def test_markers_are_filled_from_top_to_bottom(holes: Path, coder: Run, script: Script) -> None:
    engine = script(*SUMS)
    assert coder("fill", "holes.py") == Result(0, FILLED.encode(), "")
    assert holes.read_text() == HOLES
    assert len(engine.requests) == 3
    for index, _ in enumerate(SUMS):
        sent = prompt_text(engine, index)
        assert "FILL_ME" not in sent
        assert [one in sent for one in SUMS] == [earlier < index for earlier in range(3)]
        assert "def mul" in sent


def test_the_diff_of_a_fill_applies_and_is_what_is_written(holes: Path, coder: Run, script: Script) -> None:
    script(*SUMS, *SUMS)
    result = coder("fill", "holes.py", "--diff")
    subprocess.run(["git", "apply"], input=result.out, check=True)
    assert holes.read_text() == FILLED
    holes.write_text(HOLES)
    assert coder("fill", "holes.py", "--write") == Result(
        0, b"", "wrote holes.py (3 lines; coder undo takes it back)\n"
    )
    assert holes.read_text() == FILLED


def test_the_json_of_a_fill(holes: Path, coder: Run, script: Script) -> None:
    (holes.parent / "more.py").write_bytes(b"x = <FILL_ME>\r\n")
    script(*SUMS, "1")
    told = json.loads(coder("fill", "holes.py", "more.py", "--json", "--write").out)
    assert told["model"] == "tiny-qwen"
    assert [row["path"] for row in told["files"]] == ["holes.py", "more.py"]
    fills = told["files"][0]["fills"]
    assert [(fill["line"], fill["column"], fill["text"]) for fill in fills] == [
        (2, 12, "a + b"), (6, 12, "a - b"), (10, 12, "a * b")
    ]  # fmt: skip
    assert {frozenset(fill) for fill in fills} == {frozenset({"line", "column", "text", "usage", "stop_reason"})}
    assert (holes.read_text(), (holes.parent / "more.py").read_bytes()) == (FILLED, b"x = 1\r\n")


def test_a_marker_without_an_answer_stays(holes: Path, coder: Run, script: Script) -> None:
    script("a + b", "\n", "\n", "\n", "a * b")
    result = coder("fill", "holes.py", "--write")
    assert result.err.splitlines() == [
        "holes.py:6:12: the model has nothing to put there",
        "wrote holes.py (2 lines; coder undo takes it back)",
    ]
    assert holes.read_text() == FILLED.replace("a - b", "<FILL_ME>")
    script("\n", "\n", "\n")
    (holes.parent / "none.py").write_text("<FILL_ME>")
    result = coder("fill", "none.py", "--write")
    assert (result.code, result.out) == (0, b"")
    assert (holes.parent / "none.py").read_text() == "<FILL_ME>"


def test_no_file_is_touched_when_one_has_no_marker(holes: Path, coder: Run, script: Script) -> None:
    (holes.parent / "none.py").write_text("x = 1\n")
    engine = script(*SUMS)
    assert "none.py has no <FILL_ME>" in failed(coder("fill", "holes.py", "none.py", "--write"))
    assert engine.requests == []
    assert holes.read_text() == HOLES


def test_bytes_of_a_filled_file_stay(holes: Path, coder: Run, script: Script) -> None:
    holes.write_bytes(b"# stray \xff \xc3\xa9\xc3\xa8\r\nx = <FILL_ME>")
    script("1", "1")
    assert coder("fill", "holes.py").out == b"# stray \xff \xc3\xa9\xc3\xa8\r\nx = 1"
    assert coder("fill", "holes.py", "--write").code == 0
    assert holes.read_bytes() == b"# stray \xff \xc3\xa9\xc3\xa8\r\nx = 1"
