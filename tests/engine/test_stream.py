from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coder_tui.engine.stream import TextStream

TEXT = st.text(st.sampled_from("ab\n é漢🦙") | st.characters(exclude_categories=["Cs"]), max_size=40)
STOPS = st.lists(st.text("ab\né", min_size=1, max_size=4), max_size=3).map(tuple)


def pieces(data: st.DataObject, text: bytes) -> list[bytes]:
    """The bytes, cut anywhere."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def run(stream: TextStream, chunks: list[bytes]) -> tuple[str, list[str]]:
    shown = [stream.feed(chunk) for chunk in chunks]
    return "".join([*shown, stream.finish()]), shown


def expected(text: str, stops: tuple[str, ...]) -> str:
    """What is shown: all before the stop string that is complete first, the longest of them if several are."""
    for end in range(len(text) + 1):
        ending = [len(stop) for stop in stops if text[:end].endswith(stop)]
        if ending:
            return text[: end - max(ending)]
    return text


@given(TEXT, st.data())
def test_however_the_bytes_come_the_text_is_the_same(text: str, data: st.DataObject) -> None:
    assert run(TextStream(), pieces(data, text.encode()))[0] == text


@given(TEXT, STOPS, st.data())
@example("xabcdx", ("abcd", "c"), None).via("the short one is complete before the long one")
def test_stop_strings(text: str, stops: tuple[str, ...], data: st.DataObject | None) -> None:
    raw = text.encode()
    stream = TextStream(stops)
    whole, shown = run(stream, [raw] if data is None else pieces(data, raw))
    assert whole == expected(text, stops)
    assert stream.stopped == any(stop in text for stop in stops)
    assert not any(stop in whole for stop in stops)
    for end in range(len(shown)):  # and nothing had to be taken back
        assert whole.startswith("".join(shown[:end]))


@given(TEXT, STOPS)
def test_nothing_comes_after_a_stop(text: str, stops: tuple[str, ...]) -> None:
    stream = TextStream(stops)
    stream.feed(text.encode())
    if stream.stopped:
        assert stream.feed(b"more") == ""
        assert stream.finish() == ""


@given(TEXT, st.sampled_from("é漢🦙"), st.data())
def test_an_unfinished_character_is_dropped(text: str, last: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(last.encode()) - 1))
    raw = text.encode() + last.encode()[:cut]
    assert run(TextStream(), pieces(data, raw))[0] == text


@pytest.mark.parametrize(
    ("raw", "text"), [(b"a\xffb", "a\ufffdb"), (b"\xc3(", "\ufffd("), (b"\xed\xa0\x80!", "\ufffd" * 3 + "!")]
)
def test_bytes_that_are_no_text_show_as_such(raw: bytes, text: str) -> None:
    assert run(TextStream(), [raw])[0] == text
    assert run(TextStream(), [bytes([byte]) for byte in raw])[0] == text


def test_text_is_held_back_no_longer_than_needed() -> None:
    stream = TextStream(("\n\n",))
    assert [stream.feed(chunk) for chunk in (b"a", b"\n", b"b\n", b"c")] == ["a", "", "\nb", "\nc"]


def test_empty_stop_strings_stop_nothing() -> None:
    assert run(TextStream(("",)), [b"text"])[0] == "text"
