"""The GPUs of this machine, as far as llama.cpp can use them."""

from __future__ import annotations

from coder_tui.core.errors import CoderError


def gpus() -> tuple[str, ...]:
    """Each as `name: description, memory`; none where this build computes on the CPU. Takes a second: llama.cpp is
    asked, in a process of its own."""
    from coder_tui.engine.client import LlamaEngine

    try:
        with LlamaEngine() as engine:
            report = engine.stats()
    except CoderError:
        return ()
    return tuple(one for one in report.devices if not one.startswith("CPU:")) if report.supports_gpu_offload else ()
