"""What is read for a hole in a file: how much of the file and of the repository, and the prompt that it makes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context import window
from coder_tui.context.around import Around, Buffer
from coder_tui.context.likely import likely
from coder_tui.context.window import Window
from coder_tui.core.context import Snippet
from coder_tui.core.document import Document, Position, lf_offset, to_lf
from coder_tui.core.errors import PromptTooLongError
from coder_tui.core.prompt import Prompt, Purpose
from coder_tui.prompts import blending, families, fim

_PROMPT_S = 6.9
"""On a CPU so long of a file is read for a suggestion: 1,024 tokens at the 150 in a second of two cores."""
_PROMPT_STEP, _LEAST_PROMPT_TOKENS, _MOST_PROMPT_TOKENS = 256, 512, 4096
"""In steps: a speed is not measured the same twice, and the window should stay what it was."""
_SNIPPET_MS = 1000
"""So long other files are read on a CPU. More is hardly better for a model that runs there: of 120 holes in Python one
of 0.5B parameters filled 45 without any, 42 with 165 tokens of other files, 45 with 305 (similarity 0.713, 0.685,
0.701); of 96 in other languages 21, and 24 with 143 and with 272 (0.640, 0.661, 0.664)."""
_LEAST_SNIPPET_TOKENS = 160
MAX_SNIPPET_TOKENS = 1024
_HEAD_PART = 5
"""Imports that stand before the window get one part in so many of it, at most."""
_SHORT_S, _PATIENCE_S = 1.4, 2.2
"""So long of a file is read at first by who types where nothing has been read, and so long they wait for all of it."""
_LEAST_SHORT_TOKENS = 96
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


def prompt_for(ready: Ready, hole: Hole) -> tuple[Window, Prompt]:
    """What is read for a hole, cut to size, and the prompt that it makes. Raises as `infill`."""
    cut = fitted(ready, _whole(ready, hole), hole)
    return cut, _built(ready, cut)


def with_short(ready: Ready, hole: Hole, cut: Window, prompt: Prompt) -> Prompt:
    """The prompt of `prompt_for`, with a shorter one to be answered while most of it has yet to be read: that of
    the lines around the cursor. On a GPU there is no need of it."""
    most = max(_LEAST_SHORT_TOKENS, round(_SHORT_S * ready.prompt_speed))
    patience = max(2 * _LEAST_SHORT_TOKENS, round(_PATIENCE_S * ready.prompt_speed))
    if ready.on_gpu:
        return prompt
    near = window.with_file(window.fit(_whole(ready, hole), ready.count, most), hole.path)
    if (near.left, near.right) != (cut.left, cut.right):
        return prompt
    near = replace(near, context=replace(near.context, likely=cut.context.likely))
    return replace(prompt, short=_built(ready, near), patience=patience)


def _whole(ready: Ready, hole: Hole) -> Window:
    settings = ready.settings.suggest
    return window.cut(
        hole.document, hole.position, prefix_lines=settings.prefix_lines, suffix_lines=settings.suffix_lines
    )


def _built(ready: Ready, cut: Window) -> Prompt:
    settings, prompts = ready.settings.suggest, ready.settings.prompts
    aside = blending.weight(settings.blend, cut.left, cut.right, cut.context.suffix, ready.info.size_bytes)
    dialect, heal = families.detect(ready.info, prompts.dialect), prompts.healing == "on"
    return fim.build(cut.context, cut.left, cut.right, dialect, heal=heal, layout=prompts.layout, aside=aside)


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
