"""What comes back while a model generates: PromptProgress, Delta, Finished with its Usage and StopReason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StopReason(StrEnum):
    """Why a generation ended."""

    END = "end"
    """The model produced an end-of-generation token or another family's control token."""
    STOP = "stop"
    """A stop string, or a cleaning rule that had seen enough."""
    LENGTH = "length"
    """`max_tokens` were generated."""
    WINDOW = "window"
    """The context window is full."""
    DEADLINE = "deadline"
    """`t_max_ms` passed, or `max_wait_ms` without a token."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request cost."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt's tokens, those that were in the KV cache already, moved ones included."""
    evaluated_tokens: int = 0
    """Tokens of the prompt that were evaluated for this request; some twice when it had to make room for another."""
    completion_tokens: int = 0
    ttft_ms: float = 0.0
    """From the arrival of the request in the engine to its first generated token; 0 when there was none."""
    tokens_per_second: float = 0.0
    """Speed of generation after the first token; 0 with fewer than two tokens."""
    moved_tokens: int = 0
    """Of the cached tokens, those whose cells were moved for this request."""
    drafted_tokens: int = 0
    """Tokens that prompt lookup proposed."""
    accepted_tokens: int = 0
    """Of them, those that the model would have generated."""
    again_tokens: int = 0
    """Generated tokens that were evaluated a second time, since on account of guesses one behind them was in doubt."""

    def __add__(self, later: Usage) -> Usage:
        """What two requests cost, one after the other: all that is counted, the wait of the first that said anything,
        the mean speed."""
        both = (self, later)
        speaking = [one for one in both if one.tokens_per_second]
        seconds = sum(one.completion_tokens / one.tokens_per_second for one in speaking)
        generated = sum(one.completion_tokens for one in speaking)
        return Usage(
            prompt_tokens=self.prompt_tokens + later.prompt_tokens,
            cached_tokens=self.cached_tokens + later.cached_tokens,
            evaluated_tokens=self.evaluated_tokens + later.evaluated_tokens,
            completion_tokens=self.completion_tokens + later.completion_tokens,
            ttft_ms=self.ttft_ms or later.ttft_ms,
            tokens_per_second=round(generated / seconds, 2) if seconds else 0.0,
            moved_tokens=self.moved_tokens + later.moved_tokens,
            drafted_tokens=self.drafted_tokens + later.drafted_tokens,
            accepted_tokens=self.accepted_tokens + later.accepted_tokens,
            again_tokens=self.again_tokens + later.again_tokens,
        )


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """So many of the prompt's tokens are in place."""

    done: int
    total: int
    is_short: bool = False
    """They are those of `Prompt.short`."""


@dataclass(frozen=True, slots=True)
class Delta:
    """More generated text: whole characters, never part of a stop string."""

    text: str
    choice: int = 0
    """Of which answer, where several are drawn (`Sampling.choices`)."""
    end: StopReason | None = None
    """Set on the last of each of several answers: why no more of it comes."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every generation."""

    reason: StopReason
    usage: Usage


Event = PromptProgress | Delta | Finished
