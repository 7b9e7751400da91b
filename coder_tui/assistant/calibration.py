"""How fast a model is on this machine: measured once, remembered, used when it is loaded."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coder_tui.config import paths
from coder_tui.config.atomic import replace_file
from coder_tui.config.schema import ModelSettings
from coder_tui.core.errors import EngineError

if TYPE_CHECKING:
    from coder_tui.engine.client import LlamaEngine

_VERSION = 3
_REMEMBERED = 64
"""Models and ways to load them; those measured last."""
_LOOKS = 3
"""After so many the fastest is taken to be what the machine can do."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured."""

    threads: int
    """That generate fastest."""
    batch_threads: int
    """That evaluate prompts fastest."""
    prompt_tokens_per_second: float
    tokens_per_second: float
    draft_cost: float
    """Time for one more token in a batch, in units of the time for a token alone."""
    move_ms: float | None
    """Moving text in the KV cache, for each 1,024 cells that it has; None where the model cannot."""
    flash_attention: bool | None
    """Whether suggestions come faster with it; None where that was not tried."""
    measured: str
    """Date and time, UTC, ISO 8601."""
    looks: int = 1
    """How often it was measured, at different times: these are the figures of the fastest."""


def known(model: Path, settings: ModelSettings) -> Calibration | None:
    """What is remembered of a model, if it, the machine, llama.cpp and how it is loaded are still the same."""
    try:
        return Calibration(**_read()[_key(model, settings)])
    except (KeyError, TypeError, OSError, ImportError):  # without llama.cpp nothing is known either
        return None


def is_whole(found: Calibration | None, settings: ModelSettings, *, on_gpu: bool) -> bool:
    """Whether nothing more is to be measured."""
    return found is not None and (on_gpu or settings.flash_attention != "auto" or found.flash_attention is not None)


def is_sure(found: Calibration | None, *, on_gpu: bool) -> bool:
    """Whether a moment in which the machine was slow would have been noticed: how much of a file is read for a
    suggestion goes by the speed of a CPU, and should not stay half of what it could be."""
    return found is not None and (on_gpu or found.looks >= _LOOKS)


def measure(
    engine: LlamaEngine, model: Path, settings: ModelSettings, *, thorough: bool = False, now: bool = False
) -> Calibration | None:
    """Measure the loaded model and remember it. About two seconds; `thorough`, with flash attention, about seven.

    None when there was something else to do, or when other programs keep the processor busy, unless it must be `now`:
    what is measured then is remembered for long, and the best number of threads would be another one. What was measured
    at other times stays where it is faster, since others can only take time away, and counts nothing with `now`.
    """
    from coder_tui.weights import hardware

    if not now and hardware.is_busy():
        return None
    earlier = None if now else known(model, settings)
    flash = thorough and settings.flash_attention == "auto" and (earlier is None or earlier.flash_attention is None)
    try:
        found = engine.calibrate(hardware.thread_counts(), flash=flash)
    except EngineError:
        return None
    time = datetime.now(UTC).isoformat(timespec="seconds")
    calibration = Calibration(
        found.threads,
        found.batch_threads,
        found.prompt_tokens_per_second,
        found.tokens_per_second,
        found.draft_cost,
        found.move_ms,
        found.flash_attention,
        time,
    )
    if earlier is not None:
        calibration = _faster(earlier, calibration)
    with contextlib.suppress(OSError):  # it is measured again then
        _remember(_key(model, settings), calibration)
    return calibration


def _faster(earlier: Calibration, later: Calibration) -> Calibration:
    faster = max(earlier, later, key=lambda one: one.prompt_tokens_per_second)
    flash = earlier.flash_attention if later.flash_attention is None else later.flash_attention
    return replace(faster, flash_attention=flash, looks=earlier.looks + 1)


def _remember(key: str, calibration: Calibration) -> None:
    entries = _read()
    entries.pop(key, None)
    kept = list(entries.items())[-_REMEMBERED + 1 :]
    _file().parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**dict(kept), key: asdict(calibration)}, indent=1)
    replace_file(_file(), [text.encode()], mode=0o600)


def _key(model: Path, settings: ModelSettings) -> str:
    """All that the figures depend on. llama.cpp's package has another time after it was built anew, for a GPU for
    instance, in the same version."""
    from importlib.metadata import version
    from importlib.util import find_spec

    from coder_tui.weights.hardware import cpu_model, usable_cores

    facts, package = model.stat(), find_spec("llama_cpp")
    built = Path(package.origin).stat().st_mtime_ns if package is not None and package.origin else 0
    return "; ".join(
        [
            f"{model.resolve()} {facts.st_size} {facts.st_mtime_ns}",
            f"{cpu_model()}, {usable_cores()} cores",
            f"llama-cpp-python {version('llama-cpp-python')} of {built}",
            f"GPU layers {settings.gpu_layers}, flash attention {settings.flash_attention}, {settings.kv_type}",
            str(_VERSION),
        ]
    )


def _file() -> Path:
    return paths.cache_dir() / "calibration.json"


def _read() -> dict[str, dict[str, Any]]:
    """All that is remembered; nothing of a broken file."""
    try:
        entries = json.loads(_file().read_bytes())
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}
