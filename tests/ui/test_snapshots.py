"""Whole screens as pictures. `UPDATE_SCREENS=1 pytest tests/ui/test_snapshots.py` makes them anew: look at each one
before it is committed."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import git
from ui.harness import Play, play, playing

from coder_tui.config.schema import Settings
from coder_tui.ui.screens import models
from coder_tui.ui.screens.context import ContextPanel
from coder_tui.ui.screens.models import Models, Offer
from coder_tui.ui.screens.review import Review

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
FOLDER = Path(__file__).with_name("screens")
SIZES = [(80, 24), (160, 48)]
CODE = '''"""A till."""

from decimal import Decimal


class Till:
    """What was taken in."""

    def __init__(self) -> None:
        self.sum = Decimal(0)

    def deposit(self, amount: Decimal) -> None:
        if amount <= 0:
            raise ValueError(f"{amount} is no deposit")
        self.sum += amount

    def withdraw(self, amount: Decimal) -> None:
'''
GHOST = (
    '        if amount > self.sum:\n            raise ValueError("there is not so much")\n        self.sum -= amount'
)
ANSWER = """`deposit` adds an amount, and refuses one that is not positive:

1. It checks the amount.
2. It raises a `ValueError`, or adds to `sum`.

To take two places only:

```python
    def deposit(self, amount: Decimal) -> None:
        if amount <= 0:
            raise ValueError(f"{amount} is no deposit")
        self.sum += round(amount, 2)
```
"""
REWRITTEN = """```python
    def deposit(self, amount: Decimal) -> None:
        if amount <= 0:
            raise ValueError(f"{amount} is no deposit")
        self.sum += round(amount, 2)
```
"""
Scene = Callable[[Play], Awaitable[None]]


def normalised(svg: str) -> str:
    """Without fonts from elsewhere, and with names that do not depend on anything but what is shown."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+-", "t-", svg)


async def settled(running: Play) -> str:
    """The picture when it has stopped changing: what is scrolled to comes a turn after what is laid out."""
    before, now = "", normalised(running.app.export_screenshot(title="coder"))
    while before != now:
        await running.pilot.pause(0.05)
        before, now = now, normalised(running.app.export_screenshot(title="coder"))
    return now


async def ask(running: Play, text: str) -> None:
    running.app.panels.show(running.app.chat)
    running.app.chat.prompt.put(text)
    await running.press("enter")
    await running.until(lambda: running.app.chatting.talk.messages and running.app.chat.answer is None)


async def editor(running: Play) -> None:
    running.area.insert_text("# more\n")
    running.app.gutter.forget()
    running.app.gutter.later(running.app.editors.active)
    await running.until(lambda: running.area.marks)


async def ghost(running: Play) -> None:
    await running.press("ctrl+@")
    await running.until(lambda: running.area.ghost is not None and "-= amount" in running.area.ghost.text)
    running.app.status.say(suggestion="")


async def chat(running: Play) -> None:
    await running.press("ctrl+t")
    await ask(running, "/explain the method `deposit`")


async def code(running: Play) -> None:
    await chat(running)
    await running.press("shift+tab")


async def review(running: Play) -> None:
    await code(running)
    await running.press("a")
    await running.until(lambda: isinstance(running.app.screen, Review))


async def prompt(running: Play) -> None:
    await running.press("ctrl+l")
    await running.until(lambda: "here: " in running.screen_text and " 0 used" not in running.screen_text)
    await running.press(*"why @ti")


async def commands(running: Play) -> None:
    await running.press("f2")


async def help_(running: Play) -> None:
    await running.press("f1")


async def context(running: Play) -> None:
    await running.press("ctrl+t")
    running.app.chat.prompt.put("why so strict?")
    await running.press("f5")
    await running.until(lambda: isinstance(running.app.screen, ContextPanel) and "why" not in running.told)
    await running.until(lambda: "behind the cursor" in running.screen_text)


