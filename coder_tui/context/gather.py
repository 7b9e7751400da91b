"""From a buffer and a cursor to the pieces of the repository that are worth sending along."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coder_tui.context import definitions, own, similar, sources, working
from coder_tui.context.around import Around
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pack import CountTokens, Packed, pack
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.recent import Recent
from coder_tui.context.symbols import Import

DEFAULT = (Source.PINNED, Source.DEFINITIONS, Source.OWN, Source.TESTS, Source.RECENT, Source.CHANGES)
"""What goes along: a model of 0.5B parameters filled 45 of 120 holes of 12 Python packages as their authors did without
any, 42 with 165 tokens of these, 45 with 305; of 96 holes of 8 repositories in other languages 21, and 24 with 143. It
is as good as nothing for such a model, and no harm. In 101 holes of 11 packages each of the other sources had filled no
more than none at all. In 40 holes of functions that have tests 7 were filled without any, 8 with tests alone, 9 with
tests and definitions; in 16 holes of files that change together with others, by release, 4 without any, 4 with those
others, 5 with definitions."""
_STAYS_LINES = 32
"""As long as the cursor is no farther from where the pieces were chosen, they stay."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants to be sent along."""

    sources: Collection[Source] = DEFAULT
    pinned: tuple[str, ...] = ()
    """Paths in the repository."""
    excluded: tuple[str, ...] = ()
    """Paths from which nothing is taken."""


@dataclass(frozen=True, slots=True)
class _Choice:
    packed: Packed
    key: object
    imports: tuple[Import, ...]
    chosen_at: int
    """Line of the cursor when all of it was chosen anew."""
    line: int
    """Line of the cursor when something was added last."""


class Gatherer:
    """Chooses for one cursor after the other, and keeps to what it chose while somebody types. For one thread."""

    def __init__(self, known: Knowledge, recent: Recent | None = None) -> None:
        self.known = known
        self.recent = recent or Recent()
        self._last: _Choice | None = None

    def candidates(self, around: Around, wish: Wish, window: str = "") -> list[Piece]:
        """All pieces, in no order."""
        found: dict[Source, Callable[[], Iterable[Piece]]] = {
            Source.PINNED: lambda: working.pinned(wish.pinned, around, self.known),
            Source.DEFINITIONS: lambda: definitions.definitions(around, self.known),
            Source.OWN: lambda: own.own(around, self.known, window),
            Source.MODULES: lambda: sources.modules(around, self.known),
            Source.USES: lambda: sources.uses(around, self.known),
            Source.CALLERS: lambda: sources.callers(around, self.known),
            Source.TESTS: lambda: sources.tests(around, self.known),
            Source.SIMILAR: lambda: similar.similar(around, self.known),
            Source.RECENT: lambda: self.recent.pieces(around, self.known),
            Source.CHANGES: lambda: working.changes(around, self.known),
            Source.COMMITS: lambda: working.commits(around, self.known),
            Source.TOGETHER: lambda: working.together(around, self.known),
        }
        wanted = set(wish.sources)
        if Source.DEFINITIONS in wanted and not around.language:
            wanted.add(Source.SIMILAR)  # nothing is known of what is defined where
        taken = (piece for source, pieces in found.items() if source in wanted for piece in pieces())
        return [piece for piece in taken if piece.path not in wish.excluded]

    def gather(self, around: Around, wish: Wish, window: str, count: CountTokens, budget: int) -> Packed:
        """What goes along within a budget of tokens. `window`: the text of the file that is sent anyway.

        While somebody types on a line it stays as it is; on the lines around, what was chosen stays, and only what
        matters much is added behind it.
        """
        buffer = around.buffer
        line = buffer.text.count("\n", 0, buffer.offset)
        key = (buffer.path, budget, frozenset(wish.sources), wish.pinned, wish.excluded)
        kept = None
        if self._last is not None and self._last.key == key:
            last = self._last
            if last.line == line:
                return last.packed
            if abs(last.chosen_at - line) <= _STAYS_LINES and last.imports == around.facts.imports:
                kept = last
        with self.known.still():
            packed = pack(
                self.candidates(around, wish, window),
                window,
                count,
                budget,
                self.known.imported,
                kept.packed if kept else None,
            )
        self._last = _Choice(packed, key, around.facts.imports, kept.chosen_at if kept else line, line)
        return packed


def gatherer(root: Path, exclude: Sequence[str]) -> Gatherer:
    """For the repository at `root`, with its index if there is one."""
    from coder_tui.context import index
    from coder_tui.context.exclude import Rules

    return Gatherer(Knowledge(root, Rules(root, exclude), index.opened(root)))
