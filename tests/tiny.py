"""Tiny random models: real GGUF files of a few hundred kilobytes, with a byte-level vocabulary, that llama.cpp runs.

What they generate is noise, but everything else is real: loading, tokenizing, the KV cache, cancelling, crashing.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np

DEEPSEEK = (
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜fim▁hole｜>",
    "<｜fim▁begin｜>",
    "<｜fim▁end｜>",
    "<|EOT|>",
)
QWEN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
)
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_WORDS = ("return", "def", "self", "print", "    ", "        ", "(x)", " return", " foo", "retu", "==", " =")


def byte_alphabet() -> dict[int, str]:
    """GPT-2's way of writing bytes as printable characters."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = {byte: chr(byte) for byte in plain}
    rest = (byte for byte in range(256) if byte not in alphabet)
    return alphabet | {byte: chr(256 + index) for index, byte in enumerate(rest)}


def vocabulary(specials: Sequence[str]) -> tuple[list[str], list[int], list[str]]:
    """Tokens, their types, and merges: all bytes, the words of _WORDS, then the special tokens."""
    alphabet = byte_alphabet()
    tokens = list(alphabet.values())
    merges: list[str] = []
    for word in _WORDS:
        letters = [alphabet[byte] for byte in word.encode()]
        for left, right in itertools.pairwise(itertools.accumulate(letters)):
            piece = right[len(left) :]
            if right not in tokens:
                tokens.append(right)
            if f"{left} {piece}" not in merges:
                merges.append(f"{left} {piece}")
    types = [int(gguf.TokenType.NORMAL)] * len(tokens)
    types += [
        int(gguf.TokenType.CONTROL if index < 2 else gguf.TokenType.USER_DEFINED) for index in range(len(specials))
    ]
    return tokens + list(specials), types, merges


def write(
    path: Path,
    *,
    architecture: str = "llama",
    specials: Sequence[str] = DEEPSEEK,
    pre: str | None = "deepseek-coder",
    add_bos: bool = True,
    template: str | None = None,
    context_length: int = 2048,
    seed: int = 1,
    layers: int = 2,
    ids: Mapping[str, int] | None = None,
) -> Path:
    """A model of width 32. `ids` are further `tokenizer.ggml.*_token_id` keys."""
    tokens, types, merges = vocabulary(specials)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(path.stem)
    writer.add_context_length(context_length)
    writer.add_embedding_length(32)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(8)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    if pre is not None:
        writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    first = len(tokens) - len(specials)
    writer.add_bos_token_id(first)
    writer.add_eos_token_id(first + (1 if specials == DEEPSEEK else 0))
    writer.add_add_bos_token(add_bos)
    for key, value in (ids or {}).items():
        writer.add_uint32(f"tokenizer.ggml.{key}", value)
    if template is not None:
        writer.add_chat_template(template)
    _tensors(writer, architecture, len(tokens), len(specials), layers, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(
    writer: gguf.GGUFWriter, architecture: str, vocab: int, special: int, layers: int, rng: np.random.Generator
) -> None:
    """Random weights, but special tokens, the last ones, always have the logit 0: no generation ends by chance."""

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, (rng.standard_normal(shape) * 0.2).astype(np.float32))

    add("token_embd.weight", vocab, 32)
    output = (rng.standard_normal((vocab, 32)) * 0.2).astype(np.float32)
    output[vocab - special :] = 0
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(32, dtype=np.float32))
    for layer in range(layers):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(32, dtype=np.float32))
        add(f"{block}attn_q.weight", 32, 32)
        add(f"{block}attn_k.weight", 16, 32)
        add(f"{block}attn_v.weight", 16, 32)
        add(f"{block}attn_output.weight", 32, 32)
        if architecture == "qwen2":
            for name, width in (("attn_q", 32), ("attn_k", 16), ("attn_v", 16)):
                add(f"{block}{name}.bias", width)
        add(f"{block}ffn_gate.weight", 64, 32)
        add(f"{block}ffn_up.weight", 64, 32)
        add(f"{block}ffn_down.weight", 32, 64)


def deepseek(path: Path, **options: object) -> Path:
    """A model in DeepSeek Coder's architecture, with its special tokens."""
    return write(path, **options)  # type: ignore[arg-type]  # passed through


def qwen(path: Path, **options: object) -> Path:
    """A model in Qwen2.5-Coder's architecture, with its special tokens and ChatML."""
    settings: dict[str, object] = {
        "architecture": "qwen2",
        "specials": QWEN,
        "pre": "qwen2",
        "add_bos": False,
        "template": CHATML,
    }
    return write(path, **(settings | options))  # type: ignore[arg-type]  # passed through


def sentencepiece(path: Path, *, add_space: bool) -> Path:
    """A SentencePiece vocabulary without weights: Llama's kind puts a space before every text, Gemma's does not."""
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    words = ["▁", "▁a", "\n\n", *"abcdefghijklmnopqrstuvwxyz", "ab", "▁<PRE>"]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += (
        [gguf.TokenType.BYTE] * len(bytes_) + [gguf.TokenType.NORMAL] * (len(words) - 1) + [gguf.TokenType.USER_DEFINED]
    )
    tokens = ["<unk>", "<s>", "</s>", *bytes_, *words]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([float(-index) for index in range(len(tokens))])
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_add_space_prefix(add_space)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path


def adapter(path: Path, *, width: int = 32, rank: int = 2, scale: float = 0.5, seed: int = 7) -> Path:
    """A LoRA for what `write` makes in DeepSeek Coder's architecture, over the first layer's `ffn_down`."""
    writer, rng = gguf.GGUFWriter(path, "llama"), np.random.default_rng(seed)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", rank)
    low, high = rng.standard_normal((rank, 64)), rng.standard_normal((width, rank)) * scale
    writer.add_tensor("blk.0.ffn_down.weight.lora_a", low.astype(np.float32))
    writer.add_tensor("blk.0.ffn_down.weight.lora_b", high.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
