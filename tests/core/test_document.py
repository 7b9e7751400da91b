"""Positions and offsets against a slow model that matches line endings one by one."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core import document as document_module
from coder_tui.core.document import LINE_END, Document, Position, to_lf, with_newline
from coder_tui.core.errors import DocumentError

TEXTS = st.text(alphabet=st.sampled_from("ab \t\n\r\x0c\u2028é𝔘"), max_size=40)


def lines_of(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text)


@given(TEXTS)
def test_every_offset_has_a_position_that_leads_back(text: str) -> None:
    document = Document(text)
    for offset in range(len(text) + 1):
        inside_crlf = offset > 0 and text[offset - 1 : offset + 1] == "\r\n"
        assert document.offset(document.position(offset)) == offset - inside_crlf


@given(TEXTS, st.integers(1, 5))
def test_lines_are_found_across_blocks(text: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_module, "_BLOCK", block)
        document = Document(text)
        starts = [document.offset(Position(line, 0)) for line in range(document.line_count)]
    assert starts == [0, *(ending.end() for ending in LINE_END.finditer(text))]


@given(TEXTS)
def test_every_position_has_an_offset_that_leads_back(text: str) -> None:
    document = Document(text)
    lines = lines_of(text)
    assert document.line_count == len(lines)
    for number, line in enumerate(lines):
        assert document.end_of_line(number) == Position(number, len(line))
        for column in range(len(line) + 1):
            position = Position(number, column)
            offset = document.offset(position)
            assert document.position(offset) == position
            assert text[offset : offset + len(line) - column] == line[column:]


@given(TEXTS)
def test_places_that_are_not_there_are_refused(text: str) -> None:
    document = Document(text)
    lines = lines_of(text)
    for position in (Position(-1, 0), Position(len(lines), 0), Position(0, -1), Position(0, len(lines[0]) + 1)):
        with pytest.raises(DocumentError):
            document.offset(position)


@given(TEXTS, st.integers(-5, 60))
def test_an_offset_outside_the_text_is_its_nearest_end(text: str, offset: int) -> None:
    document = Document(text)
    assert document.position(offset) == document.position(min(max(offset, 0), len(text)))


def test_a_line_beyond_the_end_says_how_many_there_are() -> None:
    document = Document("a\nb\n", path=Path("x.py"))
    with pytest.raises(DocumentError, match=r"^x\.py has 3 lines, there is no line 4$"):
        document.offset(Position(3, 0))
    with pytest.raises(DocumentError, match="the text on standard input has 1 line, there is no line 0"):
        Document("").offset(Position(-1, 0))


def test_a_column_beyond_the_end_says_where_the_line_ends() -> None:
    with pytest.raises(DocumentError, match=r"line 1 of .* ends at column 3, there is no column 9"):
        Document("ab\r\n").offset(Position(0, 8))
    with pytest.raises(DocumentError, match="there is no column 0"):
        Document("ab\r\n").offset(Position(0, -1))


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\r\nb\r\nc\n", "\r\n"),
        ("a\rb\rc\n", "\r"),
        ("a\r\nb\n", "\n"),
        ("a\rb\r\n", "\r\n"),
    ],
)
def test_the_line_ending_that_most_lines_have(text: str, newline: str) -> None:
    assert Document(text).newline == newline


@given(TEXTS)
def test_lf_and_back(text: str) -> None:
    lf = to_lf(text)
    assert lf.split("\n") == lines_of(text)
    for newline in ("\n", "\r\n", "\r"):
        assert to_lf(with_newline(lf, newline)) == lf


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_last_line_of_50_mb_is_found_at_once(ending: str) -> None:
    document = Document(("x" * 38 + ending) * 1_300_000)
    began = time.process_time()
    offset = document.offset(Position(1_299_999, 3))
    assert document.position(offset) == Position(1_299_999, 3)
    assert time.process_time() - began < 1
