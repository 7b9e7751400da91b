"""One llama.cpp context: evaluating tokens, moving its cells, and stopping in the middle of it.

Runs in the worker process. Only the owner thread calls it; the Flag may be raised from any thread.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import llama_cpp

from coder_tui.core.errors import EngineError
from coder_tui.engine.cache import SEQUENCES
from coder_tui.engine.memory import Interrupted, WindowFull

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from coder_tui.engine.adapter import Adapter
    from coder_tui.engine.llama import Model

FIRST_BRANCH = SEQUENCES + 1
"""Behind those of the cache, and one for measuring."""
BRANCHES = 4
"""Sequences for answers that are drawn side by side."""
_ABORTED = 2
_NO_SLOT = 1
MICRO_BATCH_TOKENS = 128
"""On a CPU llama.cpp looks at the abort flag between the operations of a micro-batch: with a 0.5B model 128 tokens keep
them under 15 ms on two cores."""
_ATTENTION = 2048 * 128
"""Without flash attention a micro-batch takes memory for its tokens times all cells before them: 30 MB for so many and
a 0.5B model. Behind more cells micro-batches are smaller, but not below _LEAST_TOKENS."""
_LEAST_TOKENS = 32
_AHEAD_TOKENS = 32
"""Of a micro-batch on a CPU while nobody waits: who comes in between takes its time away."""


class Flag:
    """Raised, it ends evaluations of every context that knows it."""

    def __init__(self) -> None:
        self._byte = ctypes.create_string_buffer(2)
        self.address = ctypes.cast(self._byte, ctypes.c_void_p)

    def up(self) -> None:
        self._byte[0] = b"!"

    def down(self) -> None:
        self._byte[0] = b"\0"

    @property
    def is_up(self) -> bool:
        return self._byte[0] != b"\0"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a context is made with."""

    context_tokens: int
    batch_tokens: int
    threads: int
    """That generate."""
    batch_threads: int
    """That evaluate prompts."""
    offloaded: bool
    """Whether layers are on a GPU."""
    flash_attention: bool | None = None
    """None: on a GPU, if it can."""
    kv_type: str = "f16"
    """Of the cells: `f16` or `q8_0`, which needs flash attention."""
    micro_batch_tokens: int = MICRO_BATCH_TOKENS
    """On a CPU."""


