from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from coder_tui.core.document import to_lf
from coder_tui.core.standins import held, is_holdable, released, seen

TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\x0c\x1b\x85\u2028\u202e\udc80\r\n\t"))


@given(TEXTS)
@example("a\x1b[31mb\u202ec\udcff\f\n")
def test_a_text_comes_back_as_it_was(text: str) -> None:
    if is_holdable(text):
        assert released(held(text)) == to_lf(text)


@given(TEXTS)
def test_each_character_has_its_place(text: str) -> None:
    assert len(held(text)) == len(seen(held(text))) == len(to_lf(text))


@given(TEXTS)
def test_nothing_that_controls_a_terminal_is_drawn(text: str) -> None:
    if is_holdable(text):
        drawn = seen(held(text)).replace("\n", "").replace("\t", "")
        assert all(unicodedata.category(character) not in {"Cc", "Zl", "Zp"} for character in drawn)
        assert not set(drawn) & set("\u202a\u202e\u2066\u2069")
        assert not any("\udc80" <= character <= "\udcff" for character in drawn)


@given(TEXTS)
def test_lines_end_where_everybody_thinks_they_do(text: str) -> None:
    if is_holdable(text):
        kept = held(text)
        assert kept.splitlines() == kept.split("\n")[: None if kept and kept[-1] != "\n" else -1]


def test_what_is_drawn() -> None:
    assert seen(held("\x1b\x00\x7f\x85")) == "␛␀␡·"


def test_a_text_with_stand_ins_of_its_own_is_not_taken() -> None:
    assert not is_holdable("\U0010f001")
    assert is_holdable("\U0010fffd")
