"""Writes small GGUF files, right ones and wrong ones."""

from __future__ import annotations

import random
import struct
from typing import Any


def _string(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(raw)) + raw


def _value(value: Any) -> bytes:
    """A typed value: (GGUF type, content), or a Python value whose type is plain."""
    if isinstance(value, tuple):
        kind, items = value
        if kind == "array":
            item_type, content = items
            packed = b"".join(
                _string(x) if item_type == 8 else struct.pack({5: "<i", 6: "<f", 4: "<I"}[item_type], x)
                for x in content
            )
            return struct.pack("<IIQ", 9, item_type, len(content)) + packed
        return struct.pack("<I", kind) + items
    if isinstance(value, bool):
        return struct.pack("<IB", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    return struct.pack("<I", 8) + _string(value)


def tiny_metadata() -> dict[str, Any]:
    """A Llama-like model with one layer and a byte-level vocabulary, small enough to write by hand."""
    tokens = [f"<0x{byte:02X}>" for byte in range(256)] + ["<s>", "</s>", "▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"]
    return {
        "general.architecture": "llama",
        "general.name": "tiny",
        "general.file_type": 0,
        "llama.context_length": 128,
        "llama.block_count": 1,
        "llama.embedding_length": 32,
        "llama.feed_forward_length": 32,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": 8,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": ("array", (8, tokens)),
        "tokenizer.ggml.scores": ("array", (6, [0.0] * len(tokens))),
        "tokenizer.ggml.token_type": ("array", (5, [6] * 256 + [3, 3, 1, 1, 1, 4])),
        "tokenizer.ggml.bos_token_id": 256,
        "tokenizer.ggml.eos_token_id": 257,
    }


TINY_TENSORS: dict[str, tuple[int, ...]] = {
    "token_embd.weight": (32, 262),
    "output_norm.weight": (32,),
    "blk.0.attn_norm.weight": (32,),
    "blk.0.attn_q.weight": (32, 32),
    "blk.0.attn_k.weight": (32, 16),
    "blk.0.attn_v.weight": (32, 16),
    "blk.0.attn_output.weight": (32, 32),
    "blk.0.ffn_norm.weight": (32,),
    "blk.0.ffn_gate.weight": (32, 32),
    "blk.0.ffn_up.weight": (32, 32),
    "blk.0.ffn_down.weight": (32, 32),
}


def gguf_bytes(
    metadata: dict[str, Any] | None = None,
    tensors: dict[str, tuple[int, ...]] | None = None,
    *,
    version: int = 3,
    types: dict[str, int] | None = None,
    extra_pairs: list[tuple[str, Any]] | None = None,
) -> bytes:
    """A GGUF file of F32 tensors (or what `types` says, with the data of F32 ones)."""
    pairs = list((tiny_metadata() if metadata is None else metadata).items()) + (extra_pairs or [])
    tensors = TINY_TENSORS if tensors is None else tensors
    head = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(pairs))
    head += b"".join(_string(key) + _value(value) for key, value in pairs)
    table, data = b"", b""
    noise = random.Random(1)
    for name, shape in tensors.items():
        table += _string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        table += struct.pack("<IQ", (types or {}).get(name, 0), len(data))
        count = 1
        for side in shape:
            count *= side
        data += struct.pack(f"<{count}f", *(noise.gauss(0, 0.05) for _ in range(count)))
        data += bytes(-len(data) % 32)
    head += table
    return head + bytes(-len(head) % 32) + data if tensors else head
