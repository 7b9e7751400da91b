"""What is best for a model on this machine where the settings leave it open: from measurements, else from its size."""

from __future__ import annotations

from pathlib import Path

from coder_tui.assistant.calibration import Calibration
from coder_tui.config.schema import ModelSettings, SuggestSettings

_OPERATION_S = 0.02
"""llama.cpp looks whether it is to stop between the operations of a micro-batch: none should take longer."""
_OPERATIONS = 4
"""The largest operations of a layer take a fourth of its time each."""
_LEAST_MICRO_BATCH, _MOST_MICRO_BATCH = 16, 128
"""Larger ones are hardly faster on a CPU (512: no), and take more memory."""
_BYTES_PER_S = 73e9
"""A CPU with two cores evaluates 150 tokens a second with a model of 0.49 GB: weights, once for each token."""
_DEAREST_MOVE = 192
"""What a CPU evaluates of the text behind a cursor is about so many tokens: moving must not cost more."""
_SHORTEST_MOVE = 48
_MOVE_MARGIN = 1.2
_TIGHT = 0.5
"""A KV cache that takes more than this part of the memory that the weights leave is kept in 8 bits."""
_NETWORKS = frozenset({"nfs", "nfs4", "cifs", "smbfs", "smb3", "9p", "afpfs", "ceph", "glusterfs", "webdav", "davfs"})


def micro_batch(measured: Calibration | None, size_bytes: int, layers: int) -> int:
    """Tokens that a CPU evaluates in one go, a power of two: so few that a request can be ended within 50 ms."""
    speed = measured.prompt_tokens_per_second if measured else _BYTES_PER_S / max(1, size_bytes)
    most = _OPERATION_S * _OPERATIONS * max(1, layers) * speed
    tokens = _LEAST_MICRO_BATCH
    while tokens < _MOST_MICRO_BATCH and 2 * tokens <= most:
        tokens *= 2
    return tokens


def move_cost(measured: Calibration | None, cells: int) -> float | None:
    """So many tokens are evaluated in the time in which text is moved in a KV cache of `cells`; None: not measured."""
    if measured is None or measured.move_ms is None:
        return None
    return measured.move_ms * cells / 1024 / 1000 * measured.prompt_tokens_per_second


def moving(settings: SuggestSettings, measured: Calibration | None, cells: int) -> tuple[bool, int]:
    """Whether text behind a change is moved, if the model allows it, and how short a text may be for that."""
    cost = move_cost(measured, cells)
    shortest = _SHORTEST_MOVE if cost is None else max(16, round(_MOVE_MARGIN * cost))
    if settings.reuse == "auto":
        return cost is None or cost <= _DEAREST_MOVE, shortest
    return settings.reuse == "moved", min(shortest, _SHORTEST_MOVE)


def flash_attention(settings: ModelSettings, measured: Calibration | None) -> bool | None:
    """None: on a GPU, if it can."""
    if settings.flash_attention != "auto":
        return settings.flash_attention == "on"
    return measured.flash_attention if measured else None


def kv_type(settings: ModelSettings, size_bytes: int, cache_bytes: int) -> str:
    """8 bits where 16 would take much of the memory that the weights leave."""
    if settings.kv_type != "auto":
        return settings.kv_type
    from coder_tui.weights import hardware

    left = hardware.detect().available_bytes - size_bytes
    return "q8_0" if settings.flash_attention != "off" and cache_bytes > _TIGHT * max(0, left) else "f16"


def is_mapped(settings: ModelSettings, path: Path) -> bool:
    """Whether the file is mapped into memory. Over a network it is read: each page would be waited for, and again
    whenever memory is short."""
    if settings.mmap != "auto":
        return settings.mmap == "on"
    import psutil

    try:
        mounts = [(mount.mountpoint, mount.fstype) for mount in psutil.disk_partitions(all=True)]
    except OSError:
        return True
    place = path.resolve()
    holding = [(point, kind) for point, kind in mounts if place.is_relative_to(point)]
    kind = max(holding, key=lambda mount: len(mount[0]), default=("", ""))[1]
    return kind.lower().removeprefix("fuse.") not in _NETWORKS | {"sshfs"}
