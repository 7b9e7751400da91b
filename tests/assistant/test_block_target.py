"""Which file and which lines a block of an answer is for."""

from __future__ import annotations

from coder_tui.assistant.block_target import Target, lines_asked_about, target
from coder_tui.assistant.chat import Attachment

CODE = "x = 1\n"
FILES = {"a.py", "src/b.py", "src/c.py", "lib/c.py"}


def found(answer: str, code: str = CODE, attached: tuple[str, ...] = (), shown: str = "") -> Target:
    return target(answer, code, [Attachment(name, "t\n") for name in attached], FILES, shown)


def test_a_name_in_the_answer_wins() -> None:
    assert found(f"In `src/b.py`:\n\n```python\n{CODE}```\n", attached=("a.py",)) == Target("src/b.py", CODE)
    assert found(f"```python title=b.py\n{CODE}```\n") == Target("src/b.py", CODE)
    headed = f"# a.py\n{CODE}"
    assert found(f"```python\n{headed}```\n", headed) == Target("a.py", CODE)


def test_without_one_it_is_what_was_asked_about() -> None:
    answer = f"```python\n{CODE}```\n"
    assert found(answer, attached=("a.py",), shown="src/b.py") == Target("a.py", CODE)
    assert found(answer, attached=("a.py", "src/b.py"), shown="src/b.py") == Target("", CODE)
    assert found(answer, attached=("a.py", "src/b.py")) == Target("", CODE)
    assert found(answer, attached=("standard input",)) == Target("", CODE)


def test_names_that_lead_nowhere() -> None:
    for name in ("new.py", "c.py"):  # of none of the files, of two
        assert found(f"```python title={name}\n{CODE}```\n").path == ""


def test_lines_are_found_again_where_they_have_moved() -> None:
    text = "one\ntwo\nthree\ntwo\n"
    part = Attachment("a.py", "two\n", 1)
    assert lines_asked_about(text, "a.py", [part]) == (1, 1)
    assert lines_asked_about(f"zero\nzero\n{text}", "a.py", [part]) == (3, 3)
    assert lines_asked_about(text, "a.py", [Attachment("a.py", "two\n", 3)]) == (3, 3)
    assert lines_asked_about("one\n", "a.py", [part]) is None
    assert lines_asked_about(text, "b.py", [part]) is None
    assert lines_asked_about(text, "a.py", [Attachment("a.py", text)]) is None
