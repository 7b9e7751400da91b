"""Infill: from a document and a place in it to a cleaned suggestion, streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.config.schema import Settings
from coder_tui.context import window
from coder_tui.context.around import Around, Buffer
from coder_tui.context.likely import likely
from coder_tui.context.window import Window
from coder_tui.core.context import Snippet, Suggestion
from coder_tui.core.document import Document, Position, Span, lf_offset, to_lf
from coder_tui.core.errors import PromptTooLongError
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.base import Generation
from coder_tui.prompts import blending, clean, families, fim, markers, repeats
from coder_tui.prompts.site import Site

_PROMPT_S = 6.9
"""On a CPU so long of a file is read for a suggestion: 1,024 tokens at the 150 in a second of two cores."""
_PROMPT_STEP, _LEAST_PROMPT_TOKENS, _MOST_PROMPT_TOKENS = 256, 512, 4096
"""In steps: a speed is not measured the same twice, and the window should stay what it was."""
_CUT_OFF = (StopReason.LENGTH, StopReason.WINDOW, StopReason.DEADLINE)
_SNIPPET_MS = 2000
"""Other files are read once, and stay in the KV cache: that may take longer than what is read for each suggestion."""
_LEAST_SNIPPET_TOKENS = 256
MAX_SNIPPET_TOKENS = 1024
_HEAD_PART = 5
"""Imports that stand before the window get one part in so many of it, at most."""
TRIES = 3
"""For those who ask for an infill by a command."""
_AGAIN = 0.9
"""Temperature of another try: small models skip a hole for what stands behind it, of which cleaning leaves nothing."""
_GIVEN_UP = (StopReason.CANCELLED, StopReason.DEADLINE)
_CAUGHT = 8
"""So many tokens of nothing but white space, one behind the other, and twice as many columns beyond the line above are
written by a model that is caught in it: code has one or two such tokens between lines."""
_SPARE_TOKENS = 64
"""Room for BOS, the FIM tokens and the healed end of the line, which is generated again."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Where to fill in, and what goes along."""

    document: Document
    position: Position
    path: str = ""
    """Of the file in its repository; empty when it has none."""
    snippets: tuple[Snippet, ...] = ()
    """What the user has asked to send along."""
    surroundings: Surroundings | None = field(default=None, compare=False)
    """Where to look for more; None for nowhere."""


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


@dataclass(frozen=True, slots=True)
class Manner:
    """How a suggestion is asked for."""

    purpose: Purpose = Purpose.SUGGEST
    max_wait_ms: float | None = None
    """See `Limits`."""
    tries: int = 1
    """How often it is asked for where nothing comes: more than once for somebody who has asked for it."""
    started: Callable[[Generation], None] = lambda _: None
    """Is told the generation before it runs, so that somebody else can cancel it."""


def infill(ready: Ready, hole: Hole, sampling: Sampling, manner: Manner = Manner()) -> Iterator[Step | Infilled]:
    """Fill a hole. Yields Shown as text becomes certain, and one Infilled at the end.

    Raises NoInfillError when the model has no FIM tokens, DocumentError when the document has no such place.
    """
    cut, prompt = prompt_for(ready, hole)
    yield from left_out(hole.snippets, cut)
    offset = hole.document.offset(hole.position)
    site = Site.within(hole.document, offset, hole.path, prompt.forced)
    usage = Usage()
    for number in range(1, manner.tries + 1):
        tried = sampling if number == 1 else replace(sampling, temperature=_AGAIN, seed=number)
        for event in cleaned(ready, prompt, tried, site, manner):
            if not isinstance(event, Cleaned):
                yield event
                continue
            usage += event.usage
            if event.text or event.reason in _GIVEN_UP or number == manner.tries:
                yield Infilled(Suggestion(event.text, Span(offset, offset)), usage, event.reason, tries=number)
                return


