from dataclasses import replace

import pytest
from prompts import infos

from coder_tui.core.errors import NoInfillError
from coder_tui.core.prompt import ModelInfo, Segment
from coder_tui.prompts.families import Order, detect


@pytest.mark.parametrize(
    ("info", "family", "prefix", "suffix", "middle", "bos"),
    [
        (infos.DEEPSEEK, "DeepSeek Coder", 32016, 32015, 32017, 32013),
        (infos.DEEPSEEK2, "DeepSeek Coder", 100003, 100002, 100004, 100000),
        (infos.QWEN, "Qwen2.5-Coder", 151659, 151661, 151660, None),
        (infos.STARCODER, "StarCoder", 1, 3, 2, None),
        (infos.STARCODER2, "StarCoder2", 1, 3, 2, None),
        (infos.CODELLAMA, "CodeLlama", 32007, 32008, 32009, 1),
        (infos.CODEGEMMA, "CodeGemma", 67, 69, 68, 2),
        (infos.CODESTRAL, "Codestral", 10, 12, None, 1),
    ],
    ids=lambda value: value.name if isinstance(value, ModelInfo) else None,
)
def test_by_token_text(
    info: ModelInfo, family: str, prefix: int, suffix: int, middle: int | None, bos: int | None
) -> None:
    dialect = detect(info)
    assert dialect.family == family
    assert (dialect.prefix.token, dialect.suffix.token) == (prefix, suffix)
    assert (dialect.middle.token if dialect.middle else None) == middle
    assert (dialect.bos.token if dialect.bos else None) == bos
    assert dialect.order is (Order.SPM if family == "Codestral" else Order.PSM)


def test_metadata_goes_before_text() -> None:
    named = replace(infos.QWEN, fim_ids={"pre": 7, "suf": 8, "mid": 9})
    dialect = detect(named)
    assert (dialect.prefix.token, dialect.suffix.token) == (7, 8)
    assert dialect.middle == Segment("<middle>", 9)


def test_metadata_that_names_a_family_keeps_its_quirks() -> None:
    named = replace(infos.CODELLAMA, fim_ids={"pre": 32007, "suf": 32008, "mid": 32009}, add_bos=False)
    assert detect(named) == detect(infos.CODELLAMA)
    assert detect(named).lead == " "


def test_half_a_set_of_metadata_is_not_enough() -> None:
    assert detect(replace(infos.DEEPSEEK, fim_ids={"pre": 7})) == detect(infos.DEEPSEEK)


def test_repository_tokens() -> None:
    assert detect(infos.QWEN).file_separator == Segment("<|file_sep|>", 151664)
    assert detect(infos.QWEN).repository == Segment("<|repo_name|>", 151663)
    assert detect(infos.STARCODER2).file_separator == Segment("<file_sep>", 6)
    assert detect(infos.CODEGEMMA).file_separator == Segment("<|file_separator|>", 70)
    assert detect(infos.DEEPSEEK).file_separator is None


def test_without_tokens_one_line_says_which_models_can() -> None:
    with pytest.raises(NoInfillError) as caught:
        detect(infos.PLAIN)
    assert "\n" not in str(caught.value)
    assert "llama-7b" in str(caught.value)
    assert "DeepSeek Coder" in str(caught.value)
    assert caught.value.hint is not None
    assert "coder models" in caught.value.hint


def test_the_preview_format_puts_the_middle_marker_into_the_hole() -> None:
    dialect = detect(infos.STARCODER, "deepseek-preview")
    assert (dialect.prefix.token, dialect.suffix.token) == (1, 2)
    assert dialect.middle == Segment("<fim_suffix>", 3)


def test_the_preview_format_is_text_where_the_vocabulary_has_no_such_tokens() -> None:
    dialect = detect(infos.DEEPSEEK, "deepseek-preview")
    assert dialect.prefix == Segment("<fim_prefix>")
    assert dialect.suffix == Segment("<fim_middle>")
    assert dialect.middle == Segment("<fim_suffix>")
    assert dialect.bos == Segment("<｜begin▁of▁sentence｜>", 32013)
