"""Reading GGUF files: what they say."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coder_tui.core.errors import WeightsError
from coder_tui.weights import gguf_file, memory
from coder_tui.weights.gguf_reader import Array


def test_the_header_says_what_was_written(make_gguf: Callable[..., Path]) -> None:
    header = gguf_file.read(make_gguf())
    assert header.version == 3
    assert header.text("general.name") == "tiny"
    assert header.integer("llama.context_length") == 128
    assert header.metadata["llama.attention.layer_norm_rms_epsilon"] == pytest.approx(1e-5)
    tokens = header.metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, Array)
    assert tokens.count == 262
    assert header.tensor_count == 11
    assert header.tensors[0].shape == (32, 262)
    assert header.tensors[0].size_bytes == 32 * 262 * 4
    assert header.data_offset % 32 == 0
    last = header.tensors[-1]
    assert header.data_offset + last.offset + last.size_bytes == header.size_bytes


def test_the_gguf_package_reads_the_same(make_gguf: Callable[..., Path]) -> None:
    from gguf import GGUFReader

    path = make_gguf()
    ours, theirs = gguf_file.read(path), GGUFReader(path)
    assert [(t.name, t.type_id, t.size_bytes) for t in ours.tensors] == [
        (t.name, int(t.tensor_type), int(t.n_bytes)) for t in theirs.tensors
    ]
    assert ours.data_offset == theirs.data_offset
    assert set(ours.metadata) == {key for key in theirs.fields if not key.startswith("GGUF.")}


def test_version_2_is_read(make_gguf: Callable[..., Path]) -> None:
    assert gguf_file.read(make_gguf(version=2)).version == 2


def test_what_prompts_need(make_gguf: Callable[..., Path]) -> None:
    path = make_gguf()
    info = gguf_file.model_info(path)
    assert (info.name, info.architecture, info.context_length, info.vocab_size) == ("tiny", "llama", 128, 262)
    assert (info.add_bos, info.bos_token, info.eos_token) == (True, 256, 257)
    assert info.specials == {"<s>": 256, "</s>": 257, "▁<PRE>": 258, "▁<SUF>": 259, "▁<MID>": 260, "▁<EOT>": 261}
    assert info.fim_ids == {}
    assert info.chat_template is None
    assert info.size_bytes == path.stat().st_size
    assert gguf_file.fim_tokens(info) == {"pre": 258, "suf": 259, "mid": 260}


def test_a_file_without_a_name_has_the_files(make_gguf: Callable[..., Path], tiny: dict[str, Any]) -> None:
    del tiny["general.name"]
    assert gguf_file.model_info(make_gguf(metadata=tiny, name="mine.gguf")).name == "mine"


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        ({"fim_pre": 5, "fim_suf": 6, "fim_mid": 7, "fim_rep": 8}, {"pre": 5, "suf": 6, "mid": 7, "rep": 8}),
        ({"prefix": 5, "suffix": 6, "middle": 7}, {"pre": 5, "suf": 6, "mid": 7}),
        ({"fim_pre": 5, "prefix": 9}, {"pre": 5}),
        ({"fim_pad": 4_000_000}, {}),
    ],
)
def test_fim_tokens_that_the_metadata_names(
    make_gguf: Callable[..., Path], tiny: dict[str, Any], keys: dict[str, int], ids: dict[str, int]
) -> None:
    tiny.update({f"tokenizer.ggml.{name}_token_id": token for name, token in keys.items()})
    assert gguf_file.model_info(make_gguf(metadata=tiny)).fim_ids == ids


def gpt2(tiny: dict[str, Any], count: int = 262) -> dict[str, Any]:
    tiny["tokenizer.ggml.model"] = "gpt2"
    tiny["tokenizer.ggml.merges"] = ("array", (8, ["a b"]))
    tokens = [f"t{n}" for n in range(count)]
    tiny["tokenizer.ggml.tokens"] = ("array", (8, tokens))
    for key in ("scores", "token_type"):
        del tiny[f"tokenizer.ggml.{key}"]
    return tiny


@pytest.mark.parametrize(("said", "add_bos"), [(None, False), (True, True), (False, False)])
def test_bos_of_a_bpe_vocabulary(
    make_gguf: Callable[..., Path], tiny: dict[str, Any], said: bool | None, add_bos: bool
) -> None:
    gpt2(tiny)
    if said is not None:
        tiny["tokenizer.ggml.add_bos_token"] = said
    assert gguf_file.model_info(make_gguf(metadata=tiny)).add_bos is add_bos


def test_bos_of_a_llama_3_vocabulary(make_gguf: Callable[..., Path], tiny: dict[str, Any]) -> None:
    gpt2(tiny)["tokenizer.ggml.pre"] = "llama-bpe"
    assert gguf_file.model_info(make_gguf(metadata=tiny)).add_bos


def test_a_deepseek_v1_file_without_pretokenizer_gets_one(make_gguf: Callable[..., Path], tiny: dict[str, Any]) -> None:
    gpt2(tiny, 32256)
    tokens = [f"t{n}" for n in range(32256)]
    tokens[32015] = "<｜fim▁hole｜>"
    tiny["tokenizer.ggml.tokens"] = ("array", (8, tokens))
    path = make_gguf(metadata=tiny, tensors={})
    assert gguf_file.overrides(path, vocab_only=True) == {"tokenizer.ggml.pre": "deepseek-coder"}
    tiny["tokenizer.ggml.pre"] = "deepseek-llm"
    assert gguf_file.overrides(make_gguf(metadata=tiny, tensors={}), vocab_only=True) == {}


def test_others_need_no_override(make_gguf: Callable[..., Path]) -> None:
    assert gguf_file.overrides(make_gguf()) == {}


def test_memory_of_the_cache(make_gguf: Callable[..., Path], tiny: dict[str, Any]) -> None:
    assert memory.cache_bytes_per_token(gguf_file.read(make_gguf())) == 2 * (8 + 8) * 2
    tiny["llama.attention.key_length"], tiny["llama.attention.value_length"] = 16, 4
    assert memory.cache_bytes_per_token(gguf_file.read(make_gguf(metadata=tiny))) == 2 * (16 + 4) * 2
    assert memory.parameter_count(gguf_file.read(make_gguf())) == 32 * 262 + 3 * 32 + 2 * 32 * 16 + 5 * 32 * 32


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "bos", "eos", "add_bos", "fim"),
    [
        ("deepseek-coder", 32013, 32014, True, {"pre": 32016, "suf": 32015, "mid": 32017}),
        ("qwen2", 151643, 151643, False, {}),
        ("starcoder", 0, 0, False, {"pre": 1, "suf": 3, "mid": 2}),
    ],
)
def test_real_vocabularies(shared: Path, name: str, bos: int, eos: int, add_bos: bool, fim: dict[str, int]) -> None:
    path = shared / "vocab" / f"ggml-vocab-{name}.gguf"
    info = gguf_file.model_info(path, vocab_only=True)
    assert (info.bos_token, info.eos_token, info.add_bos) == (bos, eos, add_bos)
    assert gguf_file.fim_tokens(info) == fim
    with pytest.raises(WeightsError, match="a vocabulary but no weights"):
        gguf_file.inspect(path)


@pytest.mark.model
def test_the_starter_is_read_in_150_ms(starter_model: Path) -> None:
    path = starter_model
    best = min(timed(path) for _ in range(5))
    assert best < 0.15
    info = gguf_file.model_info(path)
    assert info.specials["<|fim_prefix|>"] == 151659
    assert info.specials["</s>"] == 128247
    assert gguf_file.quantization(gguf_file.read(path)) == "Q4_K_M"


def timed(path: Path) -> float:
    begin = time.perf_counter()
    gguf_file.read(path)
    return time.perf_counter() - begin