class Decoder:
    """A context of `context_tokens` cells over a model. A `memory.Memory`."""

    def __init__(self, model: Model, shape: Shape, flag: Flag, adapter: Adapter | None = None) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = shape.context_tokens
        params.n_batch = shape.batch_tokens
        params.n_ubatch = shape.batch_tokens if shape.offloaded else min(shape.batch_tokens, shape.micro_batch_tokens)
        params.n_seq_max = FIRST_BRANCH + 2 * BRANCHES  # each has two readings of the prompt
        params.kv_unified = True
        params.n_threads, params.n_threads_batch = shape.threads, shape.batch_threads
        params.flash_attn_type = _flash_attention(shape)
        if shape.kv_type == "q8_0":
            params.type_k = params.type_v = llama_cpp.GGML_TYPE_Q8_0
        params.no_perf = True
        self._model = model
        self._context = llama_cpp.llama_init_from_model(model.handle, params)
        if not self._context:
            raise EngineError(
                f"no memory for a context of {shape.context_tokens} tokens",
                hint="coder config set model.context_tokens 4096",
            )
        if adapter is not None:
            adapter.put_on(self._context)
        self.threads = (shape.threads, shape.batch_threads)
        self.context_tokens: int = llama_cpp.llama_n_ctx(self._context)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self.can_shift = bool(llama_cpp.llama_memory_can_shift(self._memory)) and not _is_recurrent(model)
        self.step = int(params.n_ubatch)
        """Tokens of a micro-batch: the most that one evaluation takes, so that it is done whole or not at all."""
        self._is_offloaded = shape.offloaded
        self._is_bound = not shape.offloaded and params.flash_attn_type == llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._batch = llama_cpp.llama_batch_init(shape.batch_tokens, 0, 1)
        self._flag = flag
        self._abort = _flag_is_set()
        llama_cpp.llama_set_abort_callback(self._context, self._abort, flag.address)

    def close(self) -> None:
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    def step_at(self, start: int, *, waited_for: bool = True) -> int:
        """How many tokens are best evaluated at once from this position on."""
        step = self.step if waited_for or self._is_offloaded else min(self.step, _AHEAD_TOKENS)
        while self._is_bound and step >= 2 * _LEAST_TOKENS and (start + step) * step > _ATTENTION:
            step //= 2
        return step

    def evaluate(self, sequence: int, tokens: Sequence[int], start: int, *, logits: int) -> None:
        """See `memory.Memory`. At most `step` tokens."""
        if self._flag.is_up:
            raise Interrupted
        count = len(tokens)
        rows = [(sequence, token, start + index) for index, token in enumerate(tokens)]
        self._decode(rows, lambda index: index >= count - logits)

    def evaluate_both(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> None:
        """See `memory.Memory`. At most `step` tokens."""
        if self._flag.is_up:
            raise Interrupted
        rows = [(sequence, token, start + at) for sequence, tokens, start in parts for at, token in enumerate(tokens)]
        lasts = set(accumulate((len(tokens) for _, tokens, _ in parts), initial=-1))
        self._decode(rows, lasts.__contains__)

    def evaluate_rows(self, rows: Sequence[tuple[int, int, int]]) -> None:
        """Append a token to each of some sequences, with logits: (sequence, token, position). Raises as `evaluate`."""
        if self._flag.is_up:
            raise Interrupted
        self._decode(rows, lambda _: True)

    def _decode(self, rows: Sequence[tuple[int, int, int]], has_logits: Callable[[int], bool]) -> None:
        batch = self._batch
        batch.n_tokens = len(rows)
        for index, (sequence, token, position) in enumerate(rows):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = has_logits(index)
        code = llama_cpp.llama_decode(self._context, batch)
        if code == 0:
            return
        for sequence in {row[0] for row in rows}:
            self.remove(sequence, min(position for one, _, position in rows if one == sequence), -1)
        if code == _ABORTED:
            raise Interrupted
        if code == _NO_SLOT:
            raise WindowFull
        raise EngineError(f"llama.cpp could not evaluate the prompt (llama_decode returned {code})")

    def copy(self, source: int, target: int, start: int, stop: int) -> None:
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, start, stop)

    def remove(self, sequence: int, start: int, stop: int) -> bool:
        return bool(llama_cpp.llama_memory_seq_rm(self._memory, sequence, start, stop))

    def shift(self, sequence: int, start: int, stop: int, distance: int) -> None:
        llama_cpp.llama_memory_seq_add(self._memory, sequence, start, stop, distance)

    def logits(self, index: int = -1) -> npt.NDArray[np.float32]:
        """Of the token with this index in the last evaluation, one for each token of the vocabulary; valid until the
        next evaluation."""
        import numpy as np

        pointer = llama_cpp.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(pointer, shape=(self._model.vocab_size,))

    def set_threads(self, threads: int, batch_threads: int) -> None:
        """That generate, and that evaluate more than one token at once."""
        llama_cpp.llama_set_n_threads(self._context, threads, batch_threads)

    def state(self, sequence: int) -> memoryview:
        """See `memory.Memory`."""
        size = llama_cpp.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = llama_cpp.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return memoryview(buffer).cast("B")[:written]

    def state_bytes(self, sequence: int) -> int:
        """See `memory.Memory`."""
        return int(llama_cpp.llama_state_seq_get_size(self._context, sequence))

    def set_state(self, sequence: int, cells: memoryview) -> bool:
        """See `memory.Memory`."""
        buffer = (ctypes.c_uint8 * len(cells)).from_buffer(cells)
        if llama_cpp.llama_state_seq_set_data(self._context, buffer, len(cells), sequence):
            return True
        self.remove(sequence, 0, -1)
        return False


def _flash_attention(shape: Shape) -> int:
    """On a CPU it is off unless it is asked for or needed: generation is slower with it (14 tokens/s instead of 20).

    It also rounds so that a prompt of which a part was in the cache has other logits than the same one at once, by 5 %
    of their spread on a small float model, else 0.05 %.
    """
    if shape.flash_attention is None and shape.offloaded:
        return int(llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO)
    wanted = shape.flash_attention or shape.kv_type == "q8_0"
    return int(llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if wanted else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED)


def _is_recurrent(model: Model) -> bool:
    """Whether layers keep a state instead of cells, so that nothing can be moved or forgotten in part."""
    return bool(llama_cpp.llama_model_is_recurrent(model.handle) or llama_cpp.llama_model_is_hybrid(model.handle))


def _flag_is_set() -> object:
    """llama.cpp's abort callback: whether the first byte of its data is not zero.

    It is libc's `strlen`: called thousands of times a second from llama.cpp's threads, a Python function would have to
    wait for the interpreter lock each time. As `bool` it reads true when the string is not empty.
    """
    libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(libc.strlen, llama_cpp.llama_cpp.ggml_abort_callback)
