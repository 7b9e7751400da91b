"""What llama.cpp takes for granted in a GGUF file, and answers with an abort or a crash when it is not so.

Each check stands for an assertion, an unchecked access or a missing operation in llama.cpp (src/llama-model.cpp,
src/llama-vocab.cpp, ggml/src). All raise BadGgufError.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coder_tui.weights.gguf_reader import FLOAT32, INT32, STRING, Array, BadGgufError
from coder_tui.weights.tensor_types import F32, NOT_FOR_WEIGHTS, TENSOR_TYPES

if TYPE_CHECKING:
    from coder_tui.weights.gguf_reader import GgufHeader

_MAX_LAYERS = 512
_MAX_EXPERTS = 1024
_MAX_INT32 = 2**31 - 1
_NO_TOKENIZER = frozenset({"", "none", "no_vocab", "bert"})
_ROPE_SCALING = frozenset({"none", "linear", "yarn", "longrope"})
_USED_TOKENS = ("bos", "eos", "eot", "fim_pre", "fim_suf", "fim_mid", "prefix", "suffix", "middle")


def check_model(header: GgufHeader) -> None:
    """Hyperparameters of the architecture."""
    if (header.integer("split.count") or 0) > 1:
        raise BadGgufError("it is one part of several; join them with llama-gguf-split --merge")
    kind = header.text("general.type") or "model"
    architecture = header.text("general.architecture")
    if kind != "model" or architecture in {"clip", "bert", "t5encoder"}:
        raise BadGgufError(f"it holds no language model but {kind if kind != 'model' else architecture}")
    if not architecture:
        raise BadGgufError("it does not say what architecture it has")
    for key, value in header.metadata.items():
        if key.startswith(f"{architecture}.") and isinstance(value, float) and not math.isfinite(value):
            raise BadGgufError(f"setting {key!r} is {value}")
    _required(header, f"{architecture}.context_length", _MAX_INT32)
    layers = _required(header, f"{architecture}.block_count", _MAX_LAYERS)
    if (header.integer(f"{architecture}.nextn_predict_layers") or 0) > layers:
        raise BadGgufError(f"setting '{architecture}.nextn_predict_layers' is larger than the number of layers")
    _check_heads(header, architecture, layers)
    _check_numbers(header, architecture)
    _check_experts(header, architecture)


def check_tensors(header: GgufHeader, token_count: int) -> None:
    """Types that ggml can compute with, and an embedding for every token."""
    if not header.tensors:
        raise BadGgufError("it holds a vocabulary but no weights")
    for tensor in header.tensors:
        name = TENSOR_TYPES[tensor.type_id][0]
        if len(tensor.shape) == 1 and tensor.type_id != F32:
            raise BadGgufError(f"tensor {tensor.name!r} is {name}, it should be F32")
        if tensor.name.endswith(".weight") and tensor.type_id in NOT_FOR_WEIGHTS:
            raise BadGgufError(f"tensor {tensor.name!r} is {name}, which is not a type for weights")
    embedding = next((tensor for tensor in header.tensors if tensor.name == "token_embd.weight"), None)
    length = header.integer(f"{header.text('general.architecture')}.embedding_length")
    if embedding is None or embedding.shape != (length, token_count):
        raise BadGgufError(f"it has no embedding of {length} numbers for each of its {token_count} tokens")


def check_tokenizer(header: GgufHeader) -> Array:
    """The tokenizer's arrays belong together. Returns where the tokens lie."""
    model = header.text("tokenizer.ggml.model") or ""
    if model in _NO_TOKENIZER:
        raise BadGgufError("it has no tokenizer that can write text")
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, Array) or tokens.item_type != STRING or not 0 < tokens.count < 1 << 24:
        raise BadGgufError("it has no list of tokens")
    for name, kinds in (("token_type", {INT32}), ("scores", {FLOAT32, INT32})):
        array = header.metadata.get(f"tokenizer.ggml.{name}")
        if array is not None and (
            not isinstance(array, Array) or array.item_type not in kinds or array.count != tokens.count
        ):
            raise BadGgufError(f"its {name} list does not go with its {tokens.count} tokens")
    merges = header.metadata.get("tokenizer.ggml.merges")
    if model == "gpt2" and not (isinstance(merges, Array) and merges.item_type == STRING):
        raise BadGgufError("its tokenizer has no merges")
    for name in _USED_TOKENS:
        key = f"tokenizer.ggml.{name}_token_id"
        token = header.integer(key)
        if key in header.metadata and (token is None or not 0 <= token < tokens.count):
            raise BadGgufError(f"setting {key!r} names no token of the vocabulary")
    return tokens


