"""Comments that ask: which there are, what they are about, and how a change gets into a file that is changing."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_tui.assistant.ai_comments import AiComment, changed, found, put
from coder_tui.assistant.opening import Ready
from coder_tui.config.schema import Settings
from coder_tui.core.errors import ChangedOnDiskError, ChangeError, CoderError
from coder_tui.core.prompt import Sampling
from coder_tui.edits import changing
from coder_tui.edits.changing import Changed, Place
from coder_tui.edits.journal import Journal
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.weights import gguf_file

PYTHON = """import os

# AI: sort them
names = ["b", "a"]
print(names)

# AI: add types
def add(a, b):
    return a + b


class Box:
    # AI? why is it one
    def size(self):
        return 1

    def name(self):
        value = "box"  # AI: make it a bag
        return value
        # AI: say it in upper case


text = "# AI: not a comment"
"""


def about(comment: AiComment) -> list[str]:
    return comment.rest.split("\n")[comment.first : comment.last + 1]


def test_what_they_are_about() -> None:
    comments = found(PYTHON, "a.py")
    assert [(one.text, one.is_question) for one in comments] == [
        ("sort them", False),
        ("add types", False),
        ("why is it one", True),
        ("make it a bag", False),
        ("say it in upper case", False),
    ]
    assert about(comments[0]) == ['names = ["b", "a"]', "print(names)"]
    assert about(comments[1]) == ["def add(a, b):", "    return a + b"]
    assert about(comments[2]) == ["    def size(self):", "        return 1"]
    assert about(comments[3])[:2] == ["    def name(self):", '        value = "box"']
    assert about(comments[4]) == [
        "    def name(self):",
        '        value = "box"  # AI: make it a bag',
        "        return value",
    ]
    for one in comments:
        assert one.rest.count("AI") == PYTHON.count("AI") - 1
        assert one.text not in one.rest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n\n", "\n\ny = 2\n"),
        ("x = 1\n\n", ""),
        ("x = 1\n\n", "\n"),
        ("", "\n\nx = 1\n"),
        ("class A:\n    def b(self): ...\n\n    ", "\n\n    def c(self): ...\n"),
    ],
)
def test_between_blank_lines_new_code_is_wanted(before: str, after: str) -> None:
    (comment,) = found(f"{before}# AI: do it{after}", "a.py")
    assert comment.rest == before + after
    assert comment.first == comment.last == before.count("\n")


def test_a_question_between_blank_lines_is_about_what_follows() -> None:
    (comment,) = found("x = 1\n\n# AI? why\n\ndef f():\n    pass\n", "a.py")
    assert about(comment) == ["def f():", "    pass"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.js", "// AI: do it"),
        ("a.c", "/* AI: do it */"),
        ("a.html", "<!-- AI: do it -->"),
        ("a.css", "/* AI: do it */"),
        ("a.sql", "-- AI: do it"),
        ("a.lua", "--AI: do it"),
        ("a.toml", "# AI:do it"),
        ("Makefile", "## AI: do it"),
        ("a.go", "\t// AI: do it"),
    ],
)
def test_in_every_language(name: str, line: str) -> None:
    comments = found(f"{line}\nnext line\nand one\n\nother\n", name)
    assert [one.text for one in comments] == ["do it"]
    assert comments[0].rest == "next line\nand one\n\nother\n"


@pytest.mark.parametrize(
    "line", ["# about AI: this", "# AI is here", "AI: bare", "x = 'AI: no'", "# AI:", "# FAI: x", "# ai: x", "// AI: x"]
)
def test_what_asks_nothing(line: str) -> None:
    assert found(f"{line}\nx = 1\n", "a.py") == []


@pytest.mark.parametrize("text", ["# AI: do it", "# AI: do it\n", "\n\n# AI: do it\n\n", "x = 1  # AI: do it"])
def test_at_the_ends_of_a_file(text: str) -> None:
    (comment,) = found(text, "a.py")
    assert 0 <= comment.first <= comment.last < len(comment.rest.split("\n"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Journal(tmp_path / "journal"), tmp_path)


BEFORE = "# AI: two\nx = 1\n\n\nthe\nend\n"
AFTER = "x = 2\n\n\nthe\nend\n"


def test_it_goes_into_what_the_file_is_now(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(BEFORE.replace("end", "very end").replace("\n", "\r\n").encode())
    made = put(place, path, BEFORE, AFTER, reason="watch", max_bytes=1 << 20)
    assert path.read_bytes() == AFTER.replace("end", "very end").replace("\n", "\r\n").encode()
    assert made.record is not None
    path.write_text(BEFORE.replace("x = 1", "x = 7"))
    with pytest.raises(ChangeError):
        put(place, path, BEFORE, AFTER, reason="watch", max_bytes=1 << 20)
    assert "x = 7" in path.read_text()


def test_a_file_that_changes_again_is_read_again(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text(BEFORE)
    real, times = changing.apply, 2

    def apply(*arguments: object, **options: object) -> Changed:
        nonlocal times
        if times:
            times -= 1
            path.write_text(path.read_text() + "more\n")
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(changing, "apply", apply)
    put(place, path, BEFORE, AFTER, reason="watch", max_bytes=1 << 20)
    assert path.read_text() == AFTER + "more\nmore\n"
    path.write_text(BEFORE)
    times = 99
    with pytest.raises(ChangedOnDiskError):
        put(place, path, BEFORE, AFTER, reason="watch", max_bytes=1 << 20)
    assert path.read_text().startswith(BEFORE + "more\n")


@pytest.mark.parametrize(
    ("wish", "is_done"),
    [
        ("make it shorter", False),
        ("return early", False),
        ("remove it", True),
        ("mean must go", True),
        ("RENAME", True),
    ],
)
def test_definitions_are_not_taken_away_unasked(tiny_qwen: Path, wish: str, is_done: bool) -> None:
    answer = "```py\nraise ValueError\n```"
    ready = Ready(ScriptedEngine((answer, answer)), gguf_file.inspect(tiny_qwen).info, Settings())
    (comment,) = found(f"# AI: {wish}\ndef mean(values):\n    return 1\n", "a.py")
    if is_done:
        assert changed(ready, comment, "a.py", Sampling()).text == "raise ValueError\n"
        return
    with pytest.raises(CoderError, match="takes away: mean; the file stays as it is"):
        changed(ready, comment, "a.py", Sampling())


def test_a_comment_that_changes_nothing_stays(tiny_qwen: Path) -> None:
    ready = Ready(
        ScriptedEngine(("```py\ndef f():\n    return 1\n```",)), gguf_file.inspect(tiny_qwen).info, Settings()
    )
    (comment,) = found("# AI: add types\ndef f():\n    return 1\n", "a.py")
    with pytest.raises(CoderError, match="would change nothing there"):
        changed(ready, comment, "a.py", Sampling())


@pytest.mark.parametrize(("wish", "is_done"), [("count them", False), ("another put", True)])
def test_definitions_are_not_made_twice_unasked(tiny_qwen: Path, wish: str, is_done: bool) -> None:
    text = "def put(coin):\n    return 1\n"
    new = "def put(coin, other):\n    return 2"
    ready = Ready(ScriptedEngine((new, "no")), gguf_file.inspect(tiny_qwen).info, Settings())
    (comment,) = found(f"{text}\n# AI: {wish}\n", "a.py")
    if is_done:
        assert changed(ready, comment, "a.py", Sampling()).text == f"{text}\n\n{new}\n"
        return
    with pytest.raises(CoderError, match="there already: put; the file stays as it is"):
        changed(ready, comment, "a.py", Sampling())
