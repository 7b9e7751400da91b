from dataclasses import replace

from prompts import infos

from coder_tui.prompts.markers import stop_strings, stop_tokens


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