def check_token_texts(header: GgufHeader, texts: list[bytes]) -> None:
    """No two tokens alike; a SentencePiece vocabulary can spell every byte."""
    known = set(texts)
    empty = texts.count(b"")
    if len(known) - (empty > 0) != len(texts) - empty:
        raise BadGgufError("two of its tokens have the same text")
    if header.text("tokenizer.ggml.model") == "llama":
        for byte in range(256):
            if f"<0x{byte:02X}>".encode() not in known and bytes([byte]) not in known:
                raise BadGgufError(f"its vocabulary has no token for the byte {byte}")


def _required(header: GgufHeader, key: str, most: int) -> int:
    value = header.integer(key)
    if value is None:
        raise BadGgufError(f"setting {key!r} is missing")
    if not 0 < value <= most:
        raise BadGgufError(f"setting {key!r} is {value}")
    return value


def _per_layer(header: GgufHeader, key: str, layers: int) -> tuple[int, ...] | None:
    """A number for all layers or one for each; 0 says that the layer has none."""
    value = header.metadata.get(key)
    if value is None:
        return None
    numbers = value if isinstance(value, tuple) else (value,) * layers
    if len(numbers) < layers:
        raise BadGgufError(f"setting {key!r} has {len(numbers)} values for {layers} layers")
    whole = tuple(n for n in numbers if isinstance(n, int) and 0 <= n < 1 << 20)
    if len(whole) != len(numbers) or not any(whole):
        raise BadGgufError(f"setting {key!r} has impossible values")
    return whole


def _check_heads(header: GgufHeader, architecture: str, layers: int) -> None:
    width = _required(header, f"{architecture}.embedding_length", 1 << 20)
    heads = _per_layer(header, f"{architecture}.attention.head_count", layers)
    if heads is None:
        if any(key.startswith((f"{architecture}.ssm.", f"{architecture}.wkv.")) for key in header.metadata):
            return
        raise BadGgufError(f"setting '{architecture}.attention.head_count' is missing")
    kv_heads = _per_layer(header, f"{architecture}.attention.head_count_kv", layers) or heads
    if any(kv > own or (kv and own % kv) for own, kv in zip(heads, kv_heads, strict=False)):
        raise BadGgufError("its attention heads cannot be shared out among its key-value heads")
    key_length = header.integer(f"{architecture}.attention.key_length")
    if key_length is None:
        if any(own and width % own for own in heads):
            raise BadGgufError(f"its embedding length {width} cannot be shared out among its attention heads")
        key_length = width // max(heads)
    if not 0 < key_length <= 1 << 16:
        raise BadGgufError(f"setting '{architecture}.attention.key_length' is {key_length}")
    rope = header.integer(f"{architecture}.rope.dimension_count")
    if rope is not None and (not 0 <= rope <= key_length or rope % 2):
        raise BadGgufError(f"setting '{architecture}.rope.dimension_count' is {rope}")


def _check_numbers(header: GgufHeader, architecture: str) -> None:
    for name in ("layer_norm_rms_epsilon", "layer_norm_epsilon"):
        epsilon = header.metadata.get(f"{architecture}.attention.{name}")
        if epsilon is not None and not (isinstance(epsilon, float) and 0 <= epsilon < 1):
            raise BadGgufError(f"setting '{architecture}.attention.{name}' is {epsilon}")
    base = header.metadata.get(f"{architecture}.rope.freq_base")
    if base is not None and not (isinstance(base, float) and base > 0):
        raise BadGgufError(f"setting '{architecture}.rope.freq_base' is {base}")
    scaling = header.metadata.get(f"{architecture}.rope.scaling.type", "none")
    if scaling not in _ROPE_SCALING:
        raise BadGgufError(f"setting '{architecture}.rope.scaling.type' is {scaling!r}")
    if header.metadata.get(f"{architecture}.attention.causal") is False:
        raise BadGgufError("it is an embedding model, it cannot write text")


def _check_experts(header: GgufHeader, architecture: str) -> None:
    experts = header.integer(f"{architecture}.expert_count") or 0
    value = header.metadata.get(f"{architecture}.expert_used_count", 0)
    used = max((n for n in (value if isinstance(value, tuple) else (value,)) if isinstance(n, int)), default=0)
    groups = header.integer(f"{architecture}.expert_group_count") or 0
    groups_used = header.integer(f"{architecture}.expert_group_used_count") or 0
    fits = 0 <= experts <= _MAX_EXPERTS and (0 < used <= experts if experts else used == 0)
    if groups > 1:
        fits = fits and groups < experts and experts % groups == 0 and 0 < groups_used < groups
    else:
        fits = fits and 0 <= groups <= (1 if experts > 1 else 0)
    if not fits:
        raise BadGgufError(f"{experts} experts, of which {used} are used, in {groups} groups: that cannot be")
