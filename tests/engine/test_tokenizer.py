"""Text to tokens: as llama.cpp's own tests have it, and special tokens only where they were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_tui.core.prompt import Segment
from coder_tui.engine.llama import Model
from coder_tui.engine.spelling import openings
from coder_tui.weights.gguf_file import model_info
from coder_tui.weights.special_tokens import SPECIAL_TEXTS

VOCABULARIES = ("deepseek-coder", "qwen2", "starcoder")
DEEPSEEK_OVERRIDE = {"tokenizer.ggml.pre": "deepseek-coder"}
PREFIX = "def quick_sort(arr):\n    if len(arr) <= 1:\n        return arr\n    pivot = arr[0]\n"
PREFIX_IDS = [
    *(1551, 3383, 62, 14355, 7, 3046, 1772, 185, 315, 562, 10405, 7, 3046, 8, 22322, 16, 25, 185),
    *(436, 967, 5369, 185, 315, 265, 27104, 405, 5369, 58, 15, 60, 185),
]
SUFFIX = "\n    return quick_sort(left) + [pivot] + quick_sort(right)"
SUFFIX_IDS = [185, 315, 967, 3383, 62, 14355, 7, 1349, 8, 945, 821, 79, 27104, 60, 945, 3383, 62, 14355, 7, 1031, 8]
"""Computed from the vocabulary's merges by hand-written byte pair encoding, not by llama.cpp."""
HTML = "</s>"
"""A token of ordinary text in Qwen2, the end of a text elsewhere."""
CONTROLS = sorted({*SPECIAL_TEXTS, *tiny.DEEPSEEK, *tiny.QWEN, "<pad>", "[PAD32022]", "<s>", "<|User|>"} - {HTML})
ASSIGNED = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=8)
"""StarCoder's vocabulary lacks bytes that only unassigned characters have."""
MIXED = st.lists(st.sampled_from(CONTROLS) | st.text("a<|>_ ｜▁\n") | ASSIGNED, max_size=6).map("".join)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def _load(path: Path) -> Model:
    return Model(path, {}, vocab_only=True)


@pytest.fixture(params=VOCABULARIES)
def vocabulary(request: pytest.FixtureRequest, shared: Path) -> Path:
    path = shared / "vocab" / f"ggml-vocab-{request.param}.gguf"
    return path if path.is_file() else pytest.fail(f"{path} is missing")


