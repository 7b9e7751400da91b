"""Textual's bindings from the action table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.style import Style
from textual.widgets import Static

from coder_tui.config.keymap import Action, KeySettings, Where, actions

_SHOWN = {
    "equals_sign": "=", "plus": "+", "minus": "-",
    "full_stop": ".", "comma": ",", "right_square_bracket": "]", "left_square_bracket": "[", "underscore": "_",
    "slash": "/", "pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "enter": "Enter", "delete": "Del",
    "up": "Up", "down": "Down", "left": "Left", "right": "Right", "space": "Space", "tab": "Tab",
    "end": "End", "@": "Space",
}  # fmt: skip


IN_APP = frozenset({"find", "find_next", "find_previous", "replace", "go_to_line", "edit_selection", "suggest"})
"""Actions whose keys count in the editor, and which more than the editor carries out."""


_NO_KEY = "f35"
"""No terminal sends it."""
KeyActions = Mapping[str, Sequence[str]]
"""What a key may mean, the first that is possible."""


class Keyed(App[None], inherit_bindings=False):
    """An app with an action table."""

    table: tuple[Action, ...]


def table_of(node: DOMNode) -> tuple[Action, ...]:
    """The action table, with the keys of the settings."""
    app = node.app
    return app.table if isinstance(app, Keyed) else _defaults()


@cache
def _defaults() -> tuple[Action, ...]:
    return actions(KeySettings())


def bindings(*places: Where, priority: bool = False) -> list[Binding]:
    """What a widget or screen binds for these places, with the keys of a plain terminal; the app's keymap changes them
    by their ids."""
    table = [action for place in places for action in _defaults() if action.where is place]
    return [
        Binding(
            ",".join(action.keys) or _NO_KEY,
            action.name,
            action.title,
            id=action.name,
            show=False,
            priority=priority,
            system=True,
        )
        for action in table
    ]


def keymap(table: Sequence[Action]) -> dict[str, str]:
    """Keys by id, as App.set_keymap takes them."""
    return {action.name: ",".join(action.keys) or _NO_KEY for action in table if action.where not in _IN_TURN}


def keys_of(table: Sequence[Action], place: Where) -> dict[str, list[str]]:
    """Actions by key of one place alone."""
    found: dict[str, list[str]] = {}
    for action in (one for one in table if one.where is place):
        for key in action.keys:
            found.setdefault(key, []).append(action.name)
    return found


def key_actions(table: Sequence[Action], *places: Where, also: KeyActions | None = None) -> dict[str, list[str]]:
    """For widgets that carry out their keys themselves (`textual_compat.run_in_turn`): actions by key, those of the
    first place first, then what else there is, then those of the app: they may move the focus, which the next key must
    find moved."""
    found: dict[str, list[str]] = {}
    for place in places:
        for action in (one for one in table if one.where is place):
            for key in action.keys:
                found.setdefault(key, []).append(f"app.{action.name}" if action.name in IN_APP else action.name)
    everywhere = [(key, f"app.{action.name}") for action in table if action.where is Where.APP for key in action.keys]
    taken = {key for key, _ in everywhere}
    for key, names in (also or {}).items():
        if key not in taken:
            found.setdefault(key, []).extend(names)
    for key, name in everywhere:
        found.setdefault(key, []).append(name)
    return found


_IN_TURN = (Where.GHOST, Where.EDITOR, Where.PROMPT)
"""Places whose widgets carry out their keys themselves."""


def key_name(key: str) -> str:
    """A key as people write it: `Ctrl+S`."""
    *modifiers, last = key.split("+")
    name = _SHOWN.get(last, last.upper() if last.startswith("f") and last[1:].isdigit() else last)
    if len(name) == 1 and modifiers:
        name = name.upper()
    return "+".join([*(one.capitalize() for one in modifiers), name])


class Plain(Static):
    """Text in which what can be clicked looks as the text has it, not as a link."""

    auto_links = False


def clickable(table: Sequence[Action], words: Mapping[str, str], *, prefix: str = "") -> list[Content]:
    """The first key of some actions with a word each, for a line that says what can be done; a click does it. `prefix`
    says whose actions they are where they are not those of the widget that shows the line: `screen.`."""
    keys = {action.name: action.keys[0] for action in table if action.keys}
    return [
        Content.assemble((f"{key_name(keys[name])} ", "bold $text-accent"), (word, "")).stylize(
            Style.from_meta({"@click": f"{prefix}{name}"})
        )
        for name, word in words.items()
        if name in keys
    ]


def in_rows(parts: Sequence[Content], width: int, between: str = "  ") -> Content:
    """Joined, with line ends where a row is full: no part is broken."""
    rows: list[list[Content]] = [[]]
    for part in parts:
        if rows[-1] and sum(one.cell_length + len(between) for one in rows[-1]) + part.cell_length > width:
            rows.append([])
        rows[-1].append(part)
    return Content("\n").join([Content(between).join(row) for row in rows])


def key_of(table: Sequence[Action], name: str) -> str:
    """The first key of an action as people write it; empty where it has none."""
    return next((key_name(action.keys[0]) for action in table if action.name == name and action.keys), "")


def said(table: Sequence[Action], words: Mapping[str, str], between: str = " · ") -> str:
    """What some keys do, for the edge of a dialog: `Enter chooses · Esc closes`."""
    keys = {name: key_of(table, name) for name in words}
    return between.join(f"{keys[name]} {word}" for name, word in words.items() if keys[name])


def keys_shown(action: Action) -> str:
    """All keys of an action."""
    return ", ".join(key_name(key) for key in action.keys)
