"""The loaded weights: llama.cpp's model and vocabulary behind Python names. Runs in the worker process only.

Only public `llama_cpp.llama_*` functions are used. `Llama.create_completion(suffix=...)` of llama-cpp-python 0.3.36
puts token 0 in place of every FIM token, so nothing of the high-level class is.
"""

from __future__ import annotations

import ctypes
import gc
import re
import sys
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

from coder_tui.core.errors import WeightsError
from coder_tui.core.prompt import Segment
from coder_tui.engine.spelling import Vocabulary

_CONTROL_WORDS = re.compile(r"<[|｜].*[|｜]>|\[[A-Z_]+\d*\]|<(pad|unk|mask|bos|eos|s|/s|[a-z]+\d+|\w+_\w+)>|▁<[A-Z]+>")
"""User-defined tokens that control a model. llama.cpp finds user-defined tokens in plain text even with `parse_special`
off. That must not happen for these, while Gemma's `<table>` or runs of spaces are meant to be found."""

_LONG_RUN = re.compile(r"\S{512}|\s{512}")
"""Some pre-tokenizers, DeepSeek Coder's among them, run on std::regex, which calls itself for each character of a word:
with 30,000 letters in a row it overruns an 8 MiB stack. So longer runs than this are tokenized in pieces."""

_KV_OVERRIDE_STR = 3
_PIECE_BYTES = 64
_MADV_DONTNEED = 4
_SEGMENT_CACHE_CHARACTERS = 1_000_000
_CONTINUATION_BYTES = frozenset(bytes([byte]) for byte in range(0x80, 0xC0))
"""Inside UTF-8 characters."""
_REMEMBERED = 64
"""Answers whose tokens are known as they were generated."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The tokens of a prompt."""

    tokens: list[int]
    movable: Sequence[tuple[int, int]] = ()
    """Ranges of them that may be moved in the KV cache (`Segment.movable`)."""
    last: str = ""
    """Text of the last segment, empty for a special token."""
    last_tokens: int = 0
    """How many tokens that has."""
    starts: Sequence[int] = ()
    """Where each segment begins, and where the last one ends."""