@pytest.fixture(params=["llama", "gemma"])
def sentencepiece(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    path = tmp_path_factory.mktemp("spm") / f"{request.param}.gguf"
    model = Model(tiny.sentencepiece(path, add_space=request.param == "llama"), {}, vocab_only=True)
    yield model
    model.close()


def cases(vocabulary: Path) -> list[tuple[str, list[int]]]:
    texts = vocabulary.with_name(vocabulary.name + ".inp").read_text(encoding="utf-8")
    ids = vocabulary.with_name(vocabulary.name + ".out").read_text(encoding="utf-8")
    wanted = [[int(number) for number in line.split()] for line in ids.splitlines()]
    return list(zip(texts.split("\n__ggml_vocab_test__\n")[:-1], wanted, strict=True))


def tokens(model: Model, text: str) -> list[int]:
    return model.encode((Segment(text),)).tokens


def spelled(model: Model, ids: list[int]) -> str:
    return b"".join(map(model.piece, ids)).decode()


@cache
def no_text(path: Path) -> frozenset[int]:
    """Ids of the tokens that stand for no text. A user-defined token of one character is a letter."""
    specials = model_info(path, vocab_only=True).specials
    return frozenset(token for text, token in specials.items() if len(text) > 1 and text != HTML)


@pytest.mark.shared
def test_the_cases_of_llama_cpp(vocabulary: Path) -> None:
    model, known = _load(vocabulary), cases(vocabulary)
    assert len(known) > 40
    assert [tokens(model, text) for text, _ in known] == [wanted for _, wanted in known]


@pytest.mark.shared
@MANY
@given(MIXED)
def test_markers_in_text_stay_text(vocabulary: Path, text: str) -> None:
    model = _load(vocabulary)
    ids = tokens(model, text)
    assert not no_text(vocabulary).intersection(ids)
    assert spelled(model, ids) == text


@pytest.mark.shared
def test_no_marker_is_a_token_by_its_text(vocabulary: Path) -> None:
    model = _load(vocabulary)
    for marker in CONTROLS:
        ids = tokens(model, f"a{marker}{marker}\n{marker}")
        assert not no_text(vocabulary).intersection(ids), marker
        assert spelled(model, ids) == f"a{marker}{marker}\n{marker}"


@pytest.mark.shared
def test_with_what_a_text_begins(vocabulary: Path) -> None:
    """Healing spells a text so: a run of spaces whole, or but for the one that belongs to the next word."""
    model = _load(vocabulary)
    assert openings(b" " * 12, model) == {b" " * 11, b" " * 12}
    assert openings(b"\t\t\t", model) == {b"\t\t", b"\t\t\t"}
    assert openings(b" retu", model) == {b" ret"}
    assert openings("\u00e4".encode()[:1], model) == ()


@pytest.mark.shared
def test_the_fim_prompt_of_deepseek_coder(shared: Path) -> None:
    model = _load(shared / "vocab" / "ggml-vocab-deepseek-coder.gguf")
    segments = (
        Segment("<｜begin▁of▁sentence｜>", 32013),
        Segment("<｜fim▁begin｜>", 32016),
        Segment(PREFIX),
        Segment("<｜fim▁hole｜>", 32015),
        Segment(SUFFIX),
        Segment("<｜fim▁end｜>", 32017),
    )
    assert model.encode(segments).tokens == [32013, 32016, *PREFIX_IDS, 32015, *SUFFIX_IDS, 32017]


@pytest.mark.shared
def test_characters_that_are_tokens_of_their_own(shared: Path) -> None:
    """DeepSeek Coder's vocabulary has thirteen letters as user-defined tokens, and they are meant to be used."""
    model = _load(shared / "vocab" / "ggml-vocab-deepseek-coder.gguf")
    assert tokens(model, "õÁö") == [32000, 32002, 32011]
    assert spelled(model, [32000, 32002, 32011]) == "õÁö"


@pytest.mark.shared
def test_a_deepseek_file_that_does_not_name_its_pretokenizer(shared: Path, tmp_path: Path) -> None:
    original = shared / "vocab" / "ggml-vocab-deepseek-coder.gguf"
    nameless = tmp_path / "nameless.gguf"
    nameless.write_bytes(original.read_bytes().replace(b"tokenizer.ggml.pre", b"tokenizer.ggml.prx", 1))
    known = cases(original)
    mended = Model(nameless, DEEPSEEK_OVERRIDE, vocab_only=True)
    assert [tokens(mended, text) for text, _ in known] == [wanted for _, wanted in known]
    mended.close()
    broken = Model(nameless, {}, vocab_only=True)
    assert [tokens(broken, text) for text, _ in known] != [wanted for _, wanted in known]
    broken.close()


@pytest.mark.shared
def test_a_very_long_word(vocabulary: Path) -> None:
    """std::regex, which some pre-tokenizers run on, overruns the stack at some 30,000 letters."""
    model = _load(vocabulary)
    for letter in "a漢 .\u0301":
        assert spelled(model, tokens(model, letter * 60_000)) == letter * 60_000


@pytest.mark.shared
def test_only_the_long_part_is_cut(vocabulary: Path) -> None:
    model = _load(vocabulary)
    line = "    return self.value\n"
    assert tokens(model, line + "x" * 400 + line) == model._tokenize(line + "x" * 400 + line)


@MANY
@given(MIXED)
def test_sentencepiece_gives_the_text_and_no_space_before_it(sentencepiece: Model, text: str) -> None:
    ids = tokens(sentencepiece, text)
    assert spelled(sentencepiece, ids) == text.replace("▁", " ")  # what SentencePiece writes a space with
    assert not {0, 1, 2}.intersection(ids)


@pytest.mark.parametrize("text", ["a", " a", "\na", "\n\na", "\n", " ", "", "\n\n\n"])
def test_sentencepiece_at_line_ends(sentencepiece: Model, text: str) -> None:
    assert spelled(sentencepiece, tokens(sentencepiece, text)) == text


def test_text_is_tokenized_once(tiny_deepseek: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(tiny_deepseek, {}, vocab_only=True)
    first = tokens(model, "def f():\n")
    monkeypatch.setattr(model, "_tokenize", None)
    assert tokens(model, "def f():\n") == first


@pytest.mark.parametrize("cut_off", ["", "\n", " \n\n"])
def test_what_a_model_has_written_stays_in_its_tokens(tiny_deepseek: Path, cut_off: str) -> None:
    """They are not always those of the tokenizer; chat templates cut off white space behind an answer."""
    model = Model(tiny_deepseek, {}, vocab_only=True)
    written = [token for part in ("Answer:", "ret", "urn", " x", cut_off) for token in tokens(model, part)]
    text = "Answer:return x"
    assert tokens(model, text) != written
    model.remember(text + cut_off, written)
    bare = written[: len(written) - len(tokens(model, cut_off))]
    again = model.encode((Segment(f"{text}\nAnd now?"),), is_chat=True).tokens
    assert again == [*bare, *tokens(model, "\nAnd now?")]
    assert model.encode((Segment(f"{text}\nAnd now?"),)).tokens != again, "elsewhere nobody has written it"
    model.close()


def test_a_lone_surrogate_is_a_question_mark(tiny_deepseek: Path) -> None:
    model = _load(tiny_deepseek)
    assert spelled(model, tokens(model, "a\udce9b")) == "a?b"


def test_no_marker_spells_text(tiny_deepseek: Path) -> None:
    model = _load(tiny_deepseek)
    allowed = {model.piece(token) for token in model.vocabulary().compatible(b"<")}
    assert allowed == {b"<"}
