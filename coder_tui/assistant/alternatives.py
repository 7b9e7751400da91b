"""Other suggestions for a hole: drawn in one batch, each cleaned, and ended as soon as cleaning has seen enough."""

from __future__ import annotations

from collections.abc import Iterator

from coder_tui.assistant.infill import Manner, limits_of, without_torn_line
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for
from coder_tui.core.events import Delta
from coder_tui.core.prompt import Sampling
from coder_tui.prompts import clean
from coder_tui.prompts.site import Site


def alternatives(ready: Ready, hole: Hole, sampling: Sampling, manner: Manner) -> Iterator[str]:
    """The texts of `sampling.choices` suggestions, each when it is whole; of those that were cancelled none. Raises as
    `infill`."""
    _, prompt = prompt_for(ready, hole)
    site = Site.within(hole.document, hole.document.offset(hole.position), hole.path, prompt.forced)
    generation = ready.engine.generate(prompt, sampling, limits_of(ready, prompt, manner), manner.purpose)
    manner.started(generation)
    raw = [""] * sampling.choices
    whole: set[int] = set()
    for event in generation:
        if not isinstance(event, Delta) or event.choice in whole:
            continue
        choice = event.choice
        raw[choice] += event.text
        text = raw[choice] if event.end is None else without_torn_line(raw[choice], site, event.end)
        result = clean.clean(text, site, final=event.end is not None)
        if event.end is None and result.done:
            generation.cancel(choice)
        if event.end is not None or result.done:
            whole.add(choice)
            yield result.text
