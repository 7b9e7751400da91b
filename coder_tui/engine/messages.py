"""The messages between client and worker: typed, versioned, one JSON object a line.

JSON, not pickle: what a crashed or corrupted worker writes must never be run by the client.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from coder_tui.core.errors import EngineError
from coder_tui.core.events import Delta, Event, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.load_options import LoadOptions

VERSION = 6


@dataclass(frozen=True, slots=True)
class Load:
    """Load weights, in place of those that are there."""

    id: int
    options: LoadOptions


@dataclass(frozen=True, slots=True)
class Loaded:
    id: int
    context_tokens: int
    suggest_tokens: int
    gpu_layers: int
    layer_count: int
    device: str
    """`CPU`, or the name of the device that holds the offloaded layers."""
    backend: str
    """What runs it: `CPU`, `CUDA`, `Metal`, `Vulkan` ..."""
    load_ms: float
    threads: int
    moves: bool
    """Whether text is moved in the KV cache of suggestions."""


@dataclass(frozen=True, slots=True)
class Generate:
    id: int
    prompt: Prompt
    sampling: Sampling
    limits: Limits
    purpose: Purpose = Purpose.SUGGEST


@dataclass(frozen=True, slots=True)
class Cancel:
    """End request `target`, running or still waiting. Answered by that request's Finished."""

    target: int
    choice: int | None = None
    """Only this one of the answers that it draws side by side."""


@dataclass(frozen=True, slots=True)
class Tokenize:
    id: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    id: int
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Count the tokens of each text by itself."""

    id: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    id: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SaveState:
    """Write the cells of a purpose's sequence to a file, unless that gets larger than this."""

    id: int
    purpose: Purpose
    path: Path
    max_bytes: int
    of: tuple[Segment, ...] = ()
    """The prompt whose cells are meant: others may have been read since. None: whatever is there."""


@dataclass(frozen=True, slots=True)
class RestoreState:
    """Take them from a file, if it is there and of this model."""

    id: int
    purpose: Purpose
    path: Path


@dataclass(frozen=True, slots=True)
class StateReport:
    """What was saved or restored."""

    id: int
    tokens: int
    """0: nothing."""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Measure how fast the model is, with these numbers of threads; the first is kept in doubt."""

    id: int
    threads: tuple[int, ...]
    flash: bool = False
    """Also whether flash attention is faster, on a CPU."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    id: int
    threads: int
    batch_threads: int
    prompt_tokens_per_second: float
    tokens_per_second: float
    draft_cost: float
    move_ms: float | None
    """For each 1,024 cells of the KV cache; None where the model's cells cannot be moved."""
    flash_attention: bool | None
    """Whether it is faster; None where it was not tried."""


@dataclass(frozen=True, slots=True)
class Stats:
    id: int


@dataclass(frozen=True, slots=True)
class StatsReport:
    """What the worker is and holds."""

    id: int
    pid: int
    rss_bytes: int
    model_bytes: int
    """Of the weights."""
    cache_bytes: int
    """Of the KV caches that have been made."""
    cached_tokens: int
    system_info: str
    """What llama.cpp says of its build: CPU features, GPU backends."""
    llama_cpp_python: str
    supports_gpu_offload: bool
    devices: tuple[str, ...]
    """Each as `name: description, N MiB free of M MiB`."""


@dataclass(frozen=True, slots=True)
class Progress:
    id: int
    done: int
    total: int
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """More generated text: the wire form of `core.events.Delta`."""

    id: int
    text: str
    choice: int = 0
    end: StopReason | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The wire form of `core.events.Finished`."""

    id: int
    reason: StopReason
    usage: Usage


@dataclass(frozen=True, slots=True)
class Failed:
    """Request `id` ended without a result."""

    id: int
    message: str
    hint: str | None = None
    kind: str = "engine"
    """`engine`, `weights` or `too-long`: which error the client raises. `busy`: others use what was to be exchanged."""


Request = Load | Generate | Tokenize | Count | SaveState | RestoreState | Calibrate | Stats
"""What a client waits for an answer to."""
Reply = Loaded | Tokens | Counts | StateReport | Calibrated | StatsReport | Progress | Text | Done | Failed
Message = Request | Cancel | Reply
_TYPES: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Message)}


def wired(request: int, event: Event) -> Progress | Text | Done:
    """The wire form of what a generation tells."""
    if isinstance(event, Delta):
        return Text(request, event.text, event.choice, event.end)
    if isinstance(event, PromptProgress):
        return Progress(request, event.done, event.total, event.is_short)
    return Done(request, event.reason, event.usage)


def encode(message: Message) -> bytes:
    """One line, newline included. Lone surrogates survive as JSON escapes."""
    body = {"v": VERSION, "type": type(message).__name__, **_plain(message)}
    return json.dumps(body, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line. Raises EngineError when it is none, or of another version."""
    try:
        body = json.loads(line)
        if body.pop("v") != VERSION:
            raise EngineError("the engine's process speaks another version", hint="restart coder")
        message: Message = _build(_TYPES[body.pop("type")], body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EngineError(f"the engine's process sent a broken message ({type(error).__name__})") from error
    return message


def _plain(value: Any) -> Any:  # noqa: ANN401 - any message field
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _build(kind: Any, value: Any) -> Any:  # noqa: ANN401 - the inverse of _plain, driven by annotations
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _build(arguments[0], value)
    if origin is tuple:
        return tuple(_build(arguments[0], item) for item in value)
    if origin is frozenset:
        return frozenset(value)
    if isinstance(kind, type) and issubclass(kind, Enum | Path):
        return kind(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
