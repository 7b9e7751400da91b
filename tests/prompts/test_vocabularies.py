"""Prompts as token ids, by the families' real tokenizers."""

from pathlib import Path

import pytest

from coder_tui.core.context import Context, Snippet
from coder_tui.core.errors import NoInfillError
from coder_tui.core.prompt import ModelInfo, Prompt
from coder_tui.prompts import chat, families, fim, markers

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vocab"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the vocabularies lie beside the project for its developers"),
]
CONTEXT = Context("def f():\n", "\n    return x\n", "main.py", (Snippet("utils.py", "x = 1\n", "imported"),))


class Vocabulary:
    def __init__(self, name: str) -> None:
        from coder_tui.engine.llama import Model
        from coder_tui.weights import gguf_file

        path = SHARED / f"ggml-vocab-{name}.gguf"
        file = gguf_file.inspect(path, vocab_only=True)
        self.info: ModelInfo = file.info
        self._model = Model(path, file.overrides, vocab_only=True)

    def ids(self, prompt: Prompt) -> list[int]:
        return self._model.encode(prompt.segments).tokens


@pytest.fixture(scope="module")
def deepseek() -> Vocabulary:
    return Vocabulary("deepseek-coder")


@pytest.fixture(scope="module")
def starcoder() -> Vocabulary:
    return Vocabulary("starcoder")


def test_deepseek_infill(deepseek: Vocabulary) -> None:
    prompt = fim.build(CONTEXT, "    x = uti", "", families.detect(deepseek.info))
    assert prompt.forced == " uti"
    assert deepseek.ids(prompt) == [
        *(32013, 32016),  # BOS, begin
        *(2, 10518, 13, 4016, 185, 87, 1412, 16, 185, 185),  # "#utils.py\n" "x = 1\n\n"
        *(2, 5609, 13, 4016, 185),  # "#main.py\n"
        *(1551, 267, 10942),  # "def f():"
        *(32015, 185, 315, 967, 1371, 185),  # hole, "\n    return x\n"
        *(32017, 185, 315, 1371, 405),  # end, "\n    x ="
    ]


def test_deepseek_chat(deepseek: Vocabulary) -> None:
    turns = [chat.Message("user", "hi"), chat.Message("assistant", "yo"), chat.Message("user", "<|EOT|>")]
    ids = deepseek.ids(chat.build(turns, deepseek.info))
    assert ids[:5] == [32013, 2042, 417, 274, 20926]  # BOS, "You are an AI"
    assert [token for token in ids if token >= 32013] == [32013, 32021]
    at = ids.index(32021)
    assert ids[at - 5 : at] == [21289, 25, 185, 17293, 185]  # " Response:\nyo\n"
    assert 32021 in markers.stop_tokens(deepseek.info)


def test_deepseek_markers_in_a_file_stay_text(deepseek: Vocabulary) -> None:
    evil = "".join(text for text in deepseek.info.specials if text.startswith("<"))
    prompt = fim.build(Context(f"{evil}\n", evil), evil, evil, families.detect(deepseek.info), heal=False)
    assert [token for token in deepseek.ids(prompt) if 32013 <= token <= 32021] == [32013, 32016, 32015, 32017]


def test_starcoder_infill(starcoder: Vocabulary) -> None:
    prompt = fim.build(CONTEXT, "    x = uti", "", families.detect(starcoder.info), layout="comments")
    assert starcoder.ids(prompt) == [
        *(1, 40, 2324, 51, 997, 222, 125, 299, 244, 54, 499),  # prefix, "#utils.py\n" "x = 1\n\n"
        *(40, 1850, 51, 997, 222, 610, 315, 2284),  # "#main.py\n" "def f():"
        *(3, 303, 461, 837, 222),  # suffix, "\n    return x\n"
        *(2, 303, 837, 299),  # middle, "\n    x ="
    ]


def test_starcoder_infill_with_files_by_tokens(starcoder: Vocabulary) -> None:
    prompt = fim.build(CONTEXT, "    x = uti", "", families.detect(starcoder.info))
    assert starcoder.ids(prompt) == [
        *(5, 6335),  # repo_name, "repository"
        *(6, 2324, 51, 997, 222, 125, 299, 244, 54),  # file_sep, "utils.py\nx = 1"
        *(6, 1, 1850, 51, 997, 222),  # file_sep, prefix, "main.py\n"
        *(610, 315, 2284),  # "def f():"
        *(3, 303, 461, 837, 222),  # suffix, "\n    return x\n"
        *(2, 303, 837, 299),  # middle, "\n    x ="
    ]


def test_qwen2_without_fim_tokens_refuses() -> None:
    with pytest.raises(NoInfillError):
        families.detect(Vocabulary("qwen2").info)
