"""A LoRA over loaded weights (Hu et al., 2021), for some of their contexts. Runs in the worker process only."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp

from coder_tui.core.errors import EngineError, WeightsError
from coder_tui.engine.llama import Model
from coder_tui.engine.state_file import fingerprint_of_file

_HINT = "coder config set suggest.adapter off"


class Adapter:
    """Of a GGUF file with low-rank matrices. llama.cpp frees it with the model that it is for."""

    def __init__(self, model: Model, path: Path) -> None:
        """Raises WeightsError when the file cannot be read, or is not for a model of this shape."""
        self._path = path
        try:
            self.fingerprint = fingerprint_of_file(path)
        except OSError as error:
            raise WeightsError(f"the adapter {path} cannot be read: {error.strerror}", hint=_HINT) from error
        self._handle = llama_cpp.llama_adapter_lora_init(model.handle, str(path).encode())
        if not self._handle:
            raise WeightsError(f"{path} is no adapter for these weights", hint=_HINT)

    @property
    def is_current(self) -> bool:
        """Whether the file is still the one that it came from. Raises OSError."""
        return fingerprint_of_file(self._path) == self.fingerprint

    def put_on(self, context: ctypes.c_void_p) -> None:
        """All that a context evaluates from now on goes through it. Raises EngineError."""
        handles = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(self._handle)
        if llama_cpp.llama_set_adapters_lora(context, handles, 1, (ctypes.c_float * 1)(1.0)):
            raise EngineError("llama.cpp could not put an adapter on a context", hint=_HINT)
