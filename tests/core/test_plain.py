from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core.plain import plain

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()))
"""Every code point, lone surrogates among them."""


@given(ANYTHING)
def test_nothing_but_text_tabs_and_line_feeds_remains(text: str) -> None:
    shown = plain(text)
    assert {c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} <= {"\t", "\n"}
    shown.encode("utf-8")


@given(ANYTHING)
def test_plain_text_is_left_alone(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07x", "]0;titlex"),
        ("a\r\nb\rc\r\n", "a\nb\nc\n"),
        ("safe\rrm -rf", "safe\nrm -rf"),
        ("caf\udce9", "caf\ufffd"),
        ("x\u202e\u2066y", "xy"),
        ("\x9b31m", "31m"),
        ("tab\tstays", "tab\tstays"),
        ("👩\u200d💻 é", "👩\u200d💻 é"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert plain(text) == shown
