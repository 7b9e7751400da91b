"""What the next request would send, for the app's context panel: the pieces of a suggestion, and of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.core.prompt import Purpose

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.assistant.explain import Part
    from coder_tui.assistant.infill import Hole
    from coder_tui.assistant.opening import Ready


@dataclass(frozen=True, slots=True)
class Along:
    """All of it."""

    parts: tuple[Part, ...] = ()
    """Of the suggestion at the cursor, in the order of the prompt."""
    left_out: tuple[Part, ...] = ()
    attached: tuple[Part, ...] = ()
    """To the next question of the chat."""
    pinned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    tokens: int = 0
    """Of the suggestion's prompt."""
    window: int = 0
    """Tokens that the model's window holds for it."""


def going_along(ready: Ready, hole: Hole | None, attachments: Sequence[Attachment]) -> Along:
    """What goes along. Without a hole nothing is open. Raises as `infill`."""
    from coder_tui.assistant.explain import Part, explain

    attached = tuple(
        Part(
            one.name,
            one.first_line + 1,
            one.first_line + one.text.count("\n") + (not one.text.endswith("\n")),
            "chat",
            "with the next question",
            ready.count(one.text),
        )
        for one in attachments
    )
    if hole is None:
        return Along(attached=attached)
    found = explain(ready, hole)
    wish = hole.surroundings.wish if hole.surroundings is not None else None
    return Along(
        found.parts,
        found.left_out,
        attached,
        wish.pinned if wish is not None else (),
        wish.excluded if wish is not None else (),
        len(found.tokens),
        ready.engine.window(Purpose.SUGGEST),
    )
