"""`coder chat` with one question: what is sent, what is printed, with scripted answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import Result, Run, Script, failed, git, prompt_text

LINES = "".join(f"line {number}\n" for number in range(1, 11))


@pytest.fixture
def ten(work: Path) -> Path:
    path = work / "ten.py"
    path.write_text(LINES)
    return path


def test_an_answer_is_plain_text_in_a_pipe(ten: Path, coder: Run, script: Script) -> None:
    engine = script("# Title\n\n`code`")
    assert coder("chat", "why?") == Result(0, b"# Title\n\n`code`\n", "")
    assert "why?" in prompt_text(engine)
    assert ten.read_text() not in prompt_text(engine)


def test_lines_of_files_are_attached(ten: Path, coder: Run, script: Script) -> None:
    (ten.parent / "crlf.txt").write_bytes(b"one\r\ntwo")
    engine = script("yes", "yes")
    coder("chat", "why?", "-f", "ten.py:3-5", "-f", "crlf.txt")
    sent = prompt_text(engine)
    assert "ten.py (lines 3-5):\n```py\nline 3\nline 4\nline 5\n```\n\ncrlf.txt:\n```txt\none\ntwo\n```\n\nwhy?" in sent
    coder("chat", "why?", "-f", "ten.py:10")
    assert "ten.py (lines 10-10):\n```py\nline 10\n```" in prompt_text(engine)


def test_a_file_whose_name_looks_like_a_range(ten: Path, coder: Run, script: Script) -> None:
    (ten.parent / "odd:1-2").write_text("odd content\n")
    engine = script("yes")
    assert coder("chat", "why?", "-f", "odd:1-2").code == 0
    assert "odd content" in prompt_text(engine)


def test_an_empty_file_is_attached_too(ten: Path, coder: Run, script: Script) -> None:
    ten.write_text("")
    engine = script("yes")
    assert coder("chat", "is it empty?", "-f", "ten.py") == Result(0, b"yes\n", "")
    assert "ten.py" in prompt_text(engine)


def test_a_fence_in_a_file_does_not_end_the_fence_around_it(ten: Path, coder: Run, script: Script) -> None:
    ten.write_text("a\n```\nb\n````\n")
    engine = script("yes")
    coder("chat", "why?", "-f", "ten.py")
    assert "`````py\na\n```\nb\n````\n`````\n" in prompt_text(engine)


def test_staged_changes_are_attached(ten: Path, coder: Run, script: Script) -> None:
    engine = script("good", "good")
    assert "nothing is staged" in failed(coder("chat", "ok?", "--staged"))
    git(ten.parent, "add", "ten.py")
    assert coder("chat", "ok?", "--staged").text == "good\n"
    assert "staged changes:\n```diff\ndiff --git" in prompt_text(engine)
    assert "+line 10" in prompt_text(engine)
    (ten.parent / "deep").mkdir()
    assert coder("chat", "ok?", "--staged", "-C", "deep").code == 0


@pytest.mark.usefixtures("work")
def test_stdin_is_an_attachment_or_the_question(coder: Run, script: Script) -> None:
    engine = script("yes", "yes")
    coder("chat", "what is broken?", stdin=b"E  assert 1 == 2\r\n")
    assert "standard input:\n```\nE  assert 1 == 2\n```\n\nwhat is broken?" in prompt_text(engine)
    coder("chat", stdin=b"what is it?\n")
    assert "what is it?" in prompt_text(engine)
    assert "standard input" not in prompt_text(engine)


@pytest.mark.usefixtures("work")
def test_system_and_sampling_reach_the_engine(coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = script("yes", "yes")
    coder("chat", "q", "--system", "Be brief.", "--temperature", "0.9", "--seed", "4", "--max-tokens", "17")
    prompt, sampling, limits, _ = engine.requests[0]
    assert [one.text for one in prompt.segments if "brief" in one.text]
    assert prompt_text(engine).index("Be brief.") < prompt_text(engine).index("q")
    assert (sampling.temperature, sampling.seed, limits.max_tokens) == (0.9, 4, 17)
    monkeypatch.setenv("CODER_CHAT_SYSTEM", "From the environment.")
    coder("chat", "q")
    assert "From the environment." in prompt_text(engine)


@pytest.mark.usefixtures("work")
def test_the_json_of_an_answer(coder: Run, script: Script) -> None:
    script("**yes**\n")
    result = coder("chat", "q", "--json")
    told = json.loads(result.out)
    assert set(told) == {"text", "attachments", "cuts", "usage", "stop_reason", "model", "session"}
    assert (told["text"], told["cuts"], told["stop_reason"], told["model"]) == ("**yes**\n", [], "end", "tiny-qwen")
    assert set(told["usage"]) == {
        "prompt_tokens", "cached_tokens", "evaluated_tokens", "completion_tokens", "ttft_ms", "tokens_per_second"
    }  # fmt: skip
    assert result.err == ""


@pytest.mark.usefixtures("work")
def test_an_answer_that_is_cut_off_is_said(coder: Run, script: Script) -> None:
    script("one two three four five", "one two three four five")
    result = coder("chat", "q", "--max-tokens", "2")
    assert result.text == "one two \n"
    assert result.err.startswith("note: the answer was cut off here")
    assert json.loads(coder("chat", "q", "--max-tokens", "2", "--json").out)["stop_reason"] == "length"


def test_what_does_not_fit_is_cut_and_said(ten: Path, coder: Run, script: Script) -> None:
    ten.write_text("".join(f"line {number} of many\n" for number in range(1, 1001)))
    engine = script("yes", "yes", context_tokens=1024)
    result = coder("chat", "why?", "-f", "ten.py", "--max-tokens", "50")
    assert result.text == "yes\n"
    note = result.err
    first = int(note.partition("lines ")[2].partition("-")[0])
    assert note == f"note: ten.py: lines {first}-1000 do not fit the context window and are left out\n"
    sent = prompt_text(engine)
    assert f"line {first - 1} of many\n```" in sent
    assert f"line {first} of" not in sent
    assert "why?" in sent
    assert json.loads(coder("chat", "why?", "-f", "ten.py", "--json").out)["cuts"][0].startswith("ten.py: lines ")


@pytest.mark.usefixtures("work")
def test_a_failing_engine_is_told_in_a_line(coder: Run, script: Script) -> None:
    from coder_tui.core.errors import EngineDiedError

    script(EngineDiedError("the engine was killed", hint="try a smaller model"))
    assert failed(coder("chat", "q")) == "error: the engine was killed\nhint: try a smaller model\n"
