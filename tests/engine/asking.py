"""What the engine's tests have in common: asking, and what came back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coder_tui.core.events import Delta, Event, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Prompt, Sampling, Segment
from coder_tui.engine.base import Engine, Generation
from coder_tui.engine.load_options import LoadOptions

WARM = Sampling(temperature=1.0, top_k=20, top_p=1.0, min_p=0.0, seed=11)
"""Draws that depend on many logits: text comes out differently when a cache is wrong, and varied at all. Special tokens
of the tiny models are never among the twenty."""
LONG = "def f(x):\n    return x + 1\n" * 1500
"""24,000 tokens for a tiny model; seconds of evaluation."""


@dataclass(slots=True)
class Answer:
    """All that a generation gave."""

    deltas: list[str] = field(default_factory=list[str])
    progress: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    finished: list[Finished] = field(default_factory=list[Finished])

    @property
    def text(self) -> str:
        return "".join(self.deltas)

    @property
    def reason(self) -> StopReason:
        return self.finished[0].reason

    @property
    def usage(self) -> Usage:
        return self.finished[0].usage


def options(path: Path, *, context_tokens: int = 2048, prompt_cache_bytes: int = 0) -> LoadOptions:
    """One thread: two of them wait for each other in a spin, which is slow where others want the cores as well."""
    return LoadOptions(
        path,
        context_tokens=context_tokens,
        threads=1,
        cache_bytes=prompt_cache_bytes,
        prompt_cache_bytes=prompt_cache_bytes,
    )


def prompt(text: str, *, forced: str = "") -> Prompt:
    return Prompt((Segment(text),), forced)


def collect(events: Iterator[Event] | Generation, look: Callable[[Answer], None] = lambda _: None) -> Answer:
    """Everything that comes, in one value; `look` sees it as it grows."""
    answer = Answer()
    for event in events:
        if isinstance(event, Delta):
            answer.deltas.append(event.text)
        elif isinstance(event, PromptProgress):
            answer.progress.append((event.done, event.total))
        else:
            answer.finished.append(event)
        look(answer)
    return answer


def ask(
    engine: Engine,
    what: str | Prompt,
    sampling: Sampling = WARM,
    *,
    max_tokens: int = 16,
    t_max_ms: float | None = None,
    stop_tokens: frozenset[int] = frozenset(),
    stop_strings: tuple[str, ...] = (),
) -> Answer:
    """One request from beginning to end."""
    wanted = prompt(what) if isinstance(what, str) else what
    limits = Limits(max_tokens, t_max_ms, stop_tokens, stop_strings)
    return collect(engine.generate(wanted, sampling, limits))
