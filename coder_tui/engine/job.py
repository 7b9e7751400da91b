"""What one request asks of the engine's process, in tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.core.prompt import Aside, Likely, Limits, Purpose, Sampling

if TYPE_CHECKING:
    from coder_tui.engine.llama import Encoded


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be generated."""

    prompt: Encoded
    forced: bytes
    likely: Sequence[Likely]
    sampling: Sampling
    limits: Limits
    purpose: Purpose
    arrived: float
    """By `time.perf_counter`."""
    has_enough: Callable[[int], bool] = lambda _: False
    """Whether no more is wanted of one of several answers."""
    aside: Aside | None = None
    is_short: bool = False
    """The prompt is a short one, see `PromptProgress`."""