class Model:
    """A model that llama.cpp has loaded. `close` frees it.

    With `vocab_only` it tokenizes, and has no weights to make a context of.
    """

    def __init__(
        self,
        path: Path,
        overrides: Mapping[str, str],
        gpu_layers: int = 0,
        *,
        vocab_only: bool = False,
        mmap: bool = True,
    ) -> None:
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        params.vocab_only = vocab_only
        params.use_mmap = mmap
        entries = _kv_overrides(overrides)
        if entries is not None:
            params.kv_overrides = entries
        self.handle = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if not self.handle:
            raise WeightsError(f"llama.cpp could not load {path.name}")
        self.vocab = llama_cpp.llama_model_get_vocab(self.handle)
        self.size_bytes = int(llama_cpp.llama_model_size(self.handle))
        self.vocab_size: int = llama_cpp.llama_vocab_n_tokens(self.vocab)
        self.layer_count: int = llama_cpp.llama_model_n_layer(self.handle) + 1  # the output layer counts in offloading
        self._is_sentencepiece = llama_cpp.llama_vocab_type(self.vocab) == llama_cpp.LLAMA_VOCAB_TYPE_SPM
        _return_memory()
        if mmap:
            _forget_pages(path)
        self._controls = self._find_controls()
        self._guarded = _any_of(self._controls.values())
        self._cache: OrderedDict[str, Sequence[int]] = OrderedDict()
        self._cached_characters = 0
        self._generated: OrderedDict[str, tuple[int, ...]] = OrderedDict()
        self._vocabulary: Vocabulary | None = None

    def close(self) -> None:
        if self.handle:
            llama_cpp.llama_model_free(self.handle)
            self.handle = None

    def encode(self, segments: tuple[Segment, ...], *, is_chat: bool = False) -> Encoded:
        """The token ids of a prompt: each text by itself and never parsed for special tokens, each token as it is.

        In a chat, text that the model has written stays in the tokens in which it wrote it, see `remember`.
        """
        tokens: list[int] = []
        movable: list[tuple[int, int]] = []
        starts = [0]
        for segment in segments:
            start = len(tokens)
            if segment.token is not None:
                tokens.append(segment.token)
            else:
                tokens += self._written(segment.text) if is_chat else self._text(segment.text)
            if segment.movable:
                if movable and movable[-1][1] == start:
                    start = movable.pop()[0]
                movable.append((start, len(tokens)))
            starts.append(len(tokens))
        last = segments[-1].text if segments and segments[-1].token is None else ""
        last_tokens = len(self._written(last) if is_chat else self._text(last))
        return Encoded(tokens, movable, last, last_tokens, starts)

    def count(self, text: str) -> int:
        """Tokens of a plain text. It is not remembered: whoever counts does that."""
        return len(self._tokens_of(text))

    def tokens(self, text: str) -> Sequence[int]:
        """Of a plain text by itself; not remembered either."""
        return self._tokens_of(text)

    def remember(self, text: str, tokens: Sequence[int]) -> None:
        """That a text was written in these tokens: the last segment of a prompt and what was generated behind it.

        A model does not always write the tokens that its tokenizer would make of the same text. In the next turn of a
        chat the tokens must be those in the KV cache, or everything behind the first other one is evaluated again.
        """
        known = text.rstrip().encode()  # chat templates cut off white space
        end, count = 0, 0
        length = 0
        for number, token in enumerate(tokens, 1):
            piece = self.piece(token)
            if known[length : length + len(piece)] != piece:
                break
            length += len(piece)
            if known[length : length + 1] not in _CONTINUATION_BYTES:
                end, count = length, number
        if end:
            self._generated[known[:end].decode()] = tuple(tokens[:count])
            if len(self._generated) > _REMEMBERED:
                self._generated.popitem(last=False)

    def piece(self, token: int) -> bytes:
        """The bytes of a token; nothing for control tokens."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        return self._piece(token, buffer)

    def ends_generation(self, token: int) -> bool:
        return bool(llama_cpp.llama_vocab_is_eog(self.vocab, token))

    def spelled(self, token: int) -> bytes:
        """The bytes of a token that spells text; nothing for others."""
        return b"" if token in self._controls else self.piece(token)

    def vocabulary(self) -> Vocabulary:
        """All tokens that spell text; built on first use, 0.3 s for 150,000 tokens."""
        if self._vocabulary is None:
            buffer = ctypes.create_string_buffer(_PIECE_BYTES)
            ordinary = (token for token in range(self.vocab_size) if token not in self._controls)
            self._vocabulary = Vocabulary((token, self._piece(token, buffer)) for token in ordinary)
            _return_memory()
        return self._vocabulary

    def _piece(self, token: int, buffer: ctypes.Array[ctypes.c_char]) -> bytes:
        length = llama_cpp.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, False)
        if length < 0:
            return self._piece(token, ctypes.create_string_buffer(-length))
        return buffer.raw[:length]

    def _written(self, text: str) -> Sequence[int]:
        known = max((one for one in self._generated if text.startswith(one)), key=len, default="")
        return [*self._generated[known], *self._text(text[len(known) :])] if known else self._text(text)

    def _text(self, text: str) -> Sequence[int]:
        known = self._cache.get(text)
        if known is not None:
            self._cache.move_to_end(text)
            return known
        result = self._tokens_of(text)
        self._remember(text, result)
        return result

    def _tokens_of(self, text: str) -> array[int]:
        result = array("i")
        for unguarded in self._split_guarded(text):
            for part in _split_long_runs(unguarded):
                result.extend(self._raw(part))
        return result

    def _raw(self, text: str) -> list[int]:
        if not text:
            return []
        if self._is_sentencepiece:
            # Such a tokenizer may put a space before what it is given. Behind a control character, which is part of no
            # longer token, it does not, and the character's own tokens are cut off again (CodeLlama's encode_infilling
            # does so with a smiley).
            lead = self._tokenize("\x01")
            return self._tokenize("\x01" + text)[len(lead) :]
        return self._tokenize(text)

    def _tokenize(self, text: str) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            buffer = (llama_cpp.llama_token * room)()
            count = llama_cpp.llama_tokenize(self.vocab, data, len(data), buffer, room, False, False)
            if count >= 0:
                return list(buffer[:count])
            room = -count

    def _find_controls(self) -> dict[int, str]:
        """User-defined tokens that must stay text inside text, and that spell none."""
        found: dict[int, str] = {}
        for token in range(self.vocab_size):
            if llama_cpp.llama_vocab_get_attr(self.vocab, token) & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED:
                raw = llama_cpp.llama_vocab_get_text(self.vocab, token) or b""
                text = raw.decode("utf-8", "replace")
                if _CONTROL_WORDS.fullmatch(text):
                    found[token] = text
        return found

    def _split_guarded(self, text: str) -> Iterator[str]:
        """The text cut behind the first character of every guarded token in it, so that none can be matched."""
        start = 0
        while self._guarded is not None and (match := self._guarded.search(text, start)):
            yield text[start : match.start() + 1]
            start = match.start() + 1
        yield text[start:]

    def _remember(self, text: str, tokens: Sequence[int]) -> None:
        self._cache[text] = tokens
        self._cached_characters += len(text)
        while self._cached_characters > _SEGMENT_CACHE_CHARACTERS and len(self._cache) > 1:
            old, _ = self._cache.popitem(last=False)
            self._cached_characters -= len(old)


def _return_memory() -> None:
    """Give freed memory back to the system: what loading and building a vocabulary takes for a moment, 23 MB with
    150,000 tokens. Python keeps it in free lists until a collection, glibc until it is told to trim its heap."""
    gc.collect()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def _forget_pages(path: Path) -> None:
    """Let go of the pages of a mapped file, which come back from the system's cache as they are used. Those of weights
    that llama.cpp has copied into another layout do not: they would be in memory twice."""
    if sys.platform != "linux":
        return
    libc, name = ctypes.CDLL(None), str(path.resolve())
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/maps").read_text().splitlines():
            if not line.endswith(name):
                continue
            span, access, *_, place = line.split(maxsplit=5)
            if place == name and "w" not in access:
                start, end = (int(part, 16) for part in span.split("-"))
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def _any_of(texts: Collection[str]) -> re.Pattern[str] | None:
    """A pattern of these texts, the longest first; None of none."""
    return re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True)))) if texts else None


def _split_long_runs(text: str) -> Iterator[str]:
    """The text cut inside runs of characters between which there may be no boundary of words."""
    start = 0
    for run in _LONG_RUN.finditer(text):
        yield text[start : run.end()]
        start = run.end()
    yield text[start:]


def _kv_overrides(overrides: Mapping[str, str]) -> ctypes.Array[ctypes.Structure] | None:
    """llama.cpp's form of metadata overrides: an array that ends with an empty key."""
    if not overrides:
        return None
    entries: ctypes.Array[ctypes.Structure] = (llama_cpp.llama_model_kv_override * (len(overrides) + 1))()
    for entry, (key, value) in zip(entries, overrides.items(), strict=False):
        entry.tag = _KV_OVERRIDE_STR
        entry.key = key.encode()
        entry.value.val_str = value.encode()
    return entries
