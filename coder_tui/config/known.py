"""What the schema says of each setting, by its key: for reading settings files, and for telling the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, cast

from coder_tui.config.kinds import Kind, Value
from coder_tui.config.schema import Settings


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the settings file, as the schema knows it."""

    key: str
    """`section.name`."""
    kind: Kind
    project: Kind | None
    """What a project file may put there; None when it may not set this at all."""
    default: Value
    text: str
    """What it is for, in words for the user."""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "CODER_" + self.key.replace(".", "_").upper()


@cache
def settings_by_key() -> Mapping[str, Setting]:
    """Every setting, in the order of the sections."""
    known: dict[str, Setting] = {}
    for section in fields(Settings):
        for item in fields(cast("Any", section.default)):
            key = f"{section.name}.{item.name}"
            meta = item.metadata
            known[key] = Setting(key, meta["kind"], meta["project"], cast("Value", item.default), meta["text"])
    return known
