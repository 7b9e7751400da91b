"""How fast a model is on this machine: measured once, remembered, used when it is loaded."""

from __future__ import annotations

import contextlib
import json
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coder_tui.config import paths
from coder_tui.config.atomic import replace_file
from coder_tui.core.errors import EngineError

if TYPE_CHECKING:
    from coder_tui.engine.client import LlamaEngine

_VERSION = 1


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
    measured: str
    """Date and time, UTC, ISO 8601."""


def known(model: Path) -> Calibration | None:
    """What is remembered of a model, if it, the machine and llama.cpp are still the same."""
    try:
        return Calibration(**_read()[_key(model)])
    except (KeyError, TypeError, OSError):
        return None


def measure(engine: LlamaEngine, model: Path) -> Calibration | None:
    """Measure the loaded model and remember it; None when there was something else to do. About two seconds."""
    from coder_tui.weights.hardware import usable_cores

    try:
        found = engine.calibrate(_candidates(usable_cores()))
    except EngineError:
        return None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    calibration = Calibration(
        found.threads,
        found.batch_threads,
        found.prompt_tokens_per_second,
        found.tokens_per_second,
        found.draft_cost,
        now,
    )
    with contextlib.suppress(OSError):  # it is measured again then
        _file().parent.mkdir(parents=True, exist_ok=True)
        entries = {**_read(), _key(model): asdict(calibration)}
        replace_file(_file(), [json.dumps(entries, indent=1).encode()], mode=0o600)
    return calibration


def _candidates(cores: int) -> list[int]:
    """Physical cores first: that is kept in doubt."""
    import psutil

    logical = min(psutil.cpu_count() or cores, 2 * cores)
    return list(dict.fromkeys([cores, max(1, cores // 2), logical]))


def _key(model: Path) -> str:
    from importlib.metadata import version

    from coder_tui.weights.hardware import usable_cores

    facts = model.stat()
    machine = f"{platform.machine()} {platform.processor()} {usable_cores()} cores"
    return (
        f"{model.resolve()} {facts.st_size} {facts.st_mtime_ns}; {machine}; {version('llama-cpp-python')}; {_VERSION}"
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
