"""From a Load message to a model with a context on the right device. Runs in the worker process only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import llama_cpp

from coder_tui.core.errors import EngineError, WeightsError
from coder_tui.core.prompt import Purpose
from coder_tui.engine import messages as wire
from coder_tui.engine.adapter import Adapter
from coder_tui.engine.cache import Cache
from coder_tui.engine.calibrate import Measured, calibrate, compare_flash
from coder_tui.engine.decoder import Decoder, Flag, Shape
from coder_tui.engine.devices import devices, layers_that_fit
from coder_tui.engine.kv import Policy, common_prefix
from coder_tui.engine.llama import Encoded, Model
from coder_tui.engine.load_options import LoadOptions
from coder_tui.engine.lookup import DRAFT_COST, GPU_DRAFT_COST
from coder_tui.engine.prompt_cache import PromptCache
from coder_tui.engine.state_file import fingerprint_of_file, save
from coder_tui.engine.state_file import load as load_state

_PROBED_CELLS = 1024
_Q8_PART = 34 / 64
"""Of the memory of 16-bit cells: 32 numbers of 8 bits and one of 16 take 34 bytes instead of 64."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A context with its KV cache, for requests that follow each other."""

    decoder: Decoder
    cache: Cache
    prompts: PromptCache
    policy: Policy
    draft_cost: float
    """See `lookup.DRAFT_COST`."""

    @classmethod
    def over(cls, decoder: Decoder, policy: Policy, draft_cost: float, prompt_cache_bytes: int = 0) -> Lane:
        """With nothing in its caches."""
        cache = Cache(decoder)
        return cls(decoder, cache, PromptCache(cache, decoder, prompt_cache_bytes), policy, draft_cost)

    def is_quicker(self, short: Encoded, prompt: Encoded, patience: int) -> bool:
        """Whether to answer `short` in place of a prompt, since more than so many tokens of that would have to be
        evaluated; what is there of it is put aside then."""
        missing = self.prompts.missing(prompt.tokens, prompt.movable, self.policy)
        if missing <= patience or missing <= self.prompts.missing(short.tokens, short.movable, self.policy):
            return False
        self.prompts.set_aside(prompt.tokens)
        return True


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """A state as a file has it."""

    path: Path
    stamp: tuple[int, int]
    tokens: tuple[int, ...]


