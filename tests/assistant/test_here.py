"""The code at the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from assistant.healing import Healing
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.assistant.applying import applied
from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.chat_context import unasked_tokens
from coder_tui.assistant.here import Cursor, here, is_outline, is_part
from coder_tui.assistant.opening import Ready

Make = Callable[..., tuple[Ready, Healing]]

BODY = "".join(f"        value_{at} = compute_{at}(amount, {at})\n" for at in range(14))
SMALL = "import os\n\n\ndef add(a, b):\n    return a + b\n"
LARGE = (
    "import os\n\n\n"
    + "".join(
        f"class Till{at}:\n    def first(self, amount):\n{BODY}\n    def second(self, amount):\n{BODY}\n\n"
        for at in range(6)
    )
    + "def long_one(amount):\n"
    + BODY.replace("        ", "    ") * 12
)


@pytest.fixture
def model(ready: Make) -> Ready:
    return ready()[0]


def found(model: Ready, line: int, question: str = "why?", text: str = LARGE) -> str:
    attachment = here(Cursor(text, "shop/till.py", line), question, model)
    return attachment.reference if attachment is not None else ""


def test_a_small_file_goes_along_as_a_whole(model: Ready) -> None:
    assert found(model, 4, text=SMALL) == "shop/till.py"


def test_in_a_long_file_the_largest_definition_that_is_not_too_long(model: Ready) -> None:
    assert unasked_tokens(model) == 600
    assert found(model, 6) == "shop/till.py:4-35"  # all of the class
    longer = LARGE.replace(BODY, BODY * 3)
    assert found(model, 10, text=longer) == "shop/till.py:5-47"  # the method only


def test_of_what_is_too_long_the_lines_around_the_cursor(model: Ready) -> None:
    start = LARGE.split("\n").index("def long_one(amount):")
    last = len(LARGE.split("\n")) - 2
    attachment = here(Cursor(LARGE, "t.py", start + 60), "why?", model)
    assert attachment is not None
    first, behind = attachment.first_line, attachment.first_line + attachment.line_count
    assert start <= first <= start + 60 < behind <= last + 1
    assert model.count(attachment.text) <= unasked_tokens(model)
    assert found(model, start).startswith(f"shop/till.py:{start + 1}-")
    assert found(model, last).endswith(f"-{last + 1}")


def test_outside_of_definitions_the_outline_and_whenever_the_file_is_meant(model: Ready) -> None:
    for attachment in (
        here(Cursor(LARGE, "shop/till.py", 0), "why?", model),
        here(Cursor(LARGE, "shop/till.py", 6), "what does this file do?", model),
    ):
        assert attachment is not None
        assert is_outline(attachment)
        assert attachment.reference == "shop/till.py (outline)"
        assert "class Till0:" in attachment.text
        assert "value_1" not in attachment.text
    assert found(model, 4, "what does this file do?", SMALL) == "shop/till.py"


def test_what_is_selected_goes_along_as_it_is(model: Ready) -> None:
    attachment = here(Cursor(LARGE, "shop/till.py", 9, (0, 400)), "why?", model)
    assert attachment is not None
    assert attachment.text == "".join(f"{line}\n" for line in LARGE.split("\n")[:401])


def test_nothing_of_secrets_and_empty_files(model: Ready) -> None:
    assert here(Cursor("TOKEN=1\n", ".env", 0), "why?", model) is None
    assert here(Cursor(" \n", "a.py", 0), "why?", model) is None
    key = 'TOKEN = "ghp_a8f5f167f44f4964e6c998dee827110c0123"\n'
    assert here(Cursor(key + SMALL, "a.py", 5), "why?", model) == Attachment("a.py", SMALL[12:], 4, "py")
    assert here(Cursor(key + SMALL, "a.py", 0), "why?", model) is None
    assert here(Cursor(key + SMALL, "a.py", 0, (0, 3)), "why?", model) is None


def test_nothing_for_a_question_about_programming_as_such(model: Ready) -> None:
    assert found(model, 6, "what is the difference between a list and a tuple?") == ""


def test_a_text_without_a_grammar(model: Ready) -> None:
    text = "".join(f"line {at} of a long letter about money\n" for at in range(500))
    attachment = here(Cursor(text, "letter.txt", 250), "why?", model)
    assert attachment is not None
    assert attachment.first_line <= 250 < attachment.first_line + attachment.line_count
    assert here(Cursor("x" * 100_000, "one-line.txt", 0), "why?", model) is None


def test_what_has_been_said_is_known(model: Ready) -> None:
    small, part = Attachment("a.py", SMALL, 0, "py"), Attachment("a.py", "def add(a, b):\n", 3, "py")
    assert is_part(part, small)
    assert not is_part(small, part)
    assert not is_part(part, replace(small, name="b.py"))
    outline = here(Cursor(LARGE, "a.py", 0), "why?", model)
    assert outline is not None
    assert is_part(outline, outline)
    assert is_part(outline, small)
    assert not is_part(outline, part)


def test_the_first_lines_are_not_called_as_the_file_is(model: Ready) -> None:
    assert found(model, 3, text="x = 1234567\n" * 4000) == "shop/till.py (the first 96 lines)"
    top = LARGE.removeprefix("import os\n\n\n")
    assert found(model, 1, text=top) == "shop/till.py (the first 32 lines)"


def test_values_alone_are_no_outline(model: Ready) -> None:
    attachment = here(Cursor("x = 1234567\n" * 4000, "values.py", 2000), "why?", model)
    assert attachment is not None
    assert attachment.first_line <= 2000 < attachment.first_line + attachment.line_count


@given(st.integers(0, 400), st.sampled_from(["why?", "what does this file do?"]))
def test_it_always_fits_and_is_what_stands_there(line: int, question: str) -> None:
    from prompts.infos import QWEN

    from coder_tui.config.schema import Settings

    model = Ready(Healing(()), QWEN, Settings())
    line = min(line, LARGE.count("\n"))
    attachment = here(Cursor(LARGE, "shop/till.py", line), question, model)
    assert attachment is not None
    assert model.count(attachment.text) <= unasked_tokens(model)
    if not is_outline(attachment):
        lines = LARGE.split("\n")[attachment.first_line :][: attachment.line_count]
        assert attachment.text == "".join(f"{one}\n" for one in lines)
        assert attachment.first_line <= line < attachment.first_line + attachment.line_count


def test_the_comment_that_documents_a_definition_goes_along(model: Ready) -> None:
    body = "".join(f"\tx{at} := {at}\n" for at in range(400))
    text = f"package a\n\nfunc long() {{\n{body}}}\n\n// Do does it.\n// Twice.\nfunc Do() {{\n\tx := 1\n}}\n"
    attached = here(Cursor(text, "a.go", text.count("\n") - 2), "why?", model)
    assert attached is not None
    assert attached == here(Cursor(text, "a.go", text.count("\n") - 5), "why?", model), "on the comment"
    assert attached.text == "// Do does it.\n// Twice.\nfunc Do() {\n\tx := 1\n}\n"
    lines = (attached.first_line, attached.first_line + attached.line_count - 1)
    found = applied(text, "func Do() {\n\tx := 2\n}\n", path="a.go", lines=lines)
    assert found == text.replace("\tx := 1\n}", "\tx := 2\n}")
