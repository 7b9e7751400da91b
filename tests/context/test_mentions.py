"""What a question names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context.mentions import (
    all_names,
    files,
    is_about_file,
    is_about_programming,
    is_about_repository,
    named_files,
    names,
    parts,
    plain_names,
    points_at_something,
    stem,
    stems,
)

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
        ("what do @README.md:2-5 and @core/money.py:7 do?", {"README.md": (1, 4), "src/core/money.py": (6, 6)}),
        ("@README.md:2-5, and all of @README.md", {}),
        ("@README.md:2-5 and @README.md:9", {}),
        ("@README.md: what is it? @core/money.py:0", {}),
        ("@gone.py:3", {}),
    ],
)
def test_lines_of_files(question: str, expected: dict[str, tuple[int, int]]) -> None:
    assert files(question, PATHS).lines == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("use retry()", ("retry",)),
        ("see @net:3-4 and the class Till", ("@net:3-4", "Till")),
        ("as net.py does", ("net.py", "net", "py")),
        ("handle an empty list", ()),
        ("", ()),
    ],
)
def test_all_that_may_be_a_name(text: str, expected: tuple[str, ...]) -> None:
    assert all_names(text) == expected


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


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("explain core/money.py", ["src/core/money.py"]),
        ("what is in src/till.py, README.md?", ["src/till.py", "README.md"]),
        ("what does till.py do?", []),  # there are two
        ("does money.py.orig matter, or @README.md?", []),
        ("is 3.5 of till.open() right?", []),
    ],
)
def test_files_that_are_named_without_a_mark(question: str, expected: list[str]) -> None:
    assert named_files(question, PATHS) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does the class Till do?", ["Till"]),
        ("how does echo work?", ["echo"]),
        ("where is the deposit method called?", ["deposit"]),
        ("Explain exchange", ["exchange"]),
        ("Was macht die Klasse Till?", ["Klasse", "Till"]),
        ("how do I reverse a list in place?", []),
        ("How does it work? What does that do?", []),
        ("what is `Till`, the class Till", []),  # it is sure already
        ("", []),
    ],
)
def test_plain_words_that_may_be_names(question: str, expected: list[str]) -> None:
    assert plain_names(question) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cookies", "cookie"), ("queries", "query"), ("formatted", "formatter"), ("parsing", "parse"),
        ("options", "option"), ("classes", "class"), ("registered", "register"),
        ("colours", "color"), ("normalised", "normalize"), ("analyse", "analyzer"), ("promises", "promise"),
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_what_the_words_of_a_question_say() -> None:
    assert stems("How does click parse its OptionGroups? What are options of the class?") == [
        "click",
        "pars",
        "option",
        "group",
    ]
    assert stems("what is it?") == []
    assert stems("how do I sort a list in place?") == []
    assert stems("where is the list of tills sorted?") == ["list", "til", "sort"]
    assert len(stems(" ".join(f"word{chr(97 + at)}{chr(97 + at)}x" for at in range(26)))) == 12
    assert list(parts("parseHTMLArgs2_now größe")) == ["parse", "html", "args", "2", "now", "gr", "öß", "e"]


@pytest.mark.parametrize(
    ("question", "of_file", "of_repository"),
    [
        ("what does this file do?", True, False),
        ("Summarise the whole module", True, False),
        ("what is this project about?", False, True),
        ("how is the click package laid out?", False, True),
        ("what does this function do?", False, False),
    ],
)
def test_what_a_question_speaks_of(question: str, of_file: bool, of_repository: bool) -> None:
    assert (is_about_file(question), is_about_repository(question)) == (of_file, of_repository)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the difference between a list and a tuple?", True),
        ("how do I sort a dict by its values?", True),
        ("how do I sort this list?", False),
        ("sort the list", False),
        ("why?", False),
        ("what does it do?", False),
        ("how are redirects followed?", False),
    ],
)
def test_what_would_be_asked_anywhere(question: str, expected: bool) -> None:
    assert is_about_programming(question) is expected


@pytest.mark.parametrize(
    "piece", ["a", "a.", "a/", "+a", "_", "A", "aA", "a ", "a(", "@a/", "a.py ", "-", "é", "the ", "`"]
)
def test_long_questions_take_no_time(piece: str) -> None:
    question, many = piece * 100_000, [f"src/module_{at}/a.py" for at in range(50_000)]
    began = time.process_time()
    for look in (names, plain_names, stems, is_about_file, is_about_repository, points_at_something):
        look(question)
    files(question, many)
    named_files(question, many)
    assert time.process_time() - began < 4


@given(st.text())
def test_no_question_is_too_odd(question: str) -> None:
    assert set(files(question, PATHS).files) <= set(PATHS)
    assert set(named_files(question, PATHS)) <= set(PATHS)
    assert all(name in question and " " not in name for name in [*names(question), *plain_names(question)])
    assert all(set(one).isdisjoint("%_'\"") for one in stems(question))  # they become patterns of SQL
