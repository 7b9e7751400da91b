"""What llama.cpp was built for and what it can compute on: devices, their free memory, and how many layers fit."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

_GPU_TYPES = (1, 2)
"""ggml_backend_dev_type: 1 a GPU with memory of its own, 2 one that shares the host's."""
_SPARE_BYTES = 512 << 20
"""Left free on a device for compute buffers and the desktop."""


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    description: str
    kind: int
    free_bytes: int
    total_bytes: int

    @property
    def is_gpu(self) -> bool:
        return self.kind in _GPU_TYPES

    def __str__(self) -> str:
        memory = f"{self.free_bytes >> 20} MiB free of {self.total_bytes >> 20} MiB"
        return f"{self.name}: {self.description}, {memory}"


def devices() -> tuple[Device, ...]:
    """Every device that ggml knows, the CPU among them."""
    from llama_cpp._ggml import libggml  # the bindings have no public name for the backend registry

    for name, result, arguments in _SIGNATURES:
        function = getattr(libggml, name)
        function.restype, function.argtypes = result, arguments
    found: list[Device] = []
    for index in range(libggml.ggml_backend_dev_count()):
        handle = libggml.ggml_backend_dev_get(index)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        libggml.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
        found.append(
            Device(
                (libggml.ggml_backend_dev_name(handle) or b"?").decode("utf-8", "replace"),
                (libggml.ggml_backend_dev_description(handle) or b"").decode("utf-8", "replace").strip(),
                libggml.ggml_backend_dev_type(handle),
                free.value,
                total.value,
            )
        )
    return tuple(found)


def layers_that_fit(available: tuple[Device, ...], weights_bytes: int, cache_bytes: int, layer_count: int) -> int:
    """How many of a model's layers to offload, given its size with the KV cache; 0 without a GPU.

    An estimate that takes the layers as equally large. A load that fails all the same is tried again with fewer.
    """
    free = sum(max(0, device.free_bytes - _SPARE_BYTES) for device in available if device.is_gpu)
    needed = weights_bytes + cache_bytes
    if layer_count <= 0 or free <= 0:
        return 0
    if free >= needed:
        return layer_count
    return int(layer_count * free / needed)


_SIGNATURES: tuple[tuple[str, object, list[object]], ...] = (
    ("ggml_backend_dev_count", ctypes.c_size_t, []),
    ("ggml_backend_dev_get", ctypes.c_void_p, [ctypes.c_size_t]),
    ("ggml_backend_dev_name", ctypes.c_char_p, [ctypes.c_void_p]),
    ("ggml_backend_dev_description", ctypes.c_char_p, [ctypes.c_void_p]),
    ("ggml_backend_dev_type", ctypes.c_int, [ctypes.c_void_p]),
    ("ggml_backend_dev_memory", None, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]),
)
