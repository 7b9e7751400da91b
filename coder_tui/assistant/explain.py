"""What is sent for a hole, piece by piece, with reasons and tokens: for `coder context` and the app's context panel."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for
from coder_tui.context.around import Around, Buffer
from coder_tui.context.pack import Packed
from coder_tui.context.pieces import Piece
from coder_tui.core.document import reference, to_lf


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the prompt, or one that was left out."""

    path: str
    first_line: int
    """1-based, as users count; 0 where there are none."""
    last_line: int
    source: str
    """Where it comes from: a source of context, `file` for the file itself, `asked` for what the user sends along."""
    reason: str
    tokens: int
    """0 for what was left out."""

    @property
    def where(self) -> str:
        return reference(self.path, self.first_line, self.last_line) if self.first_line else self.path


@dataclass(frozen=True, slots=True)
class Explained:
    """A prompt and what it is made of."""

    parts: tuple[Part, ...]
    """In the order of the prompt."""
    left_out: tuple[Part, ...]
    text: str
    """The exact prompt, with the model's markers as its vocabulary writes them."""
    tokens: tuple[int, ...]
    likely: tuple[str, ...] = ()
    """Names that are imported and not used yet: they get a bonus where the model could write one of them."""
    aside: float = 0.0
    """How much the text before the cursor counts by itself, see `core.prompt.Aside`."""

    def as_json(self) -> dict[str, object]:
        return {
            "parts": [asdict(part) for part in self.parts],
            "left_out": [asdict(part) for part in self.left_out],
            "prompt": self.text,
            "prompt_tokens": len(self.tokens),
            "likely": list(self.likely),
            "aside": self.aside,
        }


def explain(ready: Ready, hole: Hole) -> Explained:
    """What a suggestion at this place would read. Raises as `infill`."""
    cut, prompt = prompt_for(ready, hole)
    found = hole.surroundings.found if hole.surroundings is not None else Packed()
    parts = [_part(taken.piece, taken.piece.reason, taken.tokens) for taken in found.taken]
    parts += [
        Part(
            one.path,
            one.first_line + 1,
            one.first_line + one.text.count("\n") + 1,
            "asked",
            one.reason,
            ready.count(one.text),
        )
        for one in cut.context.snippets
        if one not in found.snippets
    ]
    before, after = cut.context.prefix + cut.left, cut.right + cut.context.suffix
    first, here = cut.first_line + 1, hole.position.line + 1
    last = here + after.count("\n") - after.endswith("\n")
    name = hole.path or "the text"
    parts.append(Part(name, min(first, here), here, "file", "before the cursor", ready.count(before) if before else 0))
    parts.append(Part(name, here, max(here, last), "file", "behind the cursor", ready.count(after) if after else 0))
    left = (
        *_refused(hole),
        *(_part(one.piece, f"{one.reason} ({one.piece.reason})", 0) for one in found.left_out),
    )
    text = "".join(segment.text for segment in prompt.segments)
    tokens = tuple(ready.engine.tokenize(*prompt.segments))
    aside = prompt.aside.weight if prompt.aside is not None else 0.0
    return Explained(tuple(parts), left, text, tokens, tuple(one.name for one in prompt.likely), aside)


def _refused(hole: Hole) -> tuple[Part, ...]:
    """Files that would go along if they might be sent."""
    if hole.surroundings is None:
        return ()
    text = to_lf(hole.document.text)
    taken = Around(Buffer(text, 0, hole.path)).facts.imports
    with hole.surroundings.known() as known:
        refused = known.refused(taken, hole.path, hole.surroundings.wish.pinned)
    pinned = hole.surroundings.wish.pinned
    return tuple(
        Part(path, 0, 0, "pinned" if path in pinned else "definitions", f"{why}: never sent", 0)
        for path, why in refused.items()
    )


def _part(piece: Piece, reason: str, tokens: int) -> Part:
    return Part(piece.path, piece.first_line + 1, piece.last_line + 1, piece.source.value, reason, tokens)
