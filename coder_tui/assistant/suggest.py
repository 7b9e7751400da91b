"""Suggestions while somebody types: remembered ones first, and work ahead while nobody waits.

Each call belongs to a thread of its caller; `suggest` ends what other threads compute ahead, `cancel` ends everything.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from coder_tui.assistant.alternatives import alternatives
from coder_tui.assistant.infill import Infilled, Manner, Shown, Step, infill
from coder_tui.assistant.kept import Turns, file_key
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for
from coder_tui.assistant.suggestion_cache import SuggestionCache, scope_of
from coder_tui.context import exclude
from coder_tui.core.context import Suggestion
from coder_tui.core.document import Span, to_lf, with_newline
from coder_tui.core.events import Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Purpose, Sampling
from coder_tui.engine.base import Generation

_DRAWS, _BATCHES = 3, 2
"""Alternatives that are drawn at once, and how often."""
_DRAWN_AT = 0.9
"""Temperature of alternatives: at lower ones a small model says the same again."""
_CUT_SHORT = (StopReason.CANCELLED, StopReason.DEADLINE)


@dataclass(frozen=True, slots=True)
class _Key:
    scope: bytes
    prefix: str


@dataclass(slots=True, eq=False)
class _Run:
    """A request from its beginning, before there is a generation, to its end."""

    purpose: Purpose
    generation: Generation | None = None
    is_cancelled: bool = False


class Suggester:
    """A model, what it suggested before, and what it computes ahead."""

    def __init__(self, ready: Ready, turns: Turns | None = None) -> None:
        """With `turns` what was read of a file is there again when somebody comes back to it."""
        self.ready = ready
        self._turns = turns
        self._cache = SuggestionCache(ready.settings.suggest.cache_bytes)
        self._lock = threading.Lock()
        """Guards the cache and `_running`."""
        self._running: list[_Run] = []

    def suggest(self, hole: Hole, sampling: Sampling) -> Iterator[Step | Infilled]:
        """As `infill`; without asking the model where a suggestion is known. Ends all work ahead."""
        self.cancel(Purpose.AHEAD, Purpose.REFRESH)
        key = self._key(hole, sampling)
        with self._lock:
            known = self._cache.get(key.scope, key.prefix)
        if known is not None and (known.text or known.is_whole):
            if known.text:
                yield Shown(known.text)
            offset = hole.document.offset(hole.position)
            said = Suggestion(known.text, Span(offset, offset))
            yield Infilled(said, Usage(), StopReason.END, known=True, is_fresh=not known.typed)
            return
        wait = self.ready.settings.suggest.max_wait_ms
        yield from self._infill(hole, sampling, Manner(Purpose.SUGGEST, wait or None, may_be_short=True))

    def others(self, hole: Hole, shown: str, count: int) -> Iterator[str]:
        """Up to `count` suggestions that are neither `shown` nor each other, drawn at random in one batch, each when it
        is whole. Where a batch gives none there is another one.

        The prompt is in the KV cache by then: together they take little longer than writing one.
        """
        self.cancel(Purpose.AHEAD, Purpose.REFRESH)
        known = {shown.strip(), ""}
        for batch in range(_BATCHES):
            drawn = Sampling(temperature=_DRAWN_AT, seed=1 + batch * _DRAWS, choices=_DRAWS)
            with self._registered(Manner(Purpose.SUGGEST)) as manner:
                for text in alternatives(self.ready, hole, drawn, manner):
                    if text.strip() not in known:
                        known.add(text.strip())
                        yield text
                    if len(known) == count + 2:
                        return
            if len(known) > 2:
                return

    def again(self, hole: Hole, shown: str, sampling: Sampling) -> Iterator[Shown | Infilled]:
        """Ask the model at a place where `shown` shows, the rest of an earlier suggestion, as nobody waits: it has not
        seen what was typed along that. Nothing comes where it still says the same in the first line, or where it has
        seen all; else its suggestion, whose first line comes at once. It is remembered in place of the rest."""
        key = self._key(hole, sampling)
        with self._lock:
            known = self._cache.get(key.scope, key.prefix)
        if known is not None and not known.typed:
            return
        text, differs = "", False
        for event in self._infill(hole, sampling, Manner(Purpose.AHEAD), nothing=known is None):
            if isinstance(event, Shown):
                text += event.text
                if not differs and not event.whole and "\n" not in text[1:]:
                    continue
            elif not isinstance(event, Infilled) or event.reason in _CUT_SHORT or not text:
                continue
            if not differs:
                if _first_line(text) == _first_line(shown):
                    return  # which closes the generator, and that ends the request
                differs = True
                yield Shown(text)
            elif isinstance(event, Shown):
                yield event
            if isinstance(event, Infilled):
                yield event

    def ahead(self, hole: Hole, suggestion: Suggestion, sampling: Sampling) -> Usage | None:
        """Compute the suggestion that follows if this one is accepted; None where that is not worth it.

        In exact mode a suggestion with several lines is not followed: the text behind the cursor would be evaluated
        once for it, and once more if it is not accepted.
        """
        settings = self.ready.settings.suggest
        if (
            settings.speculate == "off"
            or not suggestion.text
            or (settings.reuse == "exact" and "\n" in suggestion.text)
        ):
            return None
        then = _accepted(hole, suggestion)
        key = self._key(then, sampling)
        with self._lock:
            if self._cache.get(key.scope, key.prefix) is not None:
                return None
        for event in self._infill(then, sampling, Manner(Purpose.AHEAD)):
            if isinstance(event, Infilled):
                return event.usage
        return None

    def warm(self, hole: Hole) -> Usage:
        """Read a place before anybody types there."""
        if self._turns is not None:
            self._turns.turn_to(self.ready.engine, self.ready.settings, self._file_key(hole))
        end = self._read(hole, Purpose.AHEAD)
        self._has_read(hole)
        return end.usage

    def refresh(self, hole: Hole) -> Usage:
        """Evaluate what was only moved in the KV cache, while nobody waits."""
        end = self._read(hole, Purpose.REFRESH)
        if end.reason is StopReason.LENGTH:  # else the cache may hold a short prompt as before
            self._has_read(hole)
        return end.usage

    def close(self) -> None:
        """Keep what was read, for the next time. May take a moment."""
        if self._turns is not None:
            self._turns.keep()

    def cancel(self, *purposes: Purpose) -> None:
        """End what runs for these purposes, for any without one. From any thread."""
        with self._lock:
            runs = [run for run in self._running if not purposes or run.purpose in purposes]
            for run in runs:
                run.is_cancelled = True
        for run in runs:
            if run.generation is not None:
                run.generation.cancel()

    def _infill(
        self, hole: Hole, sampling: Sampling, manner: Manner, *, nothing: bool = True
    ) -> Iterator[Step | Infilled]:
        """Ask the model, and keep what it says; `nothing`: also that it has nothing to say. A caller that leaves early
        has what was shown kept, by whole lines."""
        shown, end, is_short = "", None, False
        with self._registered(manner) as registered:
            try:
                for event in infill(self.ready, hole, sampling, registered):
                    if isinstance(event, Shown):
                        shown += event.text
                    elif isinstance(event, PromptProgress):
                        is_short = event.is_short
                    elif isinstance(event, Infilled):
                        end = event
                        break
                    yield event
            finally:
                self._has_read(hole, is_short=is_short)
                # The model has more to say once it has read more.
                if not is_short and (nothing or end is None or end.suggestion.text):
                    self._keep(self._key(hole, sampling), shown, end)
        if end is not None:
            yield end

    def _keep(self, key: _Key, shown: str, end: Infilled | None) -> None:
        with self._lock:
            if end is not None and end.reason not in _CUT_SHORT:
                self._cache.put(key.scope, key.prefix, end.suggestion.text)
            elif "\n" in shown:
                self._cache.put(key.scope, key.prefix, shown[: shown.rindex("\n") + 1], is_whole=False)

    def _read(self, hole: Hole, purpose: Purpose) -> Finished:
        """Bring the prompt of a place into the KV cache; LENGTH where that was done."""
        _, prompt = prompt_for(self.ready, hole)
        with self._registered(Manner(purpose)) as manner:
            generation = self.ready.engine.generate(prompt, Sampling(), Limits(max_tokens=0), purpose)
            manner.started(generation)
            for event in generation:
                if isinstance(event, Finished):
                    return event
        return Finished(StopReason.CANCELLED, Usage())

    def _has_read(self, hole: Hole, *, is_short: bool = False) -> None:
        if self._turns is not None:
            self._turns.holds("" if is_short else self._file_key(hole))

    def _file_key(self, hole: Hole) -> str:
        """Under which what is read of a file is kept; empty for those of which nothing is ever sent along."""
        if not hole.path or exclude.by_name(hole.path):
            return ""
        root = Path() if hole.surroundings is None else hole.surroundings.root
        return file_key(self.ready.info.name, root / hole.path)

    @contextmanager
    def _registered(self, manner: Manner) -> Iterator[Manner]:
        """The manner with which what runs in this context can be cancelled, also before it is a generation."""
        run = _Run(manner.purpose)

        def start(generation: Generation) -> None:
            with self._lock:
                run.generation = generation
            if run.is_cancelled:
                generation.cancel()

        with self._lock:
            self._running.append(run)
        try:
            yield replace(manner, started=start)
        finally:
            with self._lock:
                self._running.remove(run)

    def _key(self, hole: Hole, sampling: Sampling) -> _Key:
        """All that an answer depends on. Of the repository that is what was found last: it changes by line, not by key,
        and an answer is kept under what was found for it."""
        offset = hole.document.offset(hole.position)
        text = hole.document.text
        settings = self.ready.settings
        found = hole.surroundings.found.snippets if hole.surroundings is not None else ()
        snippets = [part for one in (*found, *hole.snippets) for part in (one.path, one.text)]
        model = f"{self.ready.info.name} {self.ready.info.size_bytes}"
        scope = scope_of(
            model, repr(settings.suggest), repr(settings.prompts), repr(sampling), hole.path, text[offset:], *snippets
        )
        return _Key(scope, to_lf(text[:offset]))


def _first_line(text: str) -> str:
    """Up to the end of its first line; a line end that it begins with is part of that."""
    end = text.find("\n", 1)
    return text if end < 0 else text[:end]


def _accepted(hole: Hole, suggestion: Suggestion) -> Hole:
    """The hole that is there when the suggestion has been accepted."""
    text, span = hole.document.text, suggestion.span
    new = with_newline(suggestion.text, hole.document.newline)
    document = replace(hole.document, text=text[: span.start] + new + text[span.end :])
    return replace(hole, document=document, position=document.position(span.start + len(new)))
