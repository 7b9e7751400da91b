"""Changing lines on instruction, with scripted answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import Lines, rewrite
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError, PromptTooLongError
from coder_tui.core.prompt import Sampling
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.weights import gguf_file

FILE = "import os\n\n\ndef mean(values):\n    return sum(values)\n\n\ndef other():\n    return 1\n"
LINES = Lines(FILE, 3, 4, "stats.py", "py")
GOOD = "Here it is:\n```py\ndef mean(values):\n    return sum(values) / len(values)\n```\nDone."
BROKEN = "```py\ndef mean(values:\n    return sum(values\n```"
WANTED = FILE.replace("return sum(values)", "return sum(values) / len(values)")


def asked(tiny_qwen: Path, *answers: str) -> tuple[Ready, ScriptedEngine]:
    engine = ScriptedEngine(answers)
    return Ready(engine, gguf_file.inspect(tiny_qwen).info, Settings()), engine


def test_only_the_lines_change(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, GOOD)
    told: list[str] = []
    found = rewrite(ready, LINES, "divide by the length", Sampling(), told.append)
    assert (found.text, found.tries, found.broken) == (WANTED, 1, False)
    sent = "".join(segment.text for segment in engine.requests[0][0].segments)
    assert "def mean(values):" in sent
    assert "divide by the length" in sent
    assert "def other" not in sent
    assert told


def test_what_does_not_parse_is_asked_for_once_more(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, BROKEN, GOOD)
    found = rewrite(ready, LINES, "divide", Sampling())
    assert (found.text, found.tries, found.broken) == (WANTED, 2, False)
    assert [request[1].temperature for request in engine.requests] == [0.0, 0.4]


def test_what_never_parses_is_told(tiny_qwen: Path) -> None:
    ready, _ = asked(tiny_qwen, BROKEN, BROKEN)
    assert rewrite(ready, LINES, "divide", Sampling()).broken


def test_code_that_was_broken_before_may_stay_so(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, GOOD)
    broken = replace(LINES, text=FILE + "def (:\n")
    assert not rewrite(ready, broken, "divide", Sampling()).broken
    assert len(engine.requests) == 1


@pytest.mark.parametrize(
    "line",
    ["# ... rest of the function unchanged", "# ...", "// existing code", "/* ... */", "# remaining methods here", "…"],
)
def test_code_that_was_left_out_takes_the_place_of_none(tiny_qwen: Path, line: str) -> None:
    answer = f"```py\ndef mean(values):\n    {line}\n```"
    ready, _ = asked(tiny_qwen, answer, answer)
    with pytest.raises(CoderError, match="the model has left code out"):
        rewrite(ready, LINES, "divide", Sampling())


@pytest.mark.parametrize("line", ["# removes existing files", "...", "# the rest is summed", "# see above"])
def test_comments_that_stand_for_nothing_are_comments(tiny_qwen: Path, line: str) -> None:
    ready, _ = asked(tiny_qwen, f"```py\ndef mean(values):\n    {line}\n    return 1\n```")
    assert line in rewrite(ready, LINES, "divide", Sampling()).text


def test_a_marker_that_was_there_before_may_stay(tiny_qwen: Path) -> None:
    answer = "```py\ndef mean(values):\n    # existing code\n    return 2\n```"
    ready, _ = asked(tiny_qwen, answer)
    lines = replace(LINES, text=FILE.replace("    return sum(values)", "    # existing code\n    return 1"), last=5)
    assert "return 2" in rewrite(ready, lines, "two", Sampling()).text


def test_no_code_is_told(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, "I cannot do that.", "Still not.")
    with pytest.raises(CoderError, match="the model gave no code"):
        rewrite(ready, LINES, "divide", Sampling())
    assert len(engine.requests) == 2


def test_lines_are_never_cut_to_fit(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, GOOD)
    text = "value = 1\n" * 20_000
    with pytest.raises(PromptTooLongError, match="20000 lines are too many"):
        rewrite(ready, Lines(text, 0, 19_999, "a.py", "py"), "divide", Sampling())
    assert engine.requests == []
