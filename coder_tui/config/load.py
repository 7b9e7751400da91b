"""Putting the settings together: defaults < user file < project file < environment < flags.

What is wrong in the user's own file, variables and flags is an error. What is wrong in a project file is a warning, and
that value is left out: a cloned repository must neither redirect the program nor break it.
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coder_tui.config import paths, toml
from coder_tui.config.kinds import Kind, Value
from coder_tui.config.known import Setting, settings_by_key
from coder_tui.config.schema import Settings
from coder_tui.core.errors import ConfigError, UsageError
from coder_tui.core.plain import plain

PROJECT_MAX_BYTES = 64 * 1024
"""A project file larger than this is ignored."""
USER_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings and where each of them comes from."""

    settings: Settings
    origins: Mapping[str, str]
    """By key: `default`, `user file PATH`, `project file PATH`, `environment CODER_X` or `flag`."""
    warnings: tuple[str, ...] = ()
    """Lines for stderr."""


@dataclass(frozen=True, slots=True)
class _Layer:
    origin: str
    values: Mapping[str, Value]


def load(project: Path | None, flags: Mapping[str, object], *, environment: Mapping[str, str] | None = None) -> Loaded:
    """The settings for work in the repository at `project` (None outside of one).

    `flags` holds values from the command line by key; None stands for a flag that was not given. Raises ConfigError for
    the user's file and variables, UsageError for a flag.
    """
    warnings: list[str] = []
    layers = [_user_layer(paths.user_file())]
    if project is not None:
        layers.append(_project_layer(project, warnings))
    values = {setting.key: setting.default for setting in settings_by_key().values()}
    origins = dict.fromkeys(values, "default")
    for layer in layers:
        values.update(layer.values)
        origins.update(dict.fromkeys(layer.values, layer.origin))
    for setting, value in _environment_values(os.environ if environment is None else environment, warnings):
        values[setting.key], origins[setting.key] = value, f"environment {setting.variable}"
    for key, value in _flag_values(flags).items():
        values[key], origins[key] = value, "flag"
    return Loaded(_settings(values), origins, tuple(warnings))


def unknown_key(key: str, where: str) -> ConfigError:
    """The error for a key that is no setting; its hint names the nearest one."""
    near = _nearest(key, settings_by_key(), 0.6)
    listing = "`coder config show` lists all settings"
    return ConfigError(
        f"{where}: unknown key {_shown(key)}", hint=f"did you mean {near}? {listing}" if near else listing
    )


def wrong_value(key: str, kind: Kind, value: object, where: str) -> ConfigError:
    """The error for a value that its setting cannot hold."""
    return ConfigError(f"{where}: {key} must be {kind.expects}, not {_shown(repr(value))}")


def _user_layer(path: Path) -> _Layer:
    origin = f"user file {path}"
    try:
        if not path.exists():
            return _Layer(origin, {})
        data = _read_regular(path, USER_MAX_BYTES)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    values: dict[str, Value] = {}
    for key, value in toml.parse(data, str(path)).items():
        setting = settings_by_key().get(key)
        where = _place(path, data, key)
        if setting is None:
            raise unknown_key(key, where)
        try:
            values[key] = setting.kind.check(value)
        except ValueError:
            raise wrong_value(key, setting.kind, value, where) from None
    return _Layer(origin, values)


def _project_layer(root: Path, warnings: list[str]) -> _Layer:
    path = root / paths.PROJECT_FILE
    values: dict[str, Value] = {}
    layer = _Layer(f"project file {path}", values)
    try:
        if not path.is_symlink() and not path.exists():
            return layer
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            warnings.append(f"{path} is ignored: it is a link out of the repository")
            return layer
        data = _read_regular(path, PROJECT_MAX_BYTES)
        found = toml.parse(data, str(path))
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, up to Python 3.12
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        warnings.append(f"{path} is ignored: {_shown(reason.lower())}")
        return layer
    except ConfigError as error:
        warnings.append(f"{_shown(str(error), 300)} (the file is ignored)")
        return layer
    for key, value in found.items():
        problem = _project_problem(key, value, values)
        if problem:
            warnings.append(f"{_place(path, data, key)}: {problem} (ignored)")
    return layer


def _project_problem(key: str, value: object, values: dict[str, Value]) -> str | None:
    """What is wrong with a line of a project file; when nothing is, the value is taken."""
    setting = settings_by_key().get(key)
    if setting is None:
        near = _nearest(key, settings_by_key(), 0.6)
        return f"unknown key {_shown(key)}" + (f", did you mean {near}?" if near else "")
    if setting.project is None:
        return f"{key} cannot be set by a project, only in your own settings"
    try:
        values[key] = setting.project.check(value)
    except ValueError as error:
        return f"{key} must be {error} in a project file, not {_shown(repr(value))}"
    return None


def _environment_values(environment: Mapping[str, str], warnings: list[str]) -> Iterable[tuple[Setting, Value]]:
    by_variable = {setting.variable: setting for setting in settings_by_key().values()}
    known = [*by_variable, *paths.VARIABLES]
    for variable in sorted(name for name in environment if name.startswith("CODER_")):
        setting = by_variable.get(variable)
        if setting is not None:
            try:
                yield setting, setting.kind.parse(environment[variable])
            except ValueError:
                raise wrong_value(variable, setting.kind, environment[variable], "environment") from None
        elif variable not in paths.VARIABLES:
            # Other programs use the prefix too: only what looks like a slip is worth a line.
            near = _nearest(variable.removeprefix("CODER_"), [name.removeprefix("CODER_") for name in known], 0.75)
            if near:
                warnings.append(f"unknown variable {_shown(variable)}, did you mean CODER_{near}?")


def _flag_values(flags: Mapping[str, object]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, value in flags.items():
        if value is None:
            continue
        kind = settings_by_key()[key].kind
        try:
            values[key] = kind.check(value)
        except ValueError:
            name = key.partition(".")[2].replace("_", "-")
            raise UsageError(f"--{name} must be {kind.expects}, not {_shown(repr(value))}") from None
    return values


def _settings(values: Mapping[str, Value]) -> Settings:
    settings = Settings()
    sections: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = value
    return replace(
        settings, **{section: replace(getattr(settings, section), **items) for section, items in sections.items()}
    )


def _read_regular(path: Path, max_bytes: int) -> bytes:
    """The bytes of a file that must be a plain one: never waits for a FIFO or a device."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "not a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(0, f"larger than {max_bytes} bytes")
    return data


def _place(path: Path, data: bytes, key: str) -> str:
    line = toml.line_of(data, key)
    return f"{path}, line {line}" if line else str(path)


def _nearest(word: str, known: Iterable[str], cutoff: float) -> str | None:
    # Quadratic in the length of the word, which a project file chooses.
    near = difflib.get_close_matches(word[:100].lower(), known, 1, cutoff) or difflib.get_close_matches(
        word[:100], known, 1, cutoff
    )
    return near[0] if near else None


def _shown(text: str, limit: int = 80) -> str:
    """A foreign text for a message: one line, no control characters, not too long."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
