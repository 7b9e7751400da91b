"""What a worker is told about weights: which, and how they are to be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coder_tui.core.prompt import Purpose


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Which weights to load, and how."""

    path: Path
    overrides: Mapping[str, str] = field(default_factory=dict[str, str])
    """Metadata that the file lacks, `tokenizer.ggml.pre` for instance."""
    adapter: Path | None = None
    """A LoRA in a GGUF file, for all but chats."""
    context_tokens: int = 8192
    """The window of chats."""
    suggest_tokens: int | None = None
    """The window of suggestions; None: as large. Each has a KV cache of its own."""
    purposes: tuple[Purpose, ...] = (Purpose.SUGGEST,)
    """What the KV caches are made for at once; others are made when they are first needed."""
    moves: bool = False
    """Whether what stands behind a change may be moved in the KV cache, if the model allows it."""
    shortest_move: int = 48
    """Tokens of a text that is moved, at least."""
    draft_cost: float | None = None
    """See `lookup.DRAFT_COST`; None: not measured."""
    batch_tokens: int = 512
    micro_batch_tokens: int = 128
    """Evaluated in one go on a CPU; see `decoder.Decoder.step_at`."""
    threads: int = 2
    """That generate."""
    batch_threads: int | None = None
    """That evaluate prompts; None: as many."""
    flash_attention: bool | None = None
    """None: on a GPU, if it can."""
    kv_type: str = "f16"
    """Of the KV cache's cells: `f16` or `q8_0`."""
    mmap: bool = True
    """Map the file into memory instead of reading it."""
    gpu_layers: int | None = None
    """None: all that fit the device's free memory."""
    block_count: int = 0
    """Layers of the model, for choosing how many of them to offload."""
    cache_bytes: int = 0
    """Size of the KV cache, likewise."""
    prompt_cache_bytes: int = 0
    """Memory for prompts that a KV cache held before, but no more than it has itself."""
