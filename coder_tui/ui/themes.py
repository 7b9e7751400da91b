"""Colours: the user's own themes, and what a terminal with few colours gets.

A theme is a file `themes/NAME.toml` beside the settings: `dark = true` or `false`, and colours, of which `primary` is
needed and the rest follows from it (secondary, warning, error, success, accent, foreground, background, surface, panel,
boost).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import Theme

from coder_tui.core.plain import plain

_COLOURS = (
    "primary", "secondary", "warning", "error", "success", "accent", "foreground", "background", "surface", "panel",
    "boost",
)  # fmt: skip
LEAST_CONTRAST = 4.5
"""Of text on its background, as WCAG 2 (AA) asks for."""
_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Themes:
    """What was found in a directory."""

    themes: tuple[Theme, ...]
    problems: tuple[str, ...]
    """In lines for the user: what cannot be used, and what can be read badly."""


def found(directory: Path) -> Themes:
    """The themes of a directory, in the order of their names."""
    themes: list[Theme] = []
    problems: list[str] = []
    for path in sorted(directory.glob("*.toml")) if directory.is_dir() else ():
        try:
            theme = _theme(path)
        except (OSError, ValueError) as error:
            problems.append(f"the theme {plain(path.name)} cannot be used: {plain(str(error))}")
            continue
        themes.append(theme)
        problems += [f"the theme {plain(theme.name)} is hard to read: {one}" for one in hard_to_read(theme)]
    return Themes(tuple(themes), tuple(problems))


async def choose(app: App[None]) -> None:
    """Let the user choose a theme, and keep it."""
    from coder_tui.config import edit, paths
    from coder_tui.core.errors import CoderError
    from coder_tui.ui.screens.choose import Choose, Row
    from coder_tui.ui.telling import tell

    def rows(text: str) -> list[Row]:
        names = sorted(app.available_themes, key=lambda name: (name != app.theme, name))
        kinds = {name: "dark" if app.available_themes[name].dark else "light" for name in names}
        now = {app.theme: ", as it is now"}
        return [Row(name, name, kinds[name] + now.get(name, "")) for name in names if text.lower() in name]

    chosen = await app.push_screen_wait(Choose("Themes", rows, placeholder="a part of its name", none="there is none"))
    if chosen is None:
        return
    app.theme = chosen
    try:
        edit.set_value(paths.user_file(), "app.theme", chosen, project=False)
    except CoderError as error:
        tell(app, error)


def hard_to_read(theme: Theme) -> list[str]:
    """Where text stands out too little, with what it has and what it needs."""
    colours = {name: Color.parse(value) for name, value in theme.to_color_system().generate().items() if name in _SEEN}
    text = colours["foreground"]
    told = []
    for name in _SEEN[1:]:
        ratio = contrast(text, colours[name])
        if ratio < LEAST_CONTRAST:
            told.append(f"foreground on {name} has a contrast of {ratio:.1f}, {LEAST_CONTRAST} is needed")
    return told


_SEEN = ("foreground", "background", "surface", "panel")


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _theme(path: Path) -> Theme:
    """Raises OSError, ValueError."""
    data = path.read_bytes()
    if len(data) > _BYTES:
        raise ValueError(f"it has {len(data)} bytes")
    try:
        values: Mapping[str, object] = tomllib.loads(data.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is no TOML: {error}") from None
    unknown = sorted(values.keys() - {*_COLOURS, "dark"})
    if unknown:
        raise ValueError(f"there is no {unknown[0]}; there are dark, {', '.join(_COLOURS)}")
    if "primary" not in values:
        raise ValueError("it has no primary colour")
    dark = values.get("dark", True)
    if not isinstance(dark, bool):
        raise ValueError("dark is true or false")  # noqa: TRY004 - as with all that is wrong in a theme
    colours: dict[str, Any] = {name: _colour(name, values[name]) for name in _COLOURS if name in values}
    return Theme(path.stem, dark=dark, **colours)


def _colour(name: str, value: object) -> str:
    try:
        return Color.parse(str(value)).hex
    except ColorParseError:
        raise ValueError(f"{name} is no colour: {value}") from None
