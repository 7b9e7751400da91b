"""Many requests, begun, changed and cancelled at random: no leak, no crash, no wrong token.

CODER_TEST_CYCLES sets how many, the default keeps the suite short; CODER_TEST_SEED chooses others.
"""

from __future__ import annotations

import os
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from engine.asking import WARM, ask, collect, options

from coder_tui.core.prompt import Limits, Prompt, Purpose, Segment
from coder_tui.engine.client import ClientGeneration, LlamaEngine

CYCLES = int(os.environ.get("CODER_TEST_CYCLES", "400"))
SEED = int(os.environ.get("CODER_TEST_SEED", "8"))
PURPOSES = [Purpose.SUGGEST] * 6 + [Purpose.AHEAD] * 2 + [Purpose.REFRESH, Purpose.CHAT]
GROWTH_BYTES = 8 << 20
"""Less than 1 KB for each of 10,000 requests; caches of tokens and of answers fill up to their limits meanwhile."""


class Editor:
    """A text that somebody edits."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._lines = [f"    line_{number} = {number}" for number in range(40)]
        self._at = 20

    def prompt(self) -> Prompt:
        dice = self._dice
        match dice.randrange(6):
            case 0:
                self._at = dice.randrange(len(self._lines))
            case 1:
                self._lines.insert(self._at, f"    new = {dice.randrange(9)}")
                self._at += 1
            case 2 if len(self._lines) > 20:
                del self._lines[min(self._at, len(self._lines) - 1)]
                self._at = min(self._at, len(self._lines) - 1)
            case _:
                self._lines[self._at] += dice.choice("abc =(")
        if len(self._lines[self._at]) > 60:
            self._lines[self._at] = "    x"
        prefix, suffix = "\n".join(self._lines[: self._at]), "\n".join(self._lines[self._at + 1 :])
        body = [Segment(text, movable=True) for text in (prefix, "|", suffix[:400]) if text]
        return Prompt((Segment("#"), *body, Segment("|" + self._lines[self._at])))


def _some(generation: ClientGeneration, dice: random.Random) -> None:
    """Follow a request to its end, or leave it, or cancel it now or soon."""
    kind = dice.randrange(5)
    if kind == 0:
        generation.cancel()
    if kind == 1:
        for _ in generation:
            return
    if kind == 2:
        timer = threading.Timer(dice.random() * 0.01, generation.cancel)
        timer.start()
        collect(generation)
        timer.cancel()
        timer.join()
        return
    collect(generation)


@pytest.mark.parametrize("moves", [False, True], ids=["exact", "moved"])
@pytest.mark.timeout(1800)
def test_random_cycles(tmp_path: Path, tiny_deepseek: Path, reference: LlamaEngine, moves: bool) -> None:
    dice = random.Random(SEED)
    compared, sizes = 0, list[int]()
    with LlamaEngine(tmp_path / "engine.log") as engine:
        engine.load(replace(options(tiny_deepseek, context_tokens=2048), moves=moves))
        reference.load(options(tiny_deepseek, context_tokens=2048))
        pid, editor = engine.pid, Editor(dice)
        for cycle in range(CYCLES):
            wanted, purpose = editor.prompt(), dice.choice(PURPOSES)
            _some(engine.generate(wanted, WARM, Limits(dice.choice([0, 3, 12])), purpose), dice)
            if cycle % 20 == 0:
                if moves:  # what was moved is another text's until it has been evaluated exactly
                    collect(engine.generate(wanted, WARM, Limits(0), Purpose.REFRESH))
                assert ask(engine, wanted).text == ask(reference, wanted).text
                compared += 1
            if cycle >= CYCLES // 2 and cycle % 50 == 0:
                sizes.append(engine.stats().rss_bytes)
        assert engine.pid == pid
        assert max(sizes) - sizes[0] < GROWTH_BYTES
        assert compared >= CYCLES // 20
        assert threading.active_count() < 20
