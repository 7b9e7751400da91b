"""How many tokens texts have: by lines, each counted once, so that a key costs the counting of what it changed."""

from __future__ import annotations

import re

from coder_tui.engine.base import Engine

_BLOCK = re.compile(r"[^\n]*\n(?:[ \t]*\n)*|[^\n]+\Z")
"""A line with its end and the blank lines below it: no tokenizer that we know joins what stands behind that to it."""
_NEXT = "x"
"""Stands behind a line when it is counted: StarCoder's tokenizer joins line ends only where no code follows."""
_MOST = 100_000
"""Lines that are remembered."""
LONGEST = 500_000
"""Characters from which on the count is worked out from the beginning: no window holds so many."""


class Counts:
    """Token counts of lines, for one model. Calls may come from several threads: an entry is never changed."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def count(self, engine: Engine, text: str) -> int:
        """Tokens of a plain text: exactly with the tokenizers of DeepSeek Coder and Qwen, up to two too many for a line
        with StarCoder's, which joins line ends to the spaces behind them. White space at the very end may count less.
        About right for a text that is longer than LONGEST.
        """
        if len(text) > LONGEST:
            return self.count(engine, text[:LONGEST]) * len(text) // LONGEST
        blocks: list[str] = _BLOCK.findall(text)
        known = self._known
        missing = {block for block in blocks if block not in known}
        if len(known) + len(missing) > _MOST:
            known, missing = {}, set(blocks)
            self._known = known
        if missing:
            known.update(_counted(engine, list(missing)))
        return sum(map(known.__getitem__, blocks))


def _counted(engine: Engine, blocks: list[str]) -> dict[str, int]:
    followed = [block + _NEXT if block.endswith("\n") else block for block in blocks]
    behind, *counts = engine.count([_NEXT, *followed])
    return {
        block: count - behind if block.endswith("\n") else count for block, count in zip(blocks, counts, strict=True)
    }
