"""Files that llama.cpp must not see."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_tui.core.errors import WeightsError
from coder_tui.weights import gguf_file
from coder_tui.weights.gguf_reader import BadGgufError, read_structure


def refused(path: Path, words: str) -> None:
    with pytest.raises(WeightsError, match=words) as caught:
        gguf_file.inspect(path)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b"GG", "does not begin with GGUF"),
        (b"PK\3\4" + bytes(100), "does not begin with GGUF"),
        (b"GGUF", "cut short"),
        (struct.pack("<4sIQQ", b"GGUF", 1, 0, 0), "version 1 is not known"),
        (struct.pack(">4sIQQ", b"GGUF", 3, 0, 0), "big-endian"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 1 << 60, 0), "claims 1152921504606846976 tensors"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 1 << 40), "settings in 24 bytes"),
        (struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, 1 << 62), "has a length of"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 0), "no tokenizer"),
    ],
)
def test_things_that_are_no_gguf_file(make_gguf: Callable[..., Path], raw: bytes, words: str) -> None:
    refused(make_gguf(raw=raw), f"is not a usable GGUF file: .*{words}")


def test_a_truncated_file_says_how_much_is_there(make_gguf: Callable[..., Path]) -> None:
    whole = make_gguf().read_bytes()
    refused(make_gguf(raw=whole[:-1]), rf"cut short \(has {len(whole) - 1} of {len(whole)} bytes\)")


def test_every_truncation_is_noticed(make_gguf: Callable[..., Path]) -> None:
    whole = make_gguf().read_bytes()
    for length in range(0, len(whole), 97):
        with pytest.raises(BadGgufError):
            read_structure(whole[:length], length)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("llama.block_count", None, "'llama.block_count' is missing"),
        ("llama.block_count", 0, "is 0"),
        ("llama.block_count", 513, "is 513"),
        ("llama.context_length", "long", "is missing"),
        ("llama.context_length", 1 << 31, "is 2147483648"),
        ("llama.embedding_length", 1 << 30, "is 1073741824"),
        ("llama.attention.head_count", None, "head_count' is missing"),
        ("llama.attention.head_count", 0, "impossible values"),
        ("llama.attention.head_count", 5, "shared out"),
        ("llama.attention.head_count_kv", 3, "shared out among its key-value heads"),
        ("llama.attention.head_count_kv", 8, "shared out among its key-value heads"),
        ("llama.attention.layer_norm_rms_epsilon", -1.0, "is -1.0"),
        ("llama.attention.layer_norm_rms_epsilon", float("nan"), "is nan"),
        ("llama.rope.dimension_count", 7, "is 7"),
        ("llama.rope.dimension_count", 64, "is 64"),
        ("llama.rope.freq_base", 0.0, "is 0.0"),
        ("llama.rope.scaling.type", "odd", "is 'odd'"),
        ("llama.expert_count", 4, "4 experts"),
        ("llama.expert_used_count", 2, "0 experts, of which 2"),
        ("llama.attention.causal", False, "embedding model"),
        ("llama.nextn_predict_layers", 2, "nextn_predict_layers"),
        ("general.architecture", None, "what architecture"),
        ("general.architecture", "clip", "no language model but clip"),
        ("general.type", "adapter", "no language model but adapter"),
        ("general.alignment", 24, "alignment is 24"),
        ("general.alignment", 0, "alignment is 0"),
        ("split.count", 3, "one part of several"),
        ("tokenizer.ggml.model", None, "no tokenizer"),
        ("tokenizer.ggml.model", "no_vocab", "no tokenizer"),
        ("tokenizer.ggml.model", "gpt2", "no merges"),
        ("tokenizer.ggml.tokens", None, "no list of tokens"),
        ("tokenizer.ggml.tokens", ("array", (5, [1, 2])), "no list of tokens"),
        ("tokenizer.ggml.tokens", ("array", (8, ["a"])), "does not go with its 1 tokens"),
        ("tokenizer.ggml.token_type", ("array", (5, [1])), "token_type list does not go"),
        ("tokenizer.ggml.token_type", ("array", (6, [1.0] * 262)), "token_type list does not go"),
        ("tokenizer.ggml.scores", ("array", (6, [1.0])), "scores list does not go"),
        ("tokenizer.ggml.bos_token_id", 262, "bos_token_id' names no token"),
        ("tokenizer.ggml.eos_token_id", "x", "eos_token_id' names no token"),
        ("tokenizer.ggml.fim_pre_token_id", 1 << 31, "fim_pre_token_id' names no token"),
    ],
)
def test_settings_that_llama_cpp_would_not_survive(
    make_gguf: Callable[..., Path], tiny: dict[str, Any], key: str, value: Any, words: str
) -> None:
    tiny[key] = value
    refused(make_gguf(metadata={k: v for k, v in tiny.items() if v is not None}), words)


def test_alike_tokens_and_missing_bytes(make_gguf: Callable[..., Path], tiny: dict[str, Any]) -> None:
    tokens = list(tiny["tokenizer.ggml.tokens"][1][1])
    tiny["tokenizer.ggml.tokens"] = ("array", (8, [*tokens[:-1], "<s>"]))
    refused(make_gguf(metadata=tiny), "two of its tokens have the same text")
    tiny["tokenizer.ggml.tokens"] = ("array", (8, ["x", *tokens[1:]]))
    refused(make_gguf(metadata=tiny), "no token for the byte 0")


def test_a_setting_that_is_there_twice(make_gguf: Callable[..., Path]) -> None:
    refused(make_gguf(extra_pairs=[("general.name", "again")]), "'general.name' is there twice")


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ({"blk.0.attn_q.weight": 4}, "unknown type 4"),
        ({"blk.0.attn_q.weight": 999}, "unknown type 999"),
        ({"blk.0.attn_q.weight": 12}, "type Q4_K has the impossible shape 32 x 32"),
        ({"blk.0.attn_q.weight": 26}, "is I32, which is not a type for weights"),
        ({"output_norm.weight": 1}, "it should be at"),
    ],
)
def test_tensor_types(make_gguf: Callable[..., Path], types: dict[str, int], words: str) -> None:
    refused(make_gguf(types=types), words)


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({}, "a vocabulary but no weights"),
        ({"output_norm.weight": (32,)}, "no embedding of 32 numbers for each of its 262 tokens"),
        ({"token_embd.weight": (32, 261)}, "no embedding"),
        ({"x" * 64: (32,)}, "has a length of 64"),
        ({"": (32,)}, "has a length of 0"),
        ({"a": (1, 1, 1, 1, 1)}, "5 dimensions"),
        ({"a": ()}, "0 dimensions"),
        ({"a": (0,)}, "impossible shape 0"),
    ],
)
def test_tensors(make_gguf: Callable[..., Path], tensors: dict[str, tuple[int, ...]], words: str) -> None:
    refused(make_gguf(tensors=tensors), words)


def test_a_norm_that_is_not_f32(make_gguf: Callable[..., Path]) -> None:
    refused(
        make_gguf(tensors={"token_embd.weight": (32, 262), "z.weight": (32,)}, types={"z.weight": 1}), "should be F32"
    )


def test_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "is not a file")
    refused(tmp_path, "is not a file")
    refused(tmp_path / "none", "there is no file")


def test_200_mutations_are_read_or_refused(make_gguf: Callable[..., Path]) -> None:
    whole = make_gguf().read_bytes()
    header_end = gguf_file.read(make_gguf()).data_offset
    chance = random.Random(200)
    refusals = 0
    for _ in range(200):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(header_end)] = chance.randrange(256)
        try:
            gguf_file.inspect(make_gguf(raw=bytes(changed)))
        except WeightsError:
            refusals += 1
    assert 0 < refusals < 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for raw in (data, struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + data):
        try:
            header = read_structure(raw, len(raw))
        except BadGgufError:
            continue
        assert header.size_bytes == len(raw)
