"""Names that get a bonus: which tokens, and where; and that an engine writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from engine.asking import ask
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core.prompt import Likely, Prompt, Sampling, Segment
from coder_tui.engine.bias import Bias
from coder_tui.engine.client import LlamaEngine

_PIECES = re.compile(r" ?[a-z]+|_[a-z]+|[^\w]|\d")


class Tokens:
    """A tokenizer that cuts words at underscores and lets them have a space before them."""

    def __init__(self) -> None:
        self.known: list[str] = []

    def __call__(self, text: str) -> Sequence[int]:
        return [self._id(piece) for piece in _PIECES.findall(text)]

    def piece(self, token: int) -> bytes:
        return self.known[token].encode()

    def _id(self, piece: str) -> int:
        if piece not in self.known:
            self.known.append(piece)
        return self.known.index(piece)


def _wanted(line: str, *names: str) -> dict[str, float]:
    """The pieces with a bonus behind a line."""
    tokens = Tokens()
    bias = Bias([Likely(name, 2.0) for name in names], line, tokens, tokens.piece)
    return {tokens.known[token]: bonus for token, bonus in bias.bonuses().items()}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {"make"}),
        ("    ", {"make"}),
        ("x =", {"make", " make"}),
        ("x = ", {"make"}),
        ("f(", {"make", " make"}),
        ("return", {" make"}),
        ("x = make", {"_str"}),
        ("x = make_str", set()),  # it is there
        ("make_str(make", set()),
        ("remake", {" make"}),
        ("x.", set()),
        ("x.make", {" make"}),
        ("p->", set()),
        ("p->make", {" make"}),
        ("a\nb.\n", {"make"}),
    ],
)
def test_where_a_name_can_begin_or_go_on(line: str, expected: set[str]) -> None:
    assert set(_wanted(line, "make_str")) == expected


def test_a_bonus_is_that_of_the_best_name() -> None:
    tokens = Tokens()
    bias = Bias([Likely("make_a", 1.0), Likely("make_b", 3.0)], "x = ", tokens, tokens.piece)
    assert {tokens.known[token]: bonus for token, bonus in bias.bonuses().items()} == {"make": 3.0}


def test_no_bonus_behind_the_first_line() -> None:
    tokens = Tokens()
    bias = Bias([Likely("make_str", 2.0)], "", tokens, tokens.piece)
    for piece in (b"\n", b"    ", b"x", b" =", b" 1"):
        assert bias.bonuses() or piece == b" ="
        bias.follow(piece)
    bias.follow(b"\n    y = ")
    assert not bias.bonuses()


@given(st.lists(st.binary(max_size=4), max_size=12))
def test_any_bytes_may_come(pieces: list[bytes]) -> None:
    tokens = Tokens()
    bias = Bias([Likely("make_str", 2.0)], "x = ", tokens, tokens.piece)
    for piece in pieces:
        bias.follow(piece)
        assert set(bias.bonuses().values()) <= {2.0}


def test_a_name_with_a_large_bonus_is_written_once(engine: LlamaEngine) -> None:
    """Two tokens of which a tiny random model would hardly choose either."""
    before = Segment("value = ")
    without = ask(engine, Prompt((before,)), Sampling(), max_tokens=12).text
    text = ask(engine, Prompt((before,), likely=(Likely("make_str", 1000.0),)), Sampling(), max_tokens=12).text
    assert "make_str" not in without
    assert text.startswith("make_str")
    assert text.count("make_str") == 1
