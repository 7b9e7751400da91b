"""Replaying a typing trace through the program's own suggestions: what each moment costs and what it is worth."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from coder_tui.assistant.infill import Hole, Infilled, Shown
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.suggest import Suggester
from coder_tui.core.document import Document
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Purpose, Sampling
from coder_tui.evals.figures import spread
from coder_tui.evals.trace import Moment

_GREEDY = Sampling()


@dataclass(frozen=True, slots=True)
class Options:
    warm: bool = True
    """Read a place that the cursor has jumped to before the first key, as the app does."""
    pause_ms: float = 0.0
    """How long nothing is typed once a suggestion's first line is there: it is generated further, then the next one.
    0: the next key comes at once."""


@dataclass(frozen=True, slots=True)
class Result:
    """One moment."""

    cold: bool
    """The cursor was elsewhere before."""
    known: bool
    """Answered by the suggestion cache."""
    prompt_tokens: int
    cached_tokens: int
    moved_tokens: int
    """Of the cached ones."""
    evaluated_tokens: int
    warm_tokens: int
    """Evaluated before the first key."""
    warm_ms: float
    first_line_ms: float
    """From the key to the end of the first line, or of the suggestion."""
    line: str
    exact: bool
    """Whether that is what the author wrote."""
    spared: int
    """Characters that need not be typed then."""


def replay(ready: Ready, moments: Sequence[Moment], options: Options) -> Iterator[Result]:
    """Each moment in its turn."""
    suggester = Suggester(ready)
    earlier: Moment | None = None
    for moment in moments:
        cold = not moment.follows(earlier)
        earlier = moment
        warm, warm_ms = Usage(), 0.0
        if cold and options.warm:
            started = time.perf_counter()
            warm = suggester.warm(_hole(moment, moment.before_the_line()))
            warm_ms = 1000 * (time.perf_counter() - started)
        line, took, end = _typed(suggester, _hole(moment, moment.prefix), options.pause_ms)
        exact = line.rstrip() == moment.rest.rstrip()
        yield Result(
            cold=cold,
            known=end.known,
            prompt_tokens=end.usage.prompt_tokens,
            cached_tokens=end.usage.cached_tokens,
            moved_tokens=end.usage.moved_tokens,
            evaluated_tokens=end.usage.evaluated_tokens,
            warm_tokens=warm.evaluated_tokens,
            warm_ms=round(warm_ms, 1),
            first_line_ms=round(took, 1),
            line=line,
            exact=exact,
            spared=len(moment.rest.rstrip()) if exact else 0,
        )


def summary(results: Sequence[Result]) -> dict[str, object]:
    """The figures of a replay. `evaluated` is per key; `with_cold` adds what was read where the cursor jumped to."""
    asked = [one for one in results if not one.known]
    count = max(1, len(results))
    return {
        "moments": len(results),
        "cold": sum(one.cold for one in results),
        "known": sum(one.known for one in results),
        "known_share": round(sum(one.known for one in results) / count, 3),
        "prompt_tokens": spread([one.prompt_tokens for one in asked]),
        "evaluated": spread([one.evaluated_tokens for one in results]),
        "evaluated_with_cold": spread([one.evaluated_tokens + one.warm_tokens for one in results]),
        "evaluated_without_cold": spread([one.evaluated_tokens for one in results if not one.cold]),
        "moved": spread([one.moved_tokens for one in results]),
        "first_line_ms": spread([one.first_line_ms for one in results]),
        "warm_ms": spread([one.warm_ms for one in results if one.cold]),
        "exact": sum(one.exact for one in results),
        "exact_share": round(sum(one.exact for one in results) / count, 3),
        "characters_spared": sum(one.spared for one in results),
    }


def as_json(result: Result) -> dict[str, object]:
    return asdict(result)


def _hole(moment: Moment, before: str) -> Hole:
    document = Document(before + moment.suffix)
    return Hole(document, document.position(len(before)), moment.path)


def _typed(suggester: Suggester, hole: Hole, pause_ms: float) -> tuple[str, float, Infilled]:
    """(first line, ms until it was there, end) of the suggestion after a key; then work ahead until the next key."""
    started = time.perf_counter()
    text, took, timer, end = "", 0.0, None, None
    for event in suggester.suggest(hole, _GREEDY):
        if isinstance(event, Infilled):
            end = event
        elif isinstance(event, Shown):
            text += event.text
            if "\n" in text and not took:
                took = 1000 * (time.perf_counter() - started)
                timer = _next_key(suggester, pause_ms)
    if end is None:
        raise TypeError("an infill ends with Infilled")
    took = took or 1000 * (time.perf_counter() - started)
    if pause_ms:
        timer = timer or _next_key(suggester, pause_ms)
        suggester.ahead(hole, end.suggestion, _GREEDY)
        suggester.refresh(hole)
    if timer is not None:
        timer.cancel()
        timer.join()
    return text.split("\n")[0], took, end


def _next_key(suggester: Suggester, pause_ms: float) -> threading.Timer | None:
    """Cancel everything when the next key comes, which may be at once."""
    press: Callable[[], None] = lambda: suggester.cancel(*Purpose)  # noqa: E731
    if not pause_ms:
        press()
        return None
    timer = threading.Timer(pause_ms / 1000, press)
    timer.daemon = True
    timer.start()
    return timer
