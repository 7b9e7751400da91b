"""Figures that follow from a GGUF header: memory of the KV cache, number of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coder_tui.weights.gguf_file import GgufHeader

_BYTES_OF_A_NUMBER = 2
"""llama.cpp's cache is 16-bit unless told otherwise."""


def cache_bytes_per_token(header: GgufHeader) -> int:
    """Memory of one token of context in a 16-bit KV cache; 0 for an architecture without attention."""
    architecture = header.text("general.architecture") or ""

    def per_layer(key: str) -> tuple[int, ...]:
        value = header.metadata.get(f"{architecture}.{key}")
        layers = header.integer(f"{architecture}.block_count") or 0
        numbers = value if isinstance(value, tuple) else (value,) * layers
        return tuple(number if isinstance(number, int) else 0 for number in numbers)

    heads = per_layer("attention.head_count")
    kv_heads = per_layer("attention.head_count_kv")
    if not any(kv_heads):
        kv_heads = heads
    width = (header.integer(f"{architecture}.embedding_length") or 0) // max(heads, default=1) if any(heads) else 0
    keys = header.integer(f"{architecture}.attention.key_length") or width
    values = header.integer(f"{architecture}.attention.value_length") or width
    return sum(kv_heads) * (keys + values) * _BYTES_OF_A_NUMBER


def parameter_count(header: GgufHeader) -> int:
    """Numbers in all tensors."""
    return sum(tensor.elements for tensor in header.tensors)