class Weights:
    """A loaded model and its contexts: one for chats, one for everything else, made when they are first needed.

    Contexts of their own, not sequences in a common one: attention runs over all cells that are in use, whoever uses
    them. With a chat of 4,000 tokens in the same cache, suggestions were generated at 0.73 of the speed, their prompts
    evaluated at half.
    """

    def __init__(
        self, model: Model, options: LoadOptions, gpu_layers: int, flag: Flag, file: str, adapter: Adapter | None
    ) -> None:
        self.model = model
        self._file = file
        """Fingerprint of the file, from before it was loaded: by now another one may be in its place."""
        self._adapter = adapter
        self.gpu_layers = min(gpu_layers, model.layer_count)
        self._options = options
        self._offloaded = gpu_layers > 0
        self._flag = flag
        self._lanes: dict[bool, Lane] = {}
        """By whether it is the chats'."""
        self._on_disk: dict[bool, _OnDisk] = {}
        """What was saved or restored last, likewise."""

    def lane(self, purpose: Purpose) -> Lane:
        """Raises EngineError when there is no memory for it."""
        is_chat = purpose is Purpose.CHAT
        lane = self._lanes.get(is_chat)
        if lane is None:
            options = self._options
            window = options.context_tokens if is_chat else options.suggest_tokens or options.context_tokens
            decoder = Decoder(self.model, self._shape(window), self._flag, None if is_chat else self._adapter)
            draft_cost = options.draft_cost or (GPU_DRAFT_COST if self._offloaded else DRAFT_COST)
            # A chat only grows: nothing in it comes to stand somewhere else.
            moves = options.moves and decoder.can_shift and not is_chat
            policy = Policy(moves, shortest=options.shortest_move)
            # Of a recurrent model nothing can be forgotten in part: what it has read leads nowhere but on.
            most = min(options.prompt_cache_bytes, self._bytes(window)) if decoder.can_shift else 0
            lane = self._lanes[is_chat] = Lane.over(decoder, policy, draft_cost, most)
        return lane

    def _probe(self, window: int, threads: tuple[int, int], *, flash: bool) -> Decoder:
        """Another context over the same weights, for measuring; to be closed. Raises EngineError as `lane`."""
        shape = replace(self._shape(window), threads=threads[0], batch_threads=threads[1], flash_attention=flash)
        return Decoder(self.model, shape, self._flag, self._adapter)

    def calibrate(self, message: wire.Calibrate, measured: Measured) -> Iterator[None]:
        """Fill in `measured`, in steps. Raises Interrupted, WindowFull, EngineError."""
        yield from calibrate(self.lane(Purpose.SUGGEST).decoder, message.threads, measured)
        if message.flash and not self._offloaded:
            threads = measured.threads, measured.batch_threads
            yield from compare_flash(lambda flash: self._probe(_PROBED_CELLS, threads, flash=flash), measured)

    def _shape(self, window: int) -> Shape:
        options = self._options
        return Shape(
            window,
            min(options.batch_tokens, window),
            options.threads,
            options.batch_threads or options.threads,
            self._offloaded,
            options.flash_attention,
            options.kv_type,
            options.micro_batch_tokens,
        )

    def save(self, message: wire.SaveState, of: Sequence[int]) -> wire.StateReport:
        """Write a sequence's cells to a file, with `of` only where most of that prompt is in them. That they cannot be
        written is no failure of anything."""
        lane = self.lane(message.purpose)
        earlier = lane.prompts.earlier(of)
        tokens = tuple(lane.cache.tokens if earlier is None else earlier.tokens)
        if self._on_disk.get(message.purpose is Purpose.CHAT) == _OnDisk(message.path, _stamp(message.path), tokens):
            return wire.StateReport(message.id, len(tokens))
        size = lane.decoder.state_bytes(lane.cache.sequence) if earlier is None else len(earlier.cells)
        is_meant = not of or common_prefix(tokens, of) > len(of) // 2
        if not tokens or not is_meant or size > message.max_bytes:
            return wire.StateReport(message.id, 0)
        try:
            size = save(message.path, self._fingerprint(message.purpose), earlier or lane.cache.state())
        except OSError as error:
            print(f"the KV state could not be saved: {error}")  # noqa: T201 - into the log
            return wire.StateReport(message.id, 0)
        self._on_disk[message.purpose is Purpose.CHAT] = _OnDisk(message.path, _stamp(message.path), tokens)
        return wire.StateReport(message.id, len(tokens), size)

    def restore(self, message: wire.RestoreState) -> wire.StateReport:
        """Take a sequence's cells from a file, unless they are there still."""
        lane, stamp = self.lane(message.purpose), _stamp(message.path)
        known = self._on_disk.get(message.purpose is Purpose.CHAT)
        if known is not None and known == _OnDisk(message.path, stamp, tuple(lane.cache.tokens[: len(known.tokens)])):
            return wire.StateReport(message.id, len(known.tokens))
        state = load_state(message.path, self._fingerprint(message.purpose))
        if state is None or len(state.tokens) > lane.decoder.context_tokens:
            return wire.StateReport(message.id, 0)
        lane.prompts.keep()
        lane.cache.take(state)
        self._on_disk[message.purpose is Purpose.CHAT] = _OnDisk(message.path, stamp, tuple(lane.cache.tokens))
        return wire.StateReport(message.id, len(lane.cache.tokens), len(state.cells))

    def _fingerprint(self, purpose: Purpose) -> str:
        """What a state depends on: the weights, what lies over them, and the build of llama.cpp."""
        adapter = None if purpose is Purpose.CHAT else self._adapter
        file = self._file if adapter is None else f"{self._file} {adapter.fingerprint}"
        overrides = sorted(self._options.overrides.items())
        build = f"{llama_cpp.__version__}; {'GPU' if self._offloaded else 'CPU'}"
        return f"{file} {overrides}; {build}; {self._options.kv_type} {self._options.flash_attention}"

    @property
    def is_current(self) -> bool:
        """Whether the files are still those that they came from."""
        try:
            return fingerprint_of_file(self._options.path) == self._file and (
                self._adapter is None or self._adapter.is_current
            )
        except OSError:
            return False

    @property
    def cached_tokens(self) -> int:
        return sum(len(lane.cache.tokens) for lane in self._lanes.values())

    @property
    def cache_bytes(self) -> int:
        """Size of the KV caches, and of what was in them and is kept in memory."""
        lanes = self._lanes.values()
        return sum(self._bytes(lane.decoder.context_tokens) + lane.prompts.bytes for lane in lanes)

    def _bytes(self, cells: int) -> int:
        options = self._options
        part = _Q8_PART if options.kv_type == "q8_0" else 1.0
        return round(part * cells * options.cache_bytes / options.context_tokens)

    def close(self) -> None:
        for lane in self._lanes.values():
            lane.decoder.close()
        self.model.close()

    def loaded(self, request: int, load_ms: float) -> wire.Loaded:
        gpus = [device for device in devices() if device.is_gpu]
        return wire.Loaded(
            request,
            self._options.context_tokens,
            self._options.suggest_tokens or self._options.context_tokens,
            self.gpu_layers,
            self.model.layer_count,
            (gpus[0].description or gpus[0].name) if self.gpu_layers and gpus else "CPU",
            gpus[0].name.rstrip("0123456789") if self.gpu_layers and gpus else "CPU",
            round(load_ms, 1),
            self._options.threads,
            self.lane(Purpose.SUGGEST).policy.moves if Purpose.SUGGEST in self._options.purposes else False,
        )


def _stamp(path: Path) -> tuple[int, int]:
    """When a file was written and how large it is; what no file has where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return -1, -1
    return facts.st_mtime_ns, facts.st_size


def load(options: LoadOptions, flag: Flag) -> Weights:
    """Load as told. When a device has no room for the layers after all, with half as many, at last with none."""
    layers = _wanted_layers(options)
    while True:
        try:
            return _try(options, layers, flag)
        except (EngineError, WeightsError):
            if layers <= 0 or options.gpu_layers is not None:
                raise
            layers //= 2


def report(request: int, weights: Weights | None) -> wire.StatsReport:
    import psutil

    return wire.StatsReport(
        request,
        os.getpid(),
        psutil.Process().memory_info().rss,
        weights.model.size_bytes if weights is not None else 0,
        weights.cache_bytes if weights is not None else 0,
        weights.cached_tokens if weights is not None else 0,
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


def _try(options: LoadOptions, layers: int, flag: Flag) -> Weights:
    try:
        file = fingerprint_of_file(options.path)
    except OSError as error:
        raise WeightsError(f"{options.path.name} cannot be read: {error.strerror}") from error
    model = Model(options.path, options.overrides, layers, mmap=options.mmap)
    try:
        adapter = None if options.adapter is None else Adapter(model, options.adapter)
    except WeightsError:
        model.close()
        raise
    weights = Weights(model, options, layers, flag, file, adapter)
    try:
        for purpose in options.purposes:
            weights.lane(purpose)
    except EngineError:
        weights.close()
        raise
    return weights
