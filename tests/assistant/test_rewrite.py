"""Changing lines on instruction, with scripted answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import rewrite
from coder_tui.assistant.selection_edit import Lines, found_again
from coder_tui.config.schema import Settings
from coder_tui.core.errors import ChangeError, CoderError, PromptTooLongError
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


def test_of_a_function_of_which_lines_are_a_part_the_model_sees_all(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, "```py\n    return 2\n```", GOOD)
    text = FILE.replace("    return sum(values)", "    # Of none.\n    return sum(values)")
    found = rewrite(ready, replace(LINES, text=text, first=5, last=5), "two", Sampling())
    assert found.text == text.replace("return sum(values)", "return 2")
    sent = "".join(segment.text for segment in engine.requests[0][0].segments)
    assert "stats.py (lines 4-6):\n```py\ndef mean(values):\n    # Of none.\n    return sum(values)\n```\n" in sent
    assert "The lines to rewrite:\n```py\n    return sum(values)\n```\n\nRewrite these lines as follows: two\n" in sent
    rewrite(ready, replace(LINES, text=text, last=5), "divide", Sampling())
    sent = "".join(segment.text for segment in engine.requests[1][0].segments)
    assert sent.count("def mean(values):") == 1, "all of it is selected"


def test_of_a_long_function_it_sees_what_is_near(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, "```py\n    a = 0\n```")
    text = "def f():\n" + "".join(f"    b{at} = {at}\n" for at in range(900)) + "    a = 1\n"
    assert rewrite(ready, Lines(text, 901, 901, "a.py", "py"), "0", Sampling()).text == text.replace("a = 1", "a = 0")
    sent = "".join(segment.text for segment in engine.requests[0][0].segments)
    assert "b899 = " in sent
    assert "b800 = " not in sent
    assert "a.py (lines 854-902):\n" in sent


def test_a_function_for_which_there_is_no_room_is_left_out(tiny_qwen: Path) -> None:
    engine = ScriptedEngine(["```py\n    a = 0\n```"], context_tokens=800)
    text = "def f():\n" + "".join(f"    b{at} = {at}\n" for at in range(40)) + "    a = 1\n" * 60
    ready = Ready(engine, gguf_file.inspect(tiny_qwen).info, Settings())
    rewrite(ready, Lines(text, 41, 100, "a.py", "py"), "0", Sampling())
    assert "b39" not in "".join(segment.text for segment in engine.requests[0][0].segments)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8), st.data())
def test_lines_are_found_again_where_they_are_the_same(old: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(old) - 1))
    last = data.draw(st.integers(first, len(old) - 1))
    at = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(at, len(old)))
    new = [*old[:at], *data.draw(st.lists(st.sampled_from("abcd"), max_size=4)), *old[end:]]
    lines = Lines("\n".join(old), first, last, "a.py")
    try:
        found = found_again(lines, "\n".join(new))
    except ChangeError:
        assert at <= last
        assert end > first
    else:
        assert (found.text, found.selected) == ("\n".join(new), lines.selected)


def test_lines_that_have_changed_meanwhile_are_refused() -> None:
    assert found_again(LINES, f"# new\n{FILE}") == replace(LINES, text=f"# new\n{FILE}", first=4, last=5)
    assert found_again(LINES, f"{FILE}x = 1\n") == replace(LINES, text=f"{FILE}x = 1\n")
    for text in (FILE.replace("sum(values)", "0"), f"# new\n{FILE}x = 1\n", "", "import os\n"):
        with pytest.raises(ChangeError, match="these lines have changed meanwhile"):
            found_again(LINES, text)
