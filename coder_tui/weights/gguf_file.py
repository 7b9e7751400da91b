"""GGUF files as users have them: opened, read strictly, and summed up for prompts and engine.

A file that passes here is one that llama.cpp will either load or refuse, not one that takes it down.
"""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import WeightsError
from coder_tui.core.prompt import ModelInfo
from coder_tui.weights.gguf_checks import check_model, check_tensors, check_token_texts, check_tokenizer
from coder_tui.weights.gguf_reader import Array, BadGgufError, GgufHeader, Tensor, Value, read_structure
from coder_tui.weights.special_tokens import FIM_TEXTS, SPECIAL_TEXTS
from coder_tui.weights.tensor_types import FILE_TYPES

__all__ = [
    "Array",
    "GgufHeader",
    "ModelFile",
    "Tensor",
    "Value",
    "fim_tokens",
    "inspect",
    "model_info",
    "overrides",
    "quantization",
    "read",
]

_NORMAL, _UNUSED, _BYTE = 1, 5, 6
_FIM_PARTS = ("pre", "suf", "mid", "pad", "rep", "sep")
_OLD_FIM_KEYS = {"pre": "prefix", "suf": "suffix", "mid": "middle"}
_BOS_BY_PRETOKENIZER = frozenset(
    ["llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "tekken", "chameleon"]
)
"""Pre-tokenizers for which llama.cpp puts BOS first unless the file says otherwise."""
_DEEPSEEK_V1_HOLE = ("<｜fim▁hole｜>".encode(), 32015)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """All that is asked about a GGUF file, from one reading."""

    path: Path
    header: GgufHeader
    info: ModelInfo
    overrides: dict[str, str]
    """Metadata that must be overridden for llama.cpp to read the file as it was meant."""


def read(path: Path) -> GgufHeader:
    """The header of a GGUF file: structure only, about 100 ms with 150,000 tokens. Raises WeightsError."""
    with _mapped(path) as data:
        return read_structure(data, len(data))


def inspect(path: Path, *, vocab_only: bool = False) -> ModelFile:
    """Read a GGUF file and check all that llama.cpp relies on. Raises WeightsError.

    With `vocab_only` a file without tensors passes.
    """
    with _mapped(path) as data:
        header = read_structure(data, len(data))
        tokens = check_tokenizer(header)
        check_model(header)
        if not vocab_only:
            check_tensors(header, tokens.count)
        texts = _token_texts(data, tokens)
        check_token_texts(header, texts)
        types = header.metadata.get("tokenizer.ggml.token_type")
        raw_types = data[types.start : types.end] if isinstance(types, Array) else b""
    specials = _specials(texts, raw_types)
    return ModelFile(path, header, _info(path, header, texts, specials), _overrides(header, texts))


def model_info(path: Path, *, vocab_only: bool = False) -> ModelInfo:
    """What prompts need to know of the weights at `path`. Raises WeightsError."""
    return inspect(path, vocab_only=vocab_only).info


def overrides(path: Path, *, vocab_only: bool = False) -> dict[str, str]:
    """Metadata to override when llama.cpp loads the file. Raises WeightsError."""
    return inspect(path, vocab_only=vocab_only).overrides


def quantization(header: GgufHeader) -> str:
    """The name of the mix of tensor types, as in `Q4_K_M`; "unknown" when the file does not say."""
    return FILE_TYPES.get(header.integer("general.file_type") or 0, "unknown") if header.tensors else "unknown"


def fim_tokens(info: ModelInfo) -> dict[str, int]:
    """The tokens that mark prefix (pre), suffix (suf) and middle (mid); empty when the model has none."""
    ids = {part: token for part, token in info.fim_ids.items() if part in FIM_TEXTS}
    for part, texts in FIM_TEXTS.items():
        known = next((info.specials[text] for text in texts if text in info.specials), None)
        if known is not None:
            ids.setdefault(part, known)
    return ids if {"pre", "suf"} <= ids.keys() else {}


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    """The file's bytes. Everything that is wrong with the file becomes one WeightsError."""
    descriptor = _open(path)
    try:
        if os.fstat(descriptor).st_size == 0:
            raise BadGgufError("it is empty")
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
            yield data
    except BadGgufError as error:
        raise WeightsError(
            f"{path} is not a usable GGUF file: {error}",
            hint="fetch it again; `coder models verify` checks the files of the catalogue",
        ) from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise WeightsError(f"there is no file {path}", hint="`coder models list` shows the models there are") from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise WeightsError(f"{path} is not a file", hint="give the path of a .gguf file")
    return descriptor


def _token_texts(data: mmap.mmap, tokens: Array) -> list[bytes]:
    raw = data[tokens.start : tokens.end]
    texts: list[bytes] = []
    append, at, length_of = texts.append, 0, int.from_bytes
    for _ in range(tokens.count):
        begin = at + 8
        at = begin + length_of(raw[at:begin], "little")
        append(raw[begin:at])
    return texts


def _specials(texts: list[bytes], raw_types: bytes) -> dict[str, int]:
    """Ids of tokens that are not ordinary text. Token types are 32 bits wide, their values are below 256."""
    ordinary = bytes([_NORMAL, _UNUSED, _BYTE])
    types = raw_types[::4]
    found = (
        {token for token in range(len(types)) if types[token] not in ordinary}
        if types.translate(None, ordinary)
        else set()
    )
    ids = dict(zip(texts, range(len(texts)), strict=True))
    found.update(ids[text] for text in (name.encode() for name in SPECIAL_TEXTS) if text in ids)
    return {texts[token].decode(errors="replace"): token for token in sorted(found)}


def _info(path: Path, header: GgufHeader, texts: list[bytes], specials: dict[str, int]) -> ModelInfo:
    architecture = header.text("general.architecture") or ""
    bos, eos = header.integer("tokenizer.ggml.bos_token_id"), header.integer("tokenizer.ggml.eos_token_id")
    if header.text("tokenizer.ggml.model") == "llama" and len(texts) > 2:
        bos, eos = 1 if bos is None else bos, 2 if eos is None else eos
    return ModelInfo(
        name=header.text("general.name") or path.stem,
        architecture=architecture,
        context_length=header.integer(f"{architecture}.context_length") or 0,
        vocab_size=len(texts),
        add_bos=_add_bos(header) and bos is not None,
        bos_token=bos,
        eos_token=eos,
        specials=specials,
        fim_ids=_fim_ids(header, len(texts)),
        chat_template=header.text("tokenizer.chat_template"),
        size_bytes=header.size_bytes,
    )


def _add_bos(header: GgufHeader) -> bool:
    said = header.metadata.get("tokenizer.ggml.add_bos_token")
    if isinstance(said, bool):
        return said
    if header.text("tokenizer.ggml.model") == "llama":
        return True
    return header.text("tokenizer.ggml.pre") in _BOS_BY_PRETOKENIZER


def _fim_ids(header: GgufHeader, vocab_size: int) -> dict[str, int]:
    """FIM tokens that the metadata names; the deprecated keys count where the new ones are absent."""
    ids: dict[str, int] = {}
    for part in _FIM_PARTS:
        names = (f"fim_{part}", _OLD_FIM_KEYS[part]) if part in _OLD_FIM_KEYS else (f"fim_{part}",)
        for name in names:
            token = header.integer(f"tokenizer.ggml.{name}_token_id")
            if token is not None and 0 <= token < vocab_size:
                ids.setdefault(part, token)
    return ids


def _overrides(header: GgufHeader, texts: list[bytes]) -> dict[str, str]:
    text, token = _DEEPSEEK_V1_HOLE
    deepseek = len(texts) > token and texts[token] == text
    if deepseek and header.text("tokenizer.ggml.model") == "gpt2" and "tokenizer.ggml.pre" not in header.metadata:
        return {"tokenizer.ggml.pre": "deepseek-coder"}
    return {}
