from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core.errors import EngineError
from coder_tui.engine import messages as wire

TEXT = st.text(alphabet=st.characters(exclude_categories=()))
"""Every code point, lone surrogates among them."""


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """All values that a field of a message may have."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is str:
        return TEXT
    if kind is Path:
        return TEXT.map(Path)
    if kind is float:
        return st.floats(allow_nan=False)
    if is_dataclass(kind):
        return st.builds(kind, **{name: _later(hint) for name, hint in typing.get_type_hints(kind).items()})
    if origin in (typing.Union, types.UnionType):
        return st.one_of(map(values, arguments))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=5).map(tuple)
    if origin is frozenset:
        return st.frozensets(values(arguments[0]), max_size=5)
    if origin is Mapping:
        return st.dictionaries(TEXT, TEXT, max_size=5)
    return st.from_type(kind)


def _later(kind: Any) -> st.SearchStrategy[Any]:
    """A prompt may have another one in it."""
    return st.deferred(lambda: values(kind))


MESSAGES = st.one_of(map(values, typing.get_args(wire.Message)))
GENERATE = wire.encode(
    wire.Generate(1, wire.Prompt((wire.Segment("x"),)), wire.Sampling(), wire.Limits(stop_strings=("a",)))
)


@given(MESSAGES)
def test_every_message_comes_back_as_it_was(message: wire.Message) -> None:
    line = wire.encode(message)
    assert wire.decode(line) == message
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@given(TEXT)
def test_a_line_is_ascii_whatever_the_text(text: str) -> None:
    assert wire.encode(wire.Text(1, text)).isascii()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{",
        b"null\n",
        b"[]\n",
        b"7\n",
        b'"text"\n',
        b"{}\n",
        b'{"v":1}\n',
        b'{"v":1,"type":"Nonsense"}\n',
        b'{"v":1,"type":[],"id":1}\n',
        b'{"v":1,"type":"Text"}\n',
        b'{"v":1,"type":"Text","id":1,"text":"x","more":2}\n',
        b'{"v":1,"type":"Done","id":1,"reason":"because","usage":{}}\n',
        b'{"v":1,"type":"Done","id":1,"reason":"end","usage":7}\n',
        b'{"v":1,"type":"Tokens","id":1,"tokens":7}\n',
        b"\xff\xfe\n",
        b"ggml: assertion failed\n",
        b"[" * 100_000,
    ],
)
def test_a_broken_line_is_an_engine_error(line: bytes) -> None:
    with pytest.raises(EngineError):
        wire.decode(line)


@given(st.integers(0, len(GENERATE) - 2))
def test_a_cut_line_is_an_engine_error(length: int) -> None:
    with pytest.raises(EngineError):
        wire.decode(GENERATE[:length])


@given(st.binary())
def test_no_line_raises_anything_else(line: bytes) -> None:
    with pytest.raises(EngineError):
        wire.decode(line)


def test_another_version_is_told() -> None:
    body = json.loads(GENERATE) | {"v": wire.VERSION + 1}
    with pytest.raises(EngineError, match="another version") as caught:
        wire.decode(json.dumps(body).encode())
    assert caught.value.hint
