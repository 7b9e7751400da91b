"""Completion: what comes after a text, with no suffix. Repository-level completion when files are sent along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from coder_tui.assistant.infill import Cleaned, Step, cleaned, left_out
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, fitted
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context import window
from coder_tui.core.context import Snippet
from coder_tui.core.document import Document
from coder_tui.core.prompt import Sampling
from coder_tui.prompts import fim
from coder_tui.prompts.site import Site


def complete(
    ready: Ready,
    document: Document,
    sampling: Sampling,
    *,
    path: str = "",
    snippets: tuple[Snippet, ...] = (),
    surroundings: Surroundings | None = None,
) -> Iterator[Step | Cleaned]:
    """Continue a document. Ends with Cleaned."""
    end = document.position(len(document.text))
    whole = window.cut(document, end, prefix_lines=ready.settings.suggest.prefix_lines, suffix_lines=0)
    cut = fitted(ready, whole, Hole(document, end, path, snippets, surroundings))
    yield from left_out(snippets, cut)
    prompt = fim.build_completion(replace(cut.context, prefix=cut.context.prefix + cut.left), ready.info)
    site = Site.within(document, len(document.text), path, prompt.forced)
    yield from cleaned(ready, prompt, sampling, replace(site, keeps_blanks=True))
