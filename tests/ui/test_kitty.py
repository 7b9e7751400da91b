"""Keys as terminals with Kitty's keyboard protocol send them: code point, modifiers, text. Textual asks for all keys to
come like this (flags 1, 8 and 16); where terminals do not know it, nothing changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.keys import _character_to_key as name_of
from ui.harness import GHOST, has_ghost, play, playing

from coder_tui.config.keymap import KeySettings, actions
from coder_tui.config.schema import Settings
from coder_tui.ui.alt_keys import teach

FUNCTIONAL = {
    "escape": "27u", "enter": "13u", "tab": "9u", "@": "32u", "space": "32u", "delete": "3~", "up": "1A", "down": "1B",
    "right": "1C", "left": "1D", "home": "1H", "end": "1F", "pageup": "5~", "pagedown": "6~", "f1": "1P", "f2": "1Q",
    "f3": "13~", "f4": "1S", "f5": "15~", "f6": "17~", "f7": "18~", "f8": "19~", "f9": "20~", "f10": "21~",
}  # fmt: skip
"""Number and last letter, as the protocol has them; Ctrl+@ is Ctrl and the space bar."""
MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "super": 8}
SIGNS = {name_of(sign): sign for sign in map(chr, range(33, 127))}
KEYS = sorted({key for action in actions(KeySettings()) for key in action.keys})


def sent(key: str) -> str:
    """What the terminal sends for a key of the table."""
    *modifiers, last = key.split("+")
    sign = " " if last == "space" else SIGNS.get(last, last)
    code = FUNCTIONAL.get(last) or f"{ord(sign.lower())}u"
    bits = 1 + sum(MODIFIERS[one] for one in modifiers) + (len(sign) == 1 and sign.isupper())
    text = f";{ord(sign)}" if len(sign) == 1 and not modifiers else ""
    return f"\x1b[{code[:-1]};{bits if bits > 1 else ''}{text}{code[-1]}"


def parsed(sequence: str) -> list[Key]:
    teach()
    return [one for one in XTermParser().feed(sequence) if isinstance(one, Key)]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_table_is_known(key: str) -> None:
    (found,) = parsed(sent(key))
    assert found.key == key
    assert not (found.is_printable and "+" in key)


@pytest.mark.parametrize(
    ("sequence", "key", "character"),
    [
        ("\x1b[97;;97u", "a", "a"),
        ("\x1b[97;2;65u", "A", "A"),
        ("\x1b[97;65;65u", "A", "A"),
        ("\x1b[32;2;32u", "space", " "),
        ("\x1b[127;2u", "backspace", None),
        ("\x1b[57441;2u", "left_shift", None),
        ("\x1b[57399;;48u", "0", "0"),
    ],
)
def test_what_is_typed(sequence: str, key: str, character: str | None) -> None:
    """Capital letters, caps lock, a shift key that was not let go of, a modifier alone, the keypad."""
    assert [(one.key, one.character) for one in parsed(sequence)] == [(key, character)]


def test_ctrl_space_has_one_name() -> None:
    table = actions(replace(KeySettings(), suggest="ctrl+space"))
    assert next(one for one in table if one.name == "suggest").keys == ("ctrl+@",)


def test_typing_with_such_a_terminal(work: Path) -> None:
    settings = replace(Settings(), app=replace(Settings().app, suggest="manual"))

    async def scene() -> None:
        async with playing(work, GHOST, file="calc.py", settings=settings) as running:
            teach()
            parser = XTermParser()

            def types(*keys: str) -> None:
                for key in keys:
                    for one in parser.feed(sent(key)):
                        running.app.post_message(one)

            types("ctrl+end", "shift+enter", *"ab", "C")
            await running.until(lambda: running.area.text.endswith("\nabC"))
            types("ctrl+@")
            await running.until(lambda: has_ghost(running))
            types("ctrl+right", "escape", "ctrl+slash")
            await running.until(lambda: "# abC" in running.area.text)

    play(scene)
