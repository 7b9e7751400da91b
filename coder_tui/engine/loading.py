"""From a Load message to a model with a context on the right device. Runs in the worker process only."""

from __future__ import annotations

import os
from dataclasses import dataclass

import llama_cpp

from coder_tui.core.errors import EngineError, WeightsError
from coder_tui.engine import messages as wire
from coder_tui.engine.decoder import Decoder
from coder_tui.engine.devices import devices, layers_that_fit
from coder_tui.engine.llama import Model
from coder_tui.engine.messages import LoadOptions


@dataclass(frozen=True, slots=True)
class Weights:
    """A loaded model and its context."""

    model: Model
    decoder: Decoder
    gpu_layers: int
    threads: int

    def close(self) -> None:
        self.decoder.close()
        self.model.close()

    def loaded(self, request: int, load_ms: float) -> wire.Loaded:
        gpus = [device.description or device.name for device in devices() if device.is_gpu]
        return wire.Loaded(
            request,
            self.decoder.context_tokens,
            self.gpu_layers,
            self.model.layer_count,
            gpus[0] if self.gpu_layers and gpus else "CPU",
            round(load_ms, 1),
            self.threads,
        )


def load(options: LoadOptions) -> Weights:
    """Load as told. When a device has no room for the layers after all, with half as many, at last with none."""
    layers = _wanted_layers(options)
    while True:
        try:
            return _try(options, layers)
        except (EngineError, WeightsError):
            if layers <= 0 or options.gpu_layers is not None:
                raise
            layers //= 2


def report(request: int, cached_tokens: int) -> wire.StatsReport:
    import psutil

    return wire.StatsReport(
        request,
        os.getpid(),
        psutil.Process().memory_info().rss,
        cached_tokens,
        (llama_cpp.llama_print_system_info() or b"").decode("utf-8", "replace").strip(" |"),
        llama_cpp.__version__,
        bool(llama_cpp.llama_supports_gpu_offload()),
        tuple(str(device) for device in devices()),
    )


def _wanted_layers(options: LoadOptions) -> int:
    if not llama_cpp.llama_supports_gpu_offload():
        return 0
    if options.gpu_layers is not None:
        return options.gpu_layers
    layer_count = options.block_count + 1
    return layers_that_fit(devices(), options.path.stat().st_size, options.cache_bytes, layer_count)


def _try(options: LoadOptions, layers: int) -> Weights:
    model = Model(options.path, options.overrides, layers)
    try:
        decoder = Decoder(
            model,
            context_tokens=options.context_tokens,
            batch_tokens=options.batch_tokens,
            threads=options.threads,
            offloaded=layers > 0,
        )
    except EngineError:
        model.close()
        raise
    return Weights(model, decoder, min(layers, model.layer_count), options.threads)
