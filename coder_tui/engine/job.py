"""What one request asks of the engine's process, in tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coder_tui.core.prompt import Aside, Likely, Limits, Purpose, Sampling
from coder_tui.engine.spelling import settled

if TYPE_CHECKING:
    from coder_tui.engine.llama import Encoded, Model


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be generated."""

    prompt: Encoded
    begun: bytes
    """The answer begins with this text, of which the prompt's last tokens are."""
    forced: bytes
    """What is to be spelled behind it."""
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


def begun(prompt: Encoded, forced: str, model: Model) -> tuple[Encoded, bytes, bytes]:
    """(the prompt with what is settled of a text that is to be spelled, that text, the rest of it)."""
    text = forced.encode("utf-8", "replace")
    given = settled(text, model)
    said = b"".join(map(model.piece, given))
    return replace(prompt, tokens=[*prompt.tokens, *given]), said, text.removeprefix(said)
