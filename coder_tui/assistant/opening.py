"""From a GGUF file and the settings to a loaded engine and all that prompts must know of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coder_tui.assistant import calibration, tuning
from coder_tui.assistant.counting import Counts
from coder_tui.assistant.kept import Kept
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import ModelInfo
from coder_tui.engine.base import Engine

if TYPE_CHECKING:
    from coder_tui.engine.link import Link
    from coder_tui.engine.load_options import LoadOptions
    from coder_tui.weights.facts import ModelFacts


TYPING_TOKENS = 4096
"""Window of suggestions while somebody types. Moving takes time by the size of the KV cache, not of what is moved:
40 ms with 4,096 cells, 85 ms with 8,192 (0.5B model, 2 cores)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A model that answers."""

    engine: Engine
    info: ModelInfo
    settings: Settings
    on_gpu: bool = False
    """Whether layers of the model are on a GPU, which reads prompts many times faster."""
    path: Path = Path()
    """Of its file."""
    threads: int = 1
    layers: str = ""
    """What holds which of its layers, where that is not the CPU alone: `CUDA 25/25 layers`."""
    prompt_speed: float = 150.0
    """Tokens of a prompt that are evaluated in a second: as measured, else what two cores do with a small model."""

    counts: Counts = field(default_factory=Counts, compare=False, repr=False)

    def count(self, text: str) -> int:
        """See `Counts.count`."""
        return self.counts.count(self.engine, text)


@contextmanager
def opened(
    path: Path,
    settings: Settings,
    *,
    log_file: Path | None,
    loading: Callable[[ModelInfo], None] = lambda _: None,
    measuring: Callable[[], None] = lambda: None,
    typing: bool = False,
    kept: Kept | None = None,
    measure: bool = False,
    shared: bool = False,
) -> Iterator[Ready]:
    """A loaded engine, ended on the way out whatever it is doing.

    `loading` is told what is going to be loaded, `measuring` is called when only a measurement is left to be waited for
    (see below), which an interrupt then skips. With `typing` many suggestions are going to be asked for, one after
    the other, and text may be moved in the KV cache; without it an answer never depends on what was asked before.
    `kept` is what earlier commands read, and what is read now is added to it. After that, or with `measure`, a model's
    speed on this machine is measured when it is not known and nothing else keeps the machine busy. `shared` uses the
    engine that stays, where there is one or the settings want one.

    Raises WeightsError for a file that is not usable, before llama.cpp sees it where that can be known.
    """
    from coder_tui.engine.client import LlamaEngine
    from coder_tui.weights.facts import facts

    join = _resident(settings, log_file) if shared else _nobody
    with LlamaEngine(log_file, join) as engine:  # its process comes up while the file is read
        file = facts(path, paths.facts_dir())
        info = _named(file)
        loading(info)
        options = load_options(file, settings, typing=typing)
        loaded = engine.load(options if kept is None else replace(options, purposes=(kept.purpose,)))
        if kept is not None:
            kept.restore(engine, settings)
        if typing and settings.suggest.reuse == "auto":
            settings = replace(settings, suggest=replace(settings.suggest, reuse=_reuse(loaded.moves)))
        layers = f"{loaded.backend} {loaded.gpu_layers}/{loaded.layer_count} layers" if loaded.gpu_layers else ""
        ready = Ready(engine, info, settings, loaded.gpu_layers > 0, file.path, loaded.threads, layers)
        measured = calibration.known(file.path, settings.model)
        yield replace(ready, prompt_speed=measured.prompt_tokens_per_second) if measured else ready
        if kept is not None:
            kept.save(engine, settings)
        if measure:
            calibration.measure(engine, file.path, settings.model, thorough=True, now=True)
        elif kept is not None and calibration.known(file.path, settings.model) is None:
            measuring()
            with suppress(KeyboardInterrupt):  # what was asked for is there
                calibration.measure(engine, file.path, settings.model)


def _nobody() -> None:
    """There is none to join."""


def _resident(settings: Settings, log_file: Path | None) -> Callable[[], Link | None]:
    from coder_tui.engine.joining import joined

    return partial(joined, paths.runtime_dir(), 60.0 * settings.model.stay_minutes, log_file)


def _reuse(moves: bool) -> Literal["exact", "moved"]:
    return "moved" if moves else "exact"


def _named(file: ModelFacts) -> ModelInfo:
    """What the file says of itself, under the catalogue's title where it is a file of that: files tell odd names."""
    from coder_tui.weights import catalog

    entry = catalog.by_file(file.path.name)
    return file.info if entry is None else replace(file.info, name=entry.title)


def load_options(file: ModelFacts, settings: Settings, *, typing: bool = False) -> LoadOptions:
    """How to load a file on this machine. With `typing` as `opened`."""
    from coder_tui.engine.load_options import LoadOptions
    from coder_tui.weights.hardware import usable_cores

    chosen, info = settings.model, file.info
    measured = calibration.known(file.path, chosen)
    threads = measured.threads if measured else usable_cores()
    batch_threads = measured.batch_threads if measured else None
    window = min(chosen.context_tokens, info.context_length or chosen.context_tokens)
    suggest_tokens = min(window, TYPING_TOKENS) if typing else window
    moves, shortest = tuning.moving(settings.suggest, measured, suggest_tokens)
    size = file.path.stat().st_size
    cache_bytes = window * file.cache_bytes_per_token
    adapter = settings.suggest.adapter
    return LoadOptions(
        file.path.absolute(),
        overrides=file.overrides,
        adapter=None if adapter == "off" else Path(adapter).expanduser(),
        context_tokens=window,
        suggest_tokens=suggest_tokens,
        moves=typing and moves,
        shortest_move=shortest,
        batch_tokens=min(chosen.batch_tokens, window),
        micro_batch_tokens=tuning.micro_batch(measured, size, file.block_count),
        threads=threads if chosen.threads == "auto" else chosen.threads,
        batch_threads=batch_threads if chosen.threads == "auto" else None,
        draft_cost=measured.draft_cost if measured else None,
        flash_attention=tuning.flash_attention(chosen, measured),
        kv_type=tuning.kv_type(chosen, size, cache_bytes),
        mmap=tuning.is_mapped(chosen, file.path),
        gpu_layers=None if chosen.gpu_layers == "auto" else chosen.gpu_layers,
        block_count=file.block_count,
        cache_bytes=cache_bytes,
        prompt_cache_bytes=settings.cache.memory_bytes,
    )
