"""New code at a blank line on instruction, with scripted answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompts.infos import PLAIN, QWEN

from coder_tui.assistant import inserting
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import rewrite
from coder_tui.assistant.selection_edit import Lines
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError
from coder_tui.core.prompt import ModelInfo, Sampling
from coder_tui.engine.scripted import Answer, ScriptedEngine

CLASS = """\
class Till:
    def put(self, coin):
        self.coins.append(coin)

    def take(self):
        return self.coins.pop()
"""
COUNT = "def count(self):\n        return len(self.coins)"


def written(
    text: str, line: int, *answers: Answer, path: str = "till.py", last: int | None = None, info: ModelInfo = QWEN
) -> tuple[str, ScriptedEngine]:
    engine = ScriptedEngine(answers)
    lines = Lines(text, line, line if last is None else last, path, path.rpartition(".")[2])
    return rewrite(Ready(engine, info, Settings()), lines, "count  them", Sampling()).text, engine


def sent(engine: ScriptedEngine) -> str:
    return "".join(segment.text for segment in engine.requests[0][0].segments)


def test_the_instruction_stands_there_as_a_comment_while_the_model_writes() -> None:
    found, engine = written(CLASS, 3, COUNT)
    assert found == CLASS.replace("\n    def take", f"\n    {COUNT}\n\n    def take")
    before, _, after = sent(engine).partition("    # count them")
    assert "self.coins.append(coin)\n" in before + after
    assert "def take(self):" in before + after
    assert len(engine.requests) == 1
    assert engine.requests[0][2].max_tokens >= 512


def test_in_the_comments_of_the_language() -> None:
    text = "func a() {\n}\n\nfunc b() {\n}\n"
    found, engine = written(text, 2, "func c() {\n}", path="a.go")
    assert found == "func a() {\n}\n\nfunc c() {\n}\n\nfunc b() {\n}\n"
    assert "\n// count them<" in sent(engine)
    found, engine = written("<p>\n\n</p>\n", 1, "<b>3</b>", path="a.html")
    assert found == "<p>\n<b>3</b>\n</p>\n"
    assert "<!-- count them -->" in sent(engine)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["def f():", "", "    return 1"], "    new()"),
        (["def f():", "", ""], "    new()"),
        (["if a:", "    b()", "", "c()"], "new()"),
        (["if a:", "    b()", "        ", "c()"], "        new()"),
        (["if a:", "\tb(", "", "\t)"], "\t\tnew()"),
        (["a()", "", ""], "new()"),
    ],
)
def test_it_is_as_far_in_as_it_belongs(lines: Sequence[str], wanted: str) -> None:
    at = next(number for number, line in enumerate(lines) if not line.strip())
    found, _ = written("\n".join(lines), at, "new()")
    assert found.split("\n")[at] == wanted
    assert [*lines[:at], *lines[at + 1 :]] == [*found.split("\n")[:at], *found.split("\n")[at + 1 :]]


def test_definitions_stand_apart_and_statements_do_not() -> None:
    found, _ = written("import os\n\nprint(os)\n", 1, "def f():\n    return 1")
    assert found == "import os\n\n\ndef f():\n    return 1\n\n\nprint(os)\n"
    found, _ = written("import os\n\n\n\n\nprint(os)\n", 2, "def f():\n    return 1", last=3)
    assert found == "import os\n\n\ndef f():\n    return 1\n\n\nprint(os)\n"
    found, _ = written("class A:\n\n    def b(self): ...\n", 1, "def a(self): ...")
    assert found == "class A:\n    def a(self): ...\n\n    def b(self): ...\n"
    found, _ = written("a()\n\nb()\n", 1, "c()")
    assert found == "a()\nc()\nb()\n"


def test_a_file_that_ends_with_a_blank_line_ends_with_one() -> None:
    found, _ = written("a()\n", 1, "b()")
    assert found == "a()\nb()\n"


ANSWER = "Here:\n```py\nclass Till:\n    def count(self):\n        return len(self.coins)\n```\n"
WANTED = CLASS.replace("\n    def take", f"\n    {COUNT}\n\n    def take")


@pytest.mark.parametrize(
    "useless",
    [
        "def count(self:\n        return (",
        "def put(self, coin):\n        return 1",  # there is one
        "# count them\n    # and more",
    ],
)
def test_where_nothing_useful_is_filled_in_the_model_is_asked(useless: str) -> None:
    found, engine = written(CLASS, 3, useless, ANSWER)
    assert found == WANTED
    asked = "".join(segment.text for segment in engine.requests[-1][0].segments)
    assert "        self.coins.append(coin)\n    # HERE\n    def take(self):\n" in asked
    assert "in the place of the line `# HERE`: count  them\n" in asked


def test_what_is_filled_in_stays_where_an_answer_is_no_better() -> None:
    twice = "def put(self, coin):\n        return 1"
    found, _ = written(CLASS, 3, twice, "I cannot.")
    assert twice in found
    found, _ = written(CLASS, 3, twice, "```py\ndef count(self:\n```")
    assert twice in found


def test_what_the_file_has_already_is_told() -> None:
    twice = "def put(self, coin):\n        return 1"
    lines = Lines(CLASS, 3, 3, "till.py", "py")
    assert rewrite(Ready(ScriptedEngine([twice, "no"]), QWEN, Settings()), lines, "x", Sampling()).twice == ("put",)
    assert rewrite(Ready(ScriptedEngine([COUNT]), QWEN, Settings()), lines, "x", Sampling()).twice == ()


def test_nothing_is_told() -> None:
    with pytest.raises(CoderError, match="the model gave no code"):
        written(CLASS, 3, *[""] * 4)


def test_a_model_that_cannot_fill_in_is_asked_in_a_chat() -> None:
    found, engine = written(CLASS, 3, ANSWER, info=PLAIN)
    assert found == WANTED
    assert len(engine.requests) == 1


def test_an_empty_file_is_written_in_a_chat() -> None:
    found, engine = written("", 0, "```py\nprint(1)\n```")
    assert found == "print(1)\n"
    assert "Answer with the rewritten code" in sent(engine)


LINE = st.sampled_from(
    ["", "    ", "def f():", "    return 1", "x = 1", "class A:", "\t}", "# note", "@wraps", "é = 'ü'"]
)


@given(
    st.lists(LINE, max_size=8),
    st.lists(LINE, max_size=8),
    st.sampled_from(["", "    ", "\t"]),
    st.lists(LINE, max_size=4),
)
def test_all_other_lines_stay(above: list[str], below: list[str], blank: str, code: list[str]) -> None:
    text = "\n".join([*above, blank, *below])
    lines = Lines(text, len(above), len(above), "a.py", "py")
    try:
        found = inserting.answered(lines, "```py\n" + "".join(f"{line}\n" for line in code) + "```\n")
    except CoderError:
        return
    new = found.split("\n")
    assert new[: len(above)] == above
    assert new[len(new) - len(below) :] == below
    assert any(line.strip() for line in new[len(above) : len(new) - len(below)])
