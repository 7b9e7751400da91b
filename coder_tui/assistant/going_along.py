"""What the next request would send, for the app's context panel: the pieces of a suggestion, and of a question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.core.errors import PromptTooLongError
from coder_tui.core.prompt import Purpose

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment, Question
    from coder_tui.assistant.explain import Part
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.reading import Hole
    from coder_tui.assistant.surroundings import Surroundings


ATTACHED = "attached"
"""Source of what the user has attached to a question."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one of them sends."""

    parts: tuple[Part, ...] = ()
    """In the order of the prompt."""
    left_out: tuple[Part, ...] = ()
    tokens: int = 0
    """Of the whole prompt."""
    window: int = 0
    """Tokens that the model's window holds for it."""
    cuts: tuple[str, ...] = ()
    """What does not fit, for the user."""


@dataclass(frozen=True, slots=True)
class Along:
    """All of it."""

    suggestion: Request
    question: Request
    pinned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def going_along(
    ready: Ready,
    hole: Hole | None,
    question: Question,
    surroundings: Surroundings | None,
    here: Attachment | None = None,
) -> Along:
    """What goes along with a suggestion in a hole, where a file is open, and with a question. `here`: which of its
    attachments is there because the cursor is. Raises as `infill`."""
    wish = surroundings.wish if surroundings is not None else None
    return Along(
        _suggestion(ready, hole) if hole is not None else Request(),
        _question(ready, question, surroundings, here),
        wish.pinned if wish is not None else (),
        wish.excluded if wish is not None else (),
    )


def _suggestion(ready: Ready, hole: Hole) -> Request:
    from coder_tui.assistant.explain import explain

    found = explain(ready, hole)
    return Request(found.parts, found.left_out, len(found.tokens), ready.engine.window(Purpose.SUGGEST))


def _question(ready: Ready, question: Question, surroundings: Surroundings | None, here: Attachment | None) -> Request:
    from coder_tui.assistant.chat import fit
    from coder_tui.assistant.chat_context import with_context

    whole = with_context(question, ready, surroundings) if surroundings is not None else question
    pinned = surroundings.wish.pinned if surroundings is not None else ()
    parts = tuple(_parts(ready, question, whole, pinned, here))
    window = ready.engine.window(Purpose.CHAT)
    try:
        fitted = fit(ready, whole, max_tokens=ready.settings.chat.max_tokens)
    except PromptTooLongError as error:
        return Request(parts, (), sum(part.tokens for part in parts), window, (str(error),))
    tokens = len(ready.engine.tokenize(*fitted.prompt.segments))
    return Request(parts, (), tokens, window, fitted.cuts)


def _parts(
    ready: Ready, asked: Question, whole: Question, pinned: tuple[str, ...], here: Attachment | None
) -> Iterator[Part]:
    """Of a question, and of it with what goes along by itself."""
    from coder_tui.assistant.explain import Part

    if whole.system:
        yield Part("instructions", 0, 0, "chat", "what every chat here is told", ready.count(whole.system))
    if whole.earlier:
        count = sum(ready.count(message.content) for message in whole.earlier)
        yield Part("this chat", 0, 0, "chat", f"{len(whole.earlier)} messages before", count)
    for one in whole.attachments:
        source, reason = ATTACHED, "at the cursor" if one == here else "attached"
        if one not in asked.attachments:
            source = "question"
            reason = "pinned" if one.name in pinned else "the question is about it"
        last = one.first_line + one.line_count
        yield Part(one.name, one.first_line + 1, last, source, reason, ready.count(one.text))
    if whole.text:
        yield Part("the question", 0, 0, "chat", "as it stands in the prompt", ready.count(whole.text))
