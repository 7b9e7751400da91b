"""`coder infill`: what it prints, writes and sends, with scripted answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cli.running import Result, Run, Script, asked_tokens, failed, git, prompt_text

from coder_tui.engine.scripted import pieces_of

SORT = """def quick_sort(arr):
    pivot = arr[0]
    left, right = [], []

        if x < pivot:
            left.append(x)
    return left
"""
ANSWER = "    for x in arr[1:]:\n"
FILLED = SORT.replace("[]\n\n", "[]\n    for x in arr[1:]:\n")


@pytest.fixture
def sort(work: Path) -> Path:
    path = work / "sort.py"
    path.write_text(SORT)
    git(work, "add", "-A")
    git(work, "commit", "-qm", "x")
    return path


def test_the_text_is_printed(sort: Path, coder: Run, script: Script) -> None:
    script(ANSWER)
    assert coder("infill", "sort.py:4") == Result(0, b"    for x in arr[1:]:\n", "")
    assert sort.read_text() == SORT


def test_json_has_exactly_the_documented_keys(sort: Path, coder: Run, script: Script) -> None:
    engine = script(ANSWER)
    result = coder("infill", sort.name + ":4:1", "--json")
    assert (result.code, result.err) == (0, "")
    told = json.loads(result.out)
    usage = told.pop("usage")
    assert told == {
        "text": "    for x in arr[1:]:",
        "path": "sort.py",
        "line": 4,
        "column": 1,
        "tries": 1,
        "stop_reason": "end",
        "model": "tiny-qwen",
    }
    tokens = len(engine.tokenize(*engine.requests[0][0].segments))
    assert usage == {
        "prompt_tokens": tokens,
        "cached_tokens": 0,
        "evaluated_tokens": tokens,
        "completion_tokens": len(pieces_of(ANSWER)) + bool(engine.requests[0][0].forced),
        "ttft_ms": 0.0,
        "tokens_per_second": 0.0,
    }


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1"]])
@pytest.mark.parametrize(
    "content", [SORT.encode(), SORT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + SORT.encode()]
)
def test_the_diff_applies(work: Path, coder: Run, script: Script, tool: list[str], content: bytes) -> None:
    folder = work / "a b"
    folder.mkdir()
    (folder / "sort.py").write_bytes(content)
    script(ANSWER, ANSWER)
    result = coder("infill", "a b/sort.py:4", "--diff")
    assert (result.code, result.err) == (0, "")
    assert (folder / "sort.py").read_bytes() == content
    subprocess.run(
        [*tool, *(["--binary"] if tool[0] == "patch" else [])], input=result.out, check=True, capture_output=True
    )
    applied = (folder / "sort.py").read_bytes()
    (folder / "sort.py").write_bytes(content)
    assert coder("infill", "a b/sort.py:4", "--write").code == 0
    assert (folder / "sort.py").read_bytes() == applied != content


def test_what_is_written_is_what_the_diff_shows(sort: Path, coder: Run, script: Script) -> None:
    script(ANSWER, ANSWER)
    shown = coder("infill", "sort.py:4", "--diff").text
    result = coder("infill", "sort.py:4", "--write")
    assert result == Result(0, b"", "wrote sort.py (1 line; coder undo takes it back)\n")
    assert sort.read_text() == FILLED
    header, _, body = git(sort.parent, "diff").partition("--- a/sort.py")
    assert header.startswith("diff --git")
    assert [line.partition(" @@")[0] for line in ("--- a/sort.py" + body).splitlines()] == [
        line.partition(" @@")[0] for line in shown.splitlines()
    ]


def test_with_diff_and_write_both_happen(sort: Path, coder: Run, script: Script) -> None:
    script(ANSWER)
    result = coder("infill", "sort.py:4", "--diff", "--write")
    assert result.text.startswith("--- a/sort.py")
    assert sort.read_text() == FILLED


def test_unsaved_text_comes_from_stdin(sort: Path, coder: Run, script: Script) -> None:
    engine = script(ANSWER)
    unsaved = SORT.replace("pivot = arr[0]", "pivot = arr[-1]")
    told = json.loads(coder("infill", "sort.py:4", "--stdin", "--json", stdin=unsaved.encode()).out)
    assert (told["path"], told["text"]) == ("sort.py", "    for x in arr[1:]:")
    assert "arr[-1]" in prompt_text(engine)
    assert sort.read_text() == SORT


def test_the_file_of_unsaved_text_need_not_exist(work: Path, coder: Run, script: Script) -> None:
    script(ANSWER)
    assert coder("infill", "new.py:4", "--stdin", stdin=SORT.encode()).text == ANSWER
    assert list(work.glob("*.py")) == []


def test_unsaved_text_is_not_written(sort: Path, coder: Run, script: Script) -> None:
    engine = script(ANSWER)
    assert "--stdin and --write" in failed(coder("infill", "sort.py:4", "--stdin", "--write", stdin=b"x"), 2)
    assert sort.read_text() == SORT
    assert engine.requests == []


def test_files_go_along_in_the_order_given(sort: Path, coder: Run, script: Script) -> None:
    (sort.parent / "one.py").write_text("ONE = 1\r\n")
    (sort.parent / "lib").mkdir()
    (sort.parent / "lib" / "two.py").write_text("TWO = 2\n")
    engine = script(ANSWER, ANSWER)
    coder("infill", "sort.py:4", "-f", "lib/two.py", "-f", "one.py")
    sent = prompt_text(engine)
    assert sent.index("lib/two.py") < sent.index("TWO = 2\n") < sent.index("ONE = 1\n") < sent.index("def quick_sort")
    coder("infill", "sort.py:4", "-f", "lib/two.py", "--no-context")
    assert "TWO" not in prompt_text(engine)


def test_directory_is_where_everything_happens(
    sort: Path, coder: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sort.parent / "one.py").write_text("ONE = 1\n")
    (sort.parent / ".coder.toml").write_text("[suggest]\nmax_tokens = 77\n")
    monkeypatch.chdir(tmp_path)
    engine = script(ANSWER)
    result = coder("infill", "-C", "work", "sort.py:4", "-f", "one.py", "--write")
    assert result == Result(0, b"", "wrote sort.py (1 line; coder undo takes it back)\n")
    assert sort.read_text() == FILLED
    assert "ONE = 1" in prompt_text(engine)
    assert asked_tokens(engine) == 77


@pytest.mark.usefixtures("sort")
def test_sampling_flags_reach_the_engine(coder: Run, script: Script) -> None:
    engine = script(ANSWER, ANSWER)
    coder("infill", "sort.py:4", "--temperature", "0.7", "--seed", "5", "--max-tokens", "9")
    sampling = engine.requests[0][1]
    assert (sampling.temperature, sampling.seed, asked_tokens(engine)) == (0.7, 5, 9)
    coder("infill", "sort.py:4")
    assert (engine.requests[1][1].temperature, asked_tokens(engine)) == (0.0, 128)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--temperature", "nan"), ("--temperature", "2.1"), ("--max-tokens", "99999999"), ("--max-tokens", "0"),
     ("--seed", "-1"), ("--seed", "99999999999999999999")],
)  # fmt: skip
@pytest.mark.usefixtures("sort")
def test_wrong_flags_are_refused(coder: Run, script: Script, flag: str, value: str) -> None:
    engine = script(ANSWER)
    result = coder("infill", "sort.py:4", flag, value)
    assert result.code in (1, 2)
    assert result.out == b""
    assert flag in result.err
    assert "rror: " in result.err
    assert engine.requests == []


def test_nothing_to_put_there(sort: Path, coder: Run, script: Script) -> None:
    script(*["\n"] * 12)
    said = "the model has nothing to put there\n"
    assert coder("infill", "sort.py:4") == Result(0, b"", said)
    assert coder("infill", "sort.py:4", "--diff") == Result(0, b"", said)
    assert coder("infill", "sort.py:4", "--write") == Result(0, b"", said)
    result = coder("infill", "sort.py:4", "--json")
    assert (json.loads(result.out)["text"], result.err) == ("", said)
    assert sort.read_text() == SORT
