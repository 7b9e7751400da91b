"""What a request has cost so far."""

from __future__ import annotations

import time
from dataclasses import dataclass

from coder_tui.core.events import Usage


@dataclass(slots=True)
class Count:
    """What has happened so far; times are of `time.perf_counter`."""

    arrived: float
    prompt: int = 0
    cached: int = 0
    moved: int = 0
    evaluated: int = 0
    generated: int = 0
    drafted: int = 0
    accepted: int = 0
    again: int = 0
    first: float = 0.0
    last: float = 0.0

    def token(self) -> None:
        self.generated += 1
        self.last = time.perf_counter()
        self.first = self.first or self.last

    def usage(self) -> Usage:
        took = self.last - self.first
        return Usage(
            prompt_tokens=self.prompt,
            cached_tokens=self.cached,
            evaluated_tokens=self.evaluated,
            completion_tokens=self.generated,
            ttft_ms=round(1000 * (self.first - self.arrived), 1) if self.first else 0.0,
            tokens_per_second=round((self.generated - 1) / took, 2) if took > 0 else 0.0,
            moved_tokens=self.moved,
            drafted_tokens=self.drafted,
            accepted_tokens=self.accepted,
            again_tokens=self.again,
        )
