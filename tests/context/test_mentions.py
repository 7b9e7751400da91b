"""What a question names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context.mentions import files, names

PATHS = ["src/till.py", "src/core/money.py", "tests/till.py", "README.md"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what does @src/till.py do?", ["src/till.py"]),
        ("compare @core/money.py and @README.md.", ["src/core/money.py", "README.md"]),
        ("which @till.py?", []),
        ("mail me@README.md", []),
        ("@README.md, @README.md", ["README.md"]),
        ("@gone.py", []),
        ("@app.route is a decorator", []),
    ],
)
def test_files(question: str, expected: list[str]) -> None:
    assert list(files(question, PATHS).files) == expected


def test_what_is_no_file_and_what_could_be_several() -> None:
    found = files("is @till.py like @gone.py, @.env or @core/money.py? @gone.py", PATHS)
    assert found.files == ("src/core/money.py",)
    assert found.several == {"till.py": ["src/till.py", "tests/till.py"]}
    assert found.unknown == ("gone.py", ".env")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how does quick_sort work?", ["quick_sort"]),
        ("why is `Till.open` slow?", ["Till", "open"]),
        ("what is DataLoader and parseText()", ["DataLoader", "parseText"]),
        ("does main(args) return?", ["main"]),
        ("how do I reverse a list in place?", []),
        ("", []),
    ],
)
def test_names(question: str, expected: list[str]) -> None:
    assert names(question) == expected


@given(st.text())
def test_no_question_is_too_odd(question: str) -> None:
    assert set(files(question, PATHS).files) <= set(PATHS)
    assert all(name in question and " " not in name for name in names(question))