def prompt_for(ready: Ready, hole: Hole) -> tuple[Window, Prompt]:
    """What is read for a hole, cut to size, and the prompt that it makes. Raises as `infill`."""
    settings = ready.settings.suggest
    dialect = families.detect(ready.info, ready.settings.prompts.dialect)
    whole = window.cut(
        hole.document, hole.position, prefix_lines=settings.prefix_lines, suffix_lines=settings.suffix_lines
    )
    cut = fitted(ready, whole, hole)
    aside = blending.weight(settings.blend, cut.left, cut.right, cut.context.suffix, ready.info.size_bytes)
    return cut, fim.build(
        cut.context,
        cut.left,
        cut.right,
        dialect,
        heal=ready.settings.prompts.healing == "on",
        layout=ready.settings.prompts.layout,
        aside=aside,
    )


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


def fitted(ready: Ready, whole: Window, hole: Hole) -> Window:
    """The window and what goes along, cut to size. Raises PromptTooLongError when there is no room at all.

    `suggest.prompt_tokens` limits what is read of the file itself; snippets, which were asked for, come on top, and
    then what is found in the repository, within `context.snippet_tokens`.
    """
    settings = ready.settings.suggest
    room = ready.engine.window(Purpose.SUGGEST) - settings.max_tokens - _SPARE_TOKENS
    if room < 1:
        raise PromptTooLongError(
            f"{settings.max_tokens} tokens to generate leave no room for a prompt in a window of "
            f"{ready.engine.window(Purpose.SUGGEST)}",
            hint="give a smaller --max-tokens or a larger model.context_tokens",
        )
    chosen = settings.prompt_tokens
    if chosen == "auto":
        chosen = room if ready.on_gpu else cpu_prompt_tokens(ready.prompt_speed)
    wanted = min(room, chosen)
    if settings.reuse == "exact":  # what stands behind the cursor is evaluated again with each line: less of it is read
        whole = window.shorten_suffix(whole, ready.count, wanted // 4)
    around = Around(Buffer(to_lf(hole.document.text), lf_offset(hole.document, hole.position), hole.path))
    near, used = _near(ready, whole, around, wanted)
    near = replace(near, context=replace(near.context, likely=likely(around)))
    near = window.fit(window.with_file(near, hole.path, hole.snippets), ready.count, room)
    used += sum(ready.count(snippet.text) for snippet in near.context.snippets)
    budget = min(room - used, _snippet_tokens(ready))
    if hole.surroundings is None or budget <= 0:
        return near
    sent = [near.context.prefix + near.left + near.right + near.context.suffix]
    text = "\n".join([*sent, *(snippet.text for snippet in near.context.snippets)])
    found = hole.surroundings.gather(around, text, ready.count, budget)
    return window.with_file(near, hole.path, (*found.snippets, *near.context.snippets), hole.surroundings.root.name)


def cpu_prompt_tokens(speed: float) -> int:
    """How much is read of a file where `speed` tokens are evaluated in a second."""
    steps = int(_PROMPT_S * speed) // _PROMPT_STEP
    return min(_MOST_PROMPT_TOKENS, max(_LEAST_PROMPT_TOKENS, steps * _PROMPT_STEP))


def _near(ready: Ready, whole: Window, around: Around, wanted: int) -> tuple[Window, int]:
    """(the file's own text around the cursor, its tokens): with what it imports where that stands before the window."""
    near = window.fit(whole, ready.count, wanted)
    if near.first_line > 0:
        head = window.head(around.imports_before(near.first_line), ready.count, wanted // _HEAD_PART)
        near = window.with_head(window.fit(whole, ready.count, wanted - ready.count(head)), head)
    texts = (near.context.prefix, near.left, near.right + near.context.suffix)
    return near, sum(ready.count(text) for text in texts)


def _snippet_tokens(ready: Ready) -> int:
    """How many tokens of other files are worth their time."""
    chosen = ready.settings.context.snippet_tokens
    if chosen != "auto":
        return chosen
    if ready.on_gpu:
        return ready.engine.window(Purpose.SUGGEST) // 4
    seconds = (ready.settings.suggest.max_wait_ms or _SNIPPET_MS) / 1000
    return round(min(MAX_SNIPPET_TOKENS, max(_LEAST_SNIPPET_TOKENS, seconds * ready.prompt_speed)))


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
