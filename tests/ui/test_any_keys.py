"""Any keys, faster than the app is, at any size: it goes on. TEST_KEYS_SEEDS=100 tries more than there is time for."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from textual.events import Paste
from ui.harness import Play, play, playing

SEEDS = range(int(os.environ.get("TEST_KEYS_FROM", "0")), int(os.environ.get("TEST_KEYS_SEEDS", "2")))
SIZES = [(100, 30), (160, 48), (40, 12), (80, 24), (30, 8)]
TYPED = [
    *"abcxyz()[]{}:#@/>?.'\" 0123", "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "backspace",
    "delete", "home", "end", "pageup", "pagedown", "space", "shift+down", "shift+right", "ctrl+home", "ctrl+end",
]  # fmt: skip
PASTED = ["def f(x):\n    return (x\n", "x", "", "}\n" * 40, "\t\u202e日本\x1b[31m", "y = [\n" * 3]
ANSWERS = ["    return 1\n", "```python\nx = 1\n```\n", "some words"]


async def burst(running: Play, dice: random.Random, keys: list[str]) -> None:
    """Some keys at once, now and then a paste or another size of the terminal."""
    chance = dice.random()
    if chance < 0.08:
        await running.pilot.resize_terminal(*dice.choice(SIZES))
    elif chance < 0.2:
        target = running.app.screen.focused
        if target is not None:
            target.post_message(Paste(dice.choice(PASTED)))
    elif chance < 0.3:
        running.type_at_once(*["enter"] * dice.randrange(30))
    running.type_at_once(*(dice.choice(keys if dice.random() < 0.4 else TYPED) for _ in range(dice.randrange(1, 9))))
    await running.pilot.pause()


@pytest.mark.parametrize("seed", SEEDS)
def test_any_keys(work: Path, seed: int) -> None:
    dice = random.Random(seed)
    (work / "b.py").write_text("def f(x):\n    if x:\n        return [1, (2, 3)]\n" * 30)

    async def scene() -> None:
        size = dice.choice(SIZES)
        async with playing(work, *ANSWERS * 300, file=dice.choice(["calc.py", "b.py", "new.py"]), size=size) as running:
            keys = sorted({key for action in running.app.table for key in action.keys} - {"ctrl+q"})
            for _ in range(30):
                await burst(running, dice, keys)
            assert running.app.is_running

    play(scene)