async def rewrite(running: Play) -> None:
    await running.press(*["up"] * 6, *["shift+down"] * 4, "ctrl+k")
    await running.press(*"round it", "enter")
    await running.until(lambda: isinstance(running.app.screen, Review))


async def app(running: Play) -> None:
    await chat(running)
    running.app.editors.focus_area()
    await ghost(running)


async def first(running: Play) -> None:
    running.app.action_models(first=True)
    await running.until(lambda: isinstance(running.app.screen, Models) and "starter" in running.screen_text)


async def few_colours(running: Play) -> None:
    running.app.theme = "ansi-dark"
    await review(running)


async def welcome(running: Play) -> None:
    running.app.panels.toggle(running.app.tree_view)


SCENES: dict[str, Scene] = {
    "editor": editor, "ghost": ghost, "code": code, "review": review, "rewrite": rewrite, "context": context,
    "prompt": prompt, "commands": commands, "help": help_, "first": first, "welcome": welcome,
}  # fmt: skip
MORE: dict[str, tuple[Scene, tuple[int, int]]] = {
    "few-colours": (few_colours, SIZES[0]), "light": (code, SIZES[1]), "app": (app, (132, 36)),
}  # fmt: skip
"""At one size: the last one is the README's."""
CASES = [(f"{name}-{size[0]}x{size[1]}", scene, size) for name, scene in SCENES.items() for size in SIZES]
CASES += [(name, scene, size) for name, (scene, size) in MORE.items()]
ANSWERS = {"ghost": [GHOST], "rewrite": [REWRITTEN], "app": [ANSWER, GHOST]}


def is_coloured(running: Play) -> bool:
    return running.area._soon is None and any(running.area.highlighter.pieces(line) for line in range(20))


def fixed_offers(_: Path, gpus: Sequence[str]) -> tuple[str, list[Offer]]:
    assert not gpus
    rows = [
        ("starter", "491 MB  here     Qwen2.5-Coder 0.5B, for trying it out", True, False),
        ("deepseek-1.3b-base-q4", "874 MB  to fetch DeepSeek Coder 1.3B base", False, False),
        ("deepseek-6.7b-base-q4", "4.1 GB  to fetch DeepSeek Coder 6.7B base", False, True),
    ]
    found = [Offer(name, f"{name:<23} {text:>8}", here, best, None) for name, text, here, best in rows]
    return "This machine: 8.0 GB of memory free, 8 cores", found


@pytest.mark.parametrize(("name", "scene", "size"), CASES, ids=[name for name, _, _ in CASES])
def test_screen(name: str, scene: Scene, size: tuple[int, int], work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "till.py").write_text(CODE)
    (work / "shop").mkdir()
    for path in ("shop/__init__.py", "shop/report.py", "shop/tills.py", "tests.py", "README.md"):
        (work / path).write_text("x = 1\n")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "first")
    monkeypatch.setattr(models, "offers", fixed_offers)
    monkeypatch.setattr(models, "gpus", tuple)
    kind = name.partition("-")[0]
    file, answers = None if kind == "welcome" else "till.py", ANSWERS.get(kind, [ANSWER])
    settings = replace(OFF, app=replace(OFF.app, theme="textual-light")) if kind == "light" else OFF
    pictures: list[str] = []

    async def take() -> None:
        async with playing(work, *answers, file=file, line=18, settings=settings, size=size) as running:
            await running.until(lambda: running.app.tree_view.paths and "main" in running.screen_text)
            await scene(running)
            await running.until(lambda: file is None or is_coloured(running))
            await running.pilot.pause()
            await running.until(lambda: running.told == "")
            pictures.append(await settled(running))

    play(take)
    path = FOLDER / f"{name}.svg"
    if os.environ.get("UPDATE_SCREENS"):
        path.write_text(pictures[0])
    assert path.read_text() == pictures[0], f"{path.name} is another picture: UPDATE_SCREENS=1 if it is meant so"


def test_no_picture_is_left_over() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.svg")) == sorted(name for name, _, _ in CASES)
    assert len(CASES) <= 25
