"""Commit messages: what is sent, and what is made of the answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.assistant.commit_message import cleaned, files_of, style_of, write
from coder_tui.assistant.opening import Ready
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError
from coder_tui.core.prompt import Sampling
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.weights import gguf_file

DIFF = """\
diff --git a/stats.py b/stats.py
index 1..2 100644
--- a/stats.py
+++ b/stats.py
@@ -1 +1 @@
-x = 1
+x = 2
diff --git a/uv.lock b/uv.lock
--- a/uv.lock
+++ b/uv.lock
@@ -1 +1 @@
-secret lock content
+other lock content
"""


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("Add a parser", "Add a parser"),
        ("Add a parser.\n", "Add a parser"),
        ('"Add a parser"', "Add a parser"),
        ("```\nAdd a parser\n\nIt reads text.\n```", "Add a parser\n\nIt reads text."),
        ("Here is the commit message:\n\nAdd a parser", "Add a parser"),
        ("Subject: Add a parser\nBody follows", "Add a parser\n\nBody follows"),
        ("**Add a parser**", "Add a parser"),
        ('**"Add a parser"**', "Add a parser"),
        ("Add a parser in `parse.py`", "Add a parser in `parse.py`"),
        ("`a` becomes `b`", "`a` becomes `b`"),
        ("# Add a parser\n\n# heading\ntext", "Add a parser\n\ntext"),
        ("feat(cli): add a parser", "feat(cli): add a parser"),
        ("word " * 30, f"{'word ' * 14}word"[:74].strip() + "\n\n" + ("word " * 16).strip()),
        ("", ""),
        ("```\n```", ""),
        ("Sure, here it is:\n", ""),
    ],
)
def test_cleaned(answer: str, message: str) -> None:
    found = cleaned(answer)
    if answer.startswith("word"):
        assert found.split("\n")[0] == "word " * 13 + "word"
        assert found.replace("\n\n", " ") == answer.strip()
    elif answer == "```\n```":
        assert "\n" not in found
    else:
        assert found == message


@given(st.text())
def test_no_answer_is_too_odd(answer: str) -> None:
    message = cleaned(answer)
    subject, _, body = message.partition("\n")
    assert len(subject) <= 72
    assert not body or body.startswith("\n")
    assert not any(line.startswith("#") for line in body.split("\n"))


def test_style_is_that_of_the_log() -> None:
    assert style_of([]) == style_of([])
    assert style_of(["feat: a", "fix(x)!: b", "Merge branch x", "odd one"]).conventional
    assert not style_of(["Add a", "Fix b", "feat: c"]).conventional
    assert style_of(["x" * 60] * 10).width == 60
    assert (style_of(["x"]).width, style_of(["x" * 200]).width, style_of([]).width) == (50, 72, 50)


def test_files_of_a_diff() -> None:
    assert [path for path, _ in files_of(DIFF)] == ["stats.py", "uv.lock"]
    assert "".join(part for _, part in files_of(DIFF)) == DIFF


def asked(tiny_qwen: Path, *answers: str, window: int = 8192) -> tuple[Ready, ScriptedEngine]:
    engine = ScriptedEngine(answers, context_tokens=window)
    return Ready(engine, gguf_file.inspect(tiny_qwen).info, Settings()), engine


def test_lock_files_are_only_named(tiny_qwen: Path) -> None:
    ready, engine = asked(tiny_qwen, "Make x two")
    assert write(ready, DIFF, ["fix: a"], Sampling()).message == "Make x two"
    sent = "".join(segment.text for segment in engine.requests[0][0].segments)
    assert "+x = 2" in sent
    assert "lock content" not in sent
    assert "`feat: `" in sent


def test_a_large_diff_is_summed_up_file_by_file(tiny_qwen: Path) -> None:
    large = "".join(
        f"diff --git a/f{number}.py b/f{number}.py\n" + "".join(f"+value_{line} = {line}\n" for line in range(300))
        for number in range(3)
    )
    ready, engine = asked(tiny_qwen, "adds values", "adds more", "adds the rest", "Add values", window=2048)
    assert write(ready, large, [], Sampling()).message == "Add values"
    assert len(engine.requests) == 4
    sent = "".join(segment.text for segment in engine.requests[-1][0].segments)
    assert "f0.py: adds values\nf1.py: adds more\nf2.py: adds the rest\n" in sent
    texts = ["".join(segment.text for segment in request[0].segments) for request in engine.requests]
    assert all("+value_0 = 0" in text and "+value_299" not in text for text in texts[:3])
    assert sum(map(ready.count, texts)) < 2 * 2048
    assert [request[2].max_tokens for request in engine.requests] == [48, 48, 48, 200]


def test_of_a_large_file_the_changes_are_read_before_what_is_around_them(tiny_qwen: Path) -> None:
    lines = "".join(f" line_{number} = {number}\n" for number in range(400))
    large = f"diff --git a/f.py b/f.py\n{lines}-old = 1\n+new = 1\n{lines}"
    ready, engine = asked(tiny_qwen, "renames old", "Rename old", window=2048)
    write(ready, large, [], Sampling())
    sent = "".join(segment.text for segment in engine.requests[0][0].segments)
    assert "-old = 1\n+new = 1\n" in sent
    assert "line_7" not in sent


def test_nothing_to_say_is_told(tiny_qwen: Path) -> None:
    ready, _ = asked(tiny_qwen, "\n")
    with pytest.raises(CoderError, match="nothing to say"):
        write(replace(ready), DIFF, [], Sampling())


def test_a_line_that_was_cut_off_is_left_out(tiny_qwen: Path) -> None:
    ready, _ = asked(tiny_qwen, "Add x\n\nIt is one.\n" + "and so on " * 300)
    assert write(ready, DIFF, [], Sampling()).message == "Add x\n\nIt is one."
