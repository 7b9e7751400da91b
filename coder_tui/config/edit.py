"""Changing one setting in a file that a person keeps: comments, order and spacing stay."""

from __future__ import annotations

import os
import stat
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.config.atomic import replace_file
from coder_tui.config.kinds import Value
from coder_tui.config.known import Setting, settings_by_key
from coder_tui.config.load import unknown_key, wrong_value
from coder_tui.config.toml import parse
from coder_tui.core.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def checked(key: str, text: str, *, project: bool = False) -> Value:
    """The value that a word from the command line stands for. Raises UsageError when the setting cannot hold it, or,
    with `project`, when a project file may not set it."""
    setting = find(key)
    kind = setting.project if project else setting.kind
    if kind is None:
        raise UsageError(
            f"{key} cannot be set by a project", hint=f"set it for yourself: coder config set {key} {text}"
        )
    try:
        return kind.parse(text)
    except ValueError:
        raise UsageError(str(wrong_value(key, kind, text, "config"))) from None


def find(key: str) -> Setting:
    """The setting of that name. Raises UsageError, with the nearest name as the hint."""
    setting = settings_by_key().get(key)
    if setting is None:
        error = unknown_key(key, "config")
        raise UsageError(str(error), hint=error.hint)
    return setting


def set_value(path: Path, key: str, text: str, *, project: bool = False) -> Value:
    """Writes one setting, making the file and its directory when they are not there. Returns the value.

    Raises UsageError for a wrong key or value, ConfigError when the file is broken or cannot be written.
    """
    import tomlkit

    value = checked(key, text, project=project)
    if project and path.is_symlink():
        raise ConfigError(f"{path} is a link; a project's settings must be a file of the project")
    document = _read(path)
    section, _, name = key.partition(".")
    if section not in document:
        if document.body:
            document.add(tomlkit.nl())
        document.add(section, tomlkit.table())
    table = document[section]
    if not isinstance(table, MutableMapping):
        raise ConfigError(f"{path}: {section} is a value there, not a section", hint=f"make it a section: [{section}]")
    table[name] = value
    _write(path, document)
    return value


def unset(path: Path, key: str) -> bool:
    """Takes one line out of a file, a known setting or not, so that the default holds again. Whether it was there.

    Raises ConfigError when the file is broken or cannot be written.
    """
    document = _read(path)
    section, _, name = key.rpartition(".")
    table = document.get(section) if section else document
    if not isinstance(table, MutableMapping) or name not in table:
        return False
    del table[name]
    _write(path, document)
    return True


def _read(path: Path) -> TOMLDocument:
    import tomlkit
    import tomlkit.exceptions

    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is not a regular file")
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    parse(data, str(path))
    try:
        return tomlkit.parse(data.decode("utf-8-sig"))
    except tomlkit.exceptions.TOMLKitError as error:
        raise ConfigError(f"{path} cannot be changed by coder: {error}", hint="edit the file by hand") from None


def _write(path: Path, document: TOMLDocument) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Settings are often links into a folder of dotfiles: the link stays one.
        target = path.resolve()
        old = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        replace_file(
            target,
            [document.as_string().encode()],
            mode=0o666 if old is None else 0o600,
            prepare=lambda descriptor: None if old is None else os.fchmod(descriptor, old),
        )
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error
