"""One llama.cpp context: what its KV cache holds, evaluating tokens, and stopping in the middle of it.

Runs in the worker process. Only the owner thread calls it, but for `interrupt`.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import llama_cpp

from coder_tui.core.errors import EngineError
from coder_tui.engine.kv import plan

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from coder_tui.engine.llama import Model

_SEQUENCE = 0
_ABORTED = 2
_NO_SLOT = 1
MICRO_BATCH_TOKENS = 128
"""On a CPU llama.cpp looks at the abort flag between the operations of a micro-batch: 128 tokens keep them under 15 ms
on two cores, and prompts are evaluated as fast as with 512."""


class Interrupted(Exception):  # noqa: N818 - a signal between two loops of this package, not an error
    """Evaluation stopped because `interrupt` was called."""


class WindowFull(Exception):  # noqa: N818 - likewise
    """The KV cache has no room for more tokens."""


class Decoder:
    """A context of `context_tokens` cells over a model."""

    def __init__(self, model: Model, *, context_tokens: int, batch_tokens: int, threads: int, offloaded: bool) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = batch_tokens
        params.n_ubatch = batch_tokens if offloaded else min(batch_tokens, MICRO_BATCH_TOKENS)
        params.n_seq_max = 1
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = threads  # 4 unless set: many times slower on 2 cores
        if not offloaded:
            # On a CPU flash attention is not faster, and it rounds so that a prompt of which a part was in the cache
            # has other logits than the same one at once: by 5 % of their spread on a small float model, else 0.05 %.
            params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.no_perf = True
        self._model = model
        self._context = llama_cpp.llama_init_from_model(model.handle, params)
        if not self._context:
            raise EngineError(
                f"no memory for a context of {context_tokens} tokens", hint="coder config set model.context_tokens 4096"
            )
        self.context_tokens: int = llama_cpp.llama_n_ctx(self._context)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._step = int(params.n_ubatch)
        self._batch = llama_cpp.llama_batch_init(batch_tokens, 0, 1)
        self._flag = ctypes.create_string_buffer(2)
        self._abort = _flag_is_set()
        llama_cpp.llama_set_abort_callback(self._context, self._abort, ctypes.cast(self._flag, ctypes.c_void_p))
        self.cached: list[int] = []
        """The tokens in the cache, by position."""

    def close(self) -> None:
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    def interrupt(self) -> None:
        """Make a running or coming `evaluate` raise Interrupted. From any thread."""
        self._flag[0] = b"!"

    def resume(self) -> None:
        """Take `interrupt` back."""
        self._flag[0] = b"\0"

    @property
    def interrupted(self) -> bool:
        return self._flag[0] != b"\0"

    def keep(self, wanted: Sequence[int]) -> int:
        """Cut the cache down to what of these tokens need not be evaluated again, and say how many that are."""
        steps = plan(self.cached, wanted)
        return self._cut(steps.keep)

    def extend(self, tokens: Sequence[int], progress: Callable[[int], None]) -> None:
        """Append any number of tokens; `progress` gets the number of tokens in the cache after each micro-batch."""
        for start in range(0, len(tokens), self._step):
            part = tokens[start : start + self._step]
            self.evaluate(part, logits=start + len(part) == len(tokens))
            progress(len(self.cached))

    def evaluate(self, tokens: Sequence[int], *, logits: bool = True) -> None:
        """Append at most a batch of tokens to the cache; the last one's logits can be read afterwards, if wanted."""
        if self.interrupted:
            raise Interrupted
        start, count = len(self.cached), len(tokens)
        batch = self._batch
        batch.n_tokens = count
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = _SEQUENCE
            batch.logits[index] = logits and index == count - 1
        code = llama_cpp.llama_decode(self._context, batch)
        if code == 0:
            self.cached += tokens
            return
        self._keep_what_was_done(tokens)
        if code == _ABORTED:
            raise Interrupted
        if code == _NO_SLOT:
            raise WindowFull
        raise EngineError(f"llama.cpp could not evaluate the prompt (llama_decode returned {code})")

    def logits(self) -> npt.NDArray[np.float32]:
        """Of the last evaluated token, one for each token of the vocabulary; valid until the next evaluation."""
        import numpy as np

        pointer = llama_cpp.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._model.vocab_size,))

    def forget(self) -> None:
        """Empty the cache."""
        llama_cpp.llama_memory_clear(self._memory, False)
        self.cached.clear()

    def _cut(self, keep: int) -> int:
        """Drop the cells from position `keep` on. Models that cannot drop a part (recurrent ones) lose all."""
        if keep < len(self.cached):
            if llama_cpp.llama_memory_seq_rm(self._memory, _SEQUENCE, keep, -1):
                del self.cached[keep:]
            else:
                self.forget()
        return len(self.cached)

    def _keep_what_was_done(self, tokens: Sequence[int]) -> None:
        """After a decode that did not finish: the micro-batches before the interruption stay in the cache."""
        last = llama_cpp.llama_memory_seq_pos_max(self._memory, _SEQUENCE)
        done = max(0, last + 1 - len(self.cached))
        self.cached += tokens[:done]


def _flag_is_set() -> object:
    """llama.cpp's abort callback: whether the first byte of its data is not zero.

    It is libc's `strlen`: called thousands of times a second from llama.cpp's threads, a Python function would have to
    wait for the interpreter lock each time. As `bool` it reads true when the string is not empty.
    """
    libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(libc.strlen, llama_cpp.llama_cpp.ggml_abort_callback)
