"""Replaying a typing trace through the program's own suggestions: what each moment costs and what it is worth."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from coder_tui.assistant.infill import Infilled, Shown
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.suggest import Suggester
from coder_tui.assistant.surroundings import Surroundings, whole
from coder_tui.core.document import Document
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Purpose, Sampling
from coder_tui.engine.base import Engine
from coder_tui.engine.kv import common_prefix
from coder_tui.evals.figures import spread
from coder_tui.evals.rearranged import LeftInPrefix
from coder_tui.evals.trace import Moment

_GREEDY = Sampling()


@dataclass(frozen=True, slots=True)
class Options:
    warm: bool = True
    """Read a place that the cursor has jumped to before the first key, as the app does."""
    pause_ms: float = 0.0
    """How long nothing is typed once a suggestion's first line is there: it is generated further, then the next one.
    0: the next key comes at once."""
    whole: bool = False
    """Wait for whole suggestions, not for first lines only."""
    left_in_prefix: bool = False
    """See `rearranged.LeftInPrefix`."""
    repos: Path | None = None
    """Folder of the repositories, whose other files go along; None sends none."""


@dataclass(frozen=True, slots=True)
class Result:
    """One moment."""

    path: str
    """Of the repository, and in it."""
    line_number: int
    """1-based, of the cursor."""
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
    whole_ms: float
    """To the end of the suggestion, which the next key brings about unless whole ones are waited for."""
    line: str
    exact: bool
    """Whether that is what the author wrote."""
    exact_then: bool
    """Whether what shows when the next key comes is: another one may have taken the place of a remembered one."""
    spared: int
    """Characters that need not be typed then."""
    begun: int
    """Characters of the line that are as the author wrote them, up to the first that is not."""
    ahead_tokens: int
    """Evaluated between this key and the next."""
    ahead_ms: float
    """How long there was work between this key and the next, the rest of the suggestion not counted."""


def replay(ready: Ready, moments: Sequence[Moment], options: Options) -> Iterator[Result]:
    """Each moment in its turn."""
    if options.left_in_prefix:
        ready = replace(ready, engine=cast("Engine", LeftInPrefix(ready.engine)))
    suggester = Suggester(ready)
    around = _Repositories(ready, options.repos)
    earlier: Moment | None = None
    for moment in moments:
        cold = not moment.follows(earlier)
        earlier = moment
        warm, warm_ms = Usage(), 0.0
        if cold and options.warm:
            started = time.perf_counter()
            warm = suggester.warm(_hole(moment, moment.before_the_line(), around))
            warm_ms = 1000 * (time.perf_counter() - started)
        typed = _typed(suggester, _hole(moment, moment.prefix, around), options)
        usage, rest = typed.end.usage, moment.rest.rstrip()
        exact = typed.line.rstrip() == rest
        yield Result(
            path=f"{moment.repo}/{moment.path}",
            line_number=moment.prefix.count("\n") + 1,
            cold=cold,
            known=typed.end.known,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            moved_tokens=usage.moved_tokens,
            evaluated_tokens=usage.evaluated_tokens,
            warm_tokens=warm.evaluated_tokens,
            warm_ms=round(warm_ms, 1),
            first_line_ms=round(typed.ms, 1),
            whole_ms=round(typed.whole_ms, 1),
            line=typed.line,
            exact=exact,
            exact_then=typed.line_then.rstrip() == rest,
            spared=len(rest) if exact else 0,
            begun=common_prefix([*map(ord, typed.line)], [*map(ord, rest)]),
            ahead_tokens=typed.ahead_tokens,
            ahead_ms=round(typed.ahead_ms, 1),
        )


def summary(results: Sequence[Result]) -> dict[str, object]:
    """The figures of a replay. `evaluated` is per key; `with_cold` adds what was read where the cursor jumped to.

    `characters_spared` and `_begun` (whole lines; up to the first wrong character) count a line at each of its
    moments, `characters_spared_once` only at the first at which it is right.
    """
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
        "evaluated_total": sum(one.evaluated_tokens for one in results),
        "evaluated_total_with_cold": sum(one.evaluated_tokens + one.warm_tokens for one in results),
        "moved": spread([one.moved_tokens for one in results]),
        "first_line_ms": spread([one.first_line_ms for one in results]),
        "whole_ms": spread([one.whole_ms for one in results]),
        "warm_ms": spread([one.warm_ms for one in results if one.cold]),
        "exact": sum(one.exact for one in results),
        "exact_share": round(sum(one.exact for one in results) / count, 3),
        "exact_at_next_key": sum(one.exact_then for one in results),
        "characters_spared": sum(one.spared for one in results),
        "characters_spared_once": _taken(results),
        "characters_begun": sum(one.begun for one in results),
        "ahead_tokens": sum(one.ahead_tokens for one in results),
        "ahead_ms": spread([one.ahead_ms for one in results]),
    }


def _taken(results: Sequence[Result]) -> int:
    """Characters that need not be typed by somebody who takes a line as soon as it is right: it counts once."""
    spared: dict[tuple[str, int], int] = {}
    for one in results:
        if one.exact:
            spared.setdefault((one.path, one.line_number), one.spared)
    return sum(spared.values())


def as_json(result: Result) -> dict[str, object]:
    return asdict(result)


class _Repositories:
    """What goes along from the repositories of a trace, whose files are there without what is typed."""

    def __init__(self, ready: Ready, folder: Path | None) -> None:
        self._ready = ready
        self._folder = folder
        self._known: dict[str, Surroundings] = {}

    def of(self, moment: Moment) -> Surroundings | None:
        if self._folder is None:
            return None
        if moment.repo not in self._known:
            self._known[moment.repo] = whole(self._folder / moment.repo, self._ready.settings)
        return self._known[moment.repo]


def _hole(moment: Moment, before: str, around: _Repositories) -> Hole:
    document = Document(before + moment.suffix)
    return Hole(document, document.position(len(before)), moment.path, surroundings=around.of(moment))


@dataclass(frozen=True, slots=True)
class _Typed:
    """What came of a key."""

    line: str
    ms: float
    """Until the first line was there."""
    whole_ms: float
    end: Infilled
    line_then: str
    """The one that shows when the next key comes."""
    ahead_tokens: int
    ahead_ms: float


def _typed(suggester: Suggester, hole: Hole, options: Options) -> _Typed:
    """The suggestion after a key, then work ahead until the next key."""
    started = time.perf_counter()
    text, took, end = "", 0.0, None
    ahead_tokens, ahead_ms = 0, 0.0
    with _NextKey(suggester, options.pause_ms) as next_key:
        for event in suggester.suggest(hole, _GREEDY):
            if isinstance(event, Infilled):
                end = event
            elif isinstance(event, Shown):
                text += event.text
                if not took and (event.whole or "\n" in text):
                    took = 1000 * (time.perf_counter() - started)
                    if not options.whole:
                        next_key.comes()
        if end is None:
            raise TypeError("an infill ends with Infilled")
        whole_ms = 1000 * (time.perf_counter() - started)
        took, then = took or whole_ms, text
        if options.pause_ms:
            next_key.comes()
            begun = time.perf_counter()
            again, read = _again(suggester, hole, end)
            if again is not None:
                then = again.suggestion.text
            done = (read, suggester.ahead(hole, (again or end).suggestion, _GREEDY), suggester.refresh(hole))
            ahead_ms = 1000 * (time.perf_counter() - begun)
            ahead_tokens = sum(usage.evaluated_tokens for usage in done if usage is not None)
    return _Typed(text.split("\n")[0], took, whole_ms, end, then.split("\n")[0], ahead_tokens, ahead_ms)


def _again(suggester: Suggester, hole: Hole, end: Infilled) -> tuple[Infilled | None, Usage | None]:
    """(what shows in place of a remembered suggestion that was typed along, what it cost) by the next key."""
    if end.is_fresh:
        return None, None
    text, usage = "", None
    for event in suggester.again(hole, end.suggestion.text, _GREEDY):
        if isinstance(event, Shown):
            text += event.text
        else:
            usage = event.usage
    return (replace(end, suggestion=replace(end.suggestion, text=text)) if text else None), usage


class _NextKey:
    """The key after this one: some time after a first line is there it ends all that runs, until this context ends."""

    def __init__(self, suggester: Suggester, pause_ms: float) -> None:
        self._suggester = suggester
        self._pause_ms = pause_ms
        self._over = threading.Event()
        self._finger: threading.Thread | None = None

    def comes(self) -> None:
        """From now on it is awaited; without a pause it is there at once."""
        if not self._pause_ms:
            self._suggester.cancel(*Purpose)
        elif self._finger is None:
            self._finger = threading.Thread(target=self._press, daemon=True)
            self._finger.start()

    def _press(self) -> None:
        wait = self._pause_ms / 1000
        while not self._over.wait(wait):  # again and again: what has not begun yet would not hear of it
            self._suggester.cancel(*Purpose)
            wait = 0.01

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._finger is not None:
            self._finger.join()
