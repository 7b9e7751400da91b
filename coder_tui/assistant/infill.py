"""Infill: from a document and a place in it to a cleaned suggestion, streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for, with_short
from coder_tui.config.schema import Settings
from coder_tui.context.window import Window
from coder_tui.core.context import Snippet, Suggestion
from coder_tui.core.document import Span
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.base import Generation
from coder_tui.prompts import clean, markers, repeats
from coder_tui.prompts.site import Site

_CUT_OFF = (StopReason.LENGTH, StopReason.WINDOW, StopReason.DEADLINE)
TRIES = 3
"""For those who ask for an infill by a command."""
_AGAIN = 0.9
"""Temperature of another try: small models skip a hole for what stands behind it, of which cleaning leaves nothing."""
_GIVEN_UP = (StopReason.CANCELLED, StopReason.DEADLINE)
_CAUGHT = 8
"""So many tokens of nothing but white space, one behind the other, and twice as many columns beyond the line above are
written by a model that is caught in it: code has one or two such tokens between lines."""


@dataclass(frozen=True, slots=True)
class Shown:
    """More text of the suggestion. What was shown is never taken back."""

    text: str
    whole: bool = True
    """Whether the last line of what was shown so far is complete."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was asked for and does not fit the window, in a line for the user."""

    text: str


Step = PromptProgress | LeftOut | Shown
"""What may come before the end of a suggestion."""


@dataclass(frozen=True, slots=True)
class Infilled:
    """The end of an infill."""

    suggestion: Suggestion
    usage: Usage
    """Of all tries together."""
    reason: StopReason
    known: bool = False
    """It came from the suggestion cache: the model was not asked."""
    is_fresh: bool = True
    """The model has seen all that stands before it: it is not what is left of one that was typed along."""
    tries: int = 1
    """How often the model was asked."""
    is_short: bool = False
    """It was made from fewer lines than would be read, see `Manner`."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a suggestion is asked for."""

    purpose: Purpose = Purpose.SUGGEST
    max_wait_ms: float | None = None
    """See `Limits`."""
    tries: int = 1
    """How often it is asked for where nothing comes: more than once for somebody who has asked for it."""
    may_be_short: bool = False
    """Whether a suggestion will do that is made from fewer lines, as long as the others have yet to be read."""
    started: Callable[[Generation], None] = lambda _: None
    """Is told the generation before it runs, so that somebody else can cancel it."""


def infill(ready: Ready, hole: Hole, sampling: Sampling, manner: Manner = Manner()) -> Iterator[Step | Infilled]:
    """Fill a hole. Yields Shown as text becomes certain, and one Infilled at the end.

    Raises NoInfillError when the model has no FIM tokens, DocumentError when the document has no such place.
    """
    cut, prompt = prompt_for(ready, hole)
    if manner.may_be_short:
        prompt = with_short(ready, hole, cut, prompt)
    yield from left_out(hole.snippets, cut)
    offset = hole.document.offset(hole.position)
    site = Site.within(hole.document, offset, hole.path, prompt.forced)
    usage, is_short = Usage(), False
    for number in range(1, manner.tries + 1):
        tried = sampling if number == 1 else replace(sampling, temperature=_AGAIN, seed=number)
        for event in cleaned(ready, prompt, tried, site, manner):
            if not isinstance(event, Cleaned):
                is_short = is_short or (isinstance(event, PromptProgress) and event.is_short)
                yield event
                continue
            usage += event.usage
            if event.text or event.reason in _GIVEN_UP or number == manner.tries:
                said = Suggestion(event.text, Span(offset, offset))
                yield Infilled(said, usage, event.reason, tries=number, is_short=is_short)
                return


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The end of a generation: its whole text, cleaned."""

    text: str
    usage: Usage
    reason: StopReason


def cleaned(
    ready: Ready, prompt: Prompt, sampling: Sampling, site: Site, manner: Manner = Manner()
) -> Iterator[Step | Cleaned]:
    """Generate, clean on the way, and stop the engine as soon as cleaning has seen enough."""
    generation = ready.engine.generate(prompt, sampling, limits_of(ready, prompt, manner), manner.purpose)
    manner.started(generation)
    raw, shown, enough, blanks = "", "", False, 0
    for event in generation:
        if isinstance(event, PromptProgress):
            yield event
            continue
        if isinstance(event, Delta):
            if enough:
                continue  # generated before the cancellation arrived
            raw += event.text
            blanks = 0 if event.text.strip() else blanks + 1
        if isinstance(event, Finished):
            raw = without_torn_line(raw, site, event.reason)
        result = clean.clean(raw, site, final=isinstance(event, Finished))
        if len(result.text) > len(shown):
            yield Shown(result.text[len(shown) :], result.whole)
            shown = result.text
        if isinstance(event, Finished):
            yield Cleaned(result.text, event.usage, StopReason.STOP if enough else event.reason)
        elif (result.done or (blanks >= _CAUGHT and repeats.beyond(site.left + raw) > 2 * _CAUGHT)) and not enough:
            enough = True
            generation.cancel()


def limits_of(ready: Ready, prompt: Prompt, manner: Manner) -> Limits:
    """When the generation of a suggestion ends."""
    return Limits(
        max_tokens=ready.settings.suggest.max_tokens + (ready.count(prompt.forced) if prompt.forced else 0),
        t_max_ms=ready.settings.suggest.t_max_ms or None,
        stop_tokens=markers.stop_tokens(ready.info),
        stop_strings=markers.stop_strings(),
        max_wait_ms=manner.max_wait_ms,
    )


def without_torn_line(raw: str, site: Site, reason: StopReason) -> str:
    """Without the line in the middle of which the generation was ended, if it was, unless it is the only one."""
    if reason not in _CUT_OFF:
        return raw
    end = raw.rfind("\n")
    return raw[: end + 1] if raw[len(site.forced) : end + 1].strip() else raw


def sampling(settings: Settings, seed: int | None) -> Sampling:
    """Greedy unless the settings say otherwise."""
    return Sampling(temperature=settings.suggest.temperature, seed=seed)


def left_out(wanted: tuple[Snippet, ...], cut: Window) -> Iterator[LeftOut]:
    """What became of snippets that do not fit."""
    kept = {snippet.path: snippet for snippet in cut.context.snippets}
    for snippet in wanted:
        part = kept.get(snippet.path)
        if part is None and snippet.text:
            yield LeftOut(f"{snippet.path} does not fit the context window and is left out")
        elif part is not None and part.text != snippet.text:
            first = part.first_line + part.text.count("\n") + 1
            yield LeftOut(f"{snippet.path} does not fit the context window: left out from line {first} on")
