"""Reading a settings file: TOML into keys and values, with the line of each for messages."""

from __future__ import annotations

import re

from coder_tui.core.errors import ConfigError

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]")
_TRIPLE = re.compile(r'"""|\'\'\'')


def parse(data: bytes, name: str) -> dict[str, object]:
    """Values by key (`section.name`). Raises ConfigError with the line when the file is not TOML."""
    import tomllib

    try:
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}, line {line}: not UTF-8 text") from None
    except RecursionError:
        raise ConfigError(f"{name}: brackets are nested too deep") from None
    except ValueError as error:
        raise ConfigError(_told(str(error), name), hint="a line reads: name = value, under its [section]") from None
    values: dict[str, object] = {}
    for section, content in tables.items():
        if isinstance(content, dict):
            values.update({f"{section}.{key}": value for key, value in content.items()})
        else:
            values[section] = content
    return values


def line_of(data: bytes, key: str) -> int | None:
    """The 1-based line on which a key is set, when it is set in the plain way: `name =` under its `[section]`."""
    section, _, name = key.rpartition(".")
    wanted = re.compile(rf"\s*(?:{re.escape(name)}|\"{re.escape(name)}\")\s*=")
    dotted = re.compile(rf"\s*{re.escape(key)}\s*=")
    here, inside_text = "", False
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), start=1):
        if not inside_text:
            header = _HEADER.match(line)
            if header:
                here = header[1]
            elif (here == section and wanted.match(line)) or (not here and dotted.match(line)):
                return number
        inside_text ^= len(_TRIPLE.findall(line)) % 2 == 1
    return None


def literal(value: object) -> str:
    """A value as TOML writes it: what `coder config show` prints can be put into a file."""
    import tomlkit

    return tomlkit.item(value).as_string()


def _told(problem: str, name: str) -> str:
    """tomllib's message with its place in front, as compilers write it."""
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", problem)
    if place is None:
        return f"{name}: {problem}"
    reason = problem[: place.start()]
    return f"{name}, line {place[1]}: {reason}" if place[1] else f"{name}: {reason} at the end"
