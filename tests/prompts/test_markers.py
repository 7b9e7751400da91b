from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from prompts import infos

from coder_tui.prompts.markers import MARKER, MARKERS, as_text, cut, stop_strings, stop_tokens


def test_every_marker_of_the_vocabulary_stops() -> None:
    assert stop_tokens(infos.QWEN) == frozenset(infos.QWEN.specials.values())
    assert stop_tokens(infos.CODESTRAL) == frozenset(infos.CODESTRAL.specials.values())


def test_tokens_that_mark_nothing_do_not_stop() -> None:
    assert 109 not in stop_tokens(infos.CODEGEMMA)
    assert 99 not in stop_tokens(replace(infos.QWEN, specials={"<tool_call>": 99}))


def test_metadata_and_end_of_text_stop() -> None:
    assert stop_tokens(replace(infos.PLAIN, specials={}, eos_token=5, fim_ids={"pre": 7, "rep": 8})) == {5, 7, 8}


def test_stop_strings_leave_honest_text_alone() -> None:
    assert {"<|fim_middle|>", "<｜fim▁hole｜>", "<file_sep>", "<|EOT|>"} <= set(stop_strings())
    assert not {"<s>", "<PRE>", "<filename>", "[PREFIX]"} & set(stop_strings())


def test_cut() -> None:
    assert cut("a = 1<|fim_middle|>b") == "a = 1"
    assert cut("a < b | c") == "a < b | c"


@given(st.lists(st.sampled_from([*MARKERS, "x", "<", "|", "▁", "<|"]), max_size=8).map("".join))
def test_text_cannot_become_a_token(text: str) -> None:
    segments = as_text(text)
    assert "".join(segment.text for segment in segments) == text
    for segment in segments:
        assert segment.text
        assert segment.token is None
        assert MARKER.search(segment.text) is None
