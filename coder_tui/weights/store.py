"""Where weights lie on this machine, which of them are there, and whether they are what the catalogue says.

The directory is the caller's choice; in a checkout its `models` folder counts too.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coder_tui.core.errors import NoModelError, WeightsError
from coder_tui.weights import catalog
from coder_tui.weights.catalog import CatalogEntry
from coder_tui.weights.hashing import sha256_of
from coder_tui.weights.progress import Progress, Report, Step, silent


@dataclass(frozen=True, slots=True)
class Installed:
    """A GGUF file in one of the model directories."""

    path: Path
    size_bytes: int
    entry: CatalogEntry | None
    """What the catalogue says of a file of this name; None for a file that the user put there."""

    @property
    def name(self) -> str:
        """What `--model` takes for it."""
        return self.entry.name if self.entry else self.path.stem

    @property
    def complete(self) -> bool:
        """Whether the size is right; the content is `verify`'s business."""
        return self.entry is None or not self.entry.size_exact or self.size_bytes == self.entry.size_bytes


def directories(models_dir: Path) -> tuple[Path, ...]:
    """Where models are looked for, the user's directory first."""
    checkout = catalog.CHECKOUT_MODELS
    return (models_dir, checkout) if (checkout / "catalog.toml").is_file() else (models_dir,)


def installed(models_dir: Path) -> tuple[Installed, ...]:
    """All GGUF files that are there, by name; of two with the same name the first found."""
    found: dict[str, Installed] = {}
    for directory in directories(models_dir):
        try:
            paths = sorted(path for path in directory.iterdir() if path.suffix == ".gguf" and path.is_file())
        except OSError:
            continue
        for path in paths:
            one = Installed(path, path.stat().st_size, catalog.by_file(path.name))
            found.setdefault(one.name, one)
    return tuple(sorted(found.values(), key=lambda one: one.name))


def best(models: Iterable[Installed]) -> str | None:
    """The name of the model to use when none was asked for; None when there is none.

    DeepSeek Coder before others, then one that chats as well as it infills, then the largest.
    """

    def rank(one: Installed) -> tuple[bool, bool, int]:
        family = one.entry.family if one.entry else one.path.stem
        return "deepseek" in family.lower(), one.entry is None or one.entry.kind == "instruct", one.size_bytes

    usable = [one for one in models if one.complete]
    return max(usable, key=rank).name if usable else None


def resolve(name_or_path: str, models_dir: Path) -> Path:
    """The weights that a `--model` value means.

    Raises NoModelError when it names a model of the catalogue that is not there, WeightsError when it names nothing.
    """
    here = {one.name.lower(): one for one in installed(models_dir)}
    one = here.get(name_or_path.lower())
    if one is not None:
        if one.complete:
            return one.path
        size = one.entry.size_bytes if one.entry else 0
        raise WeightsError(
            f"{one.path} is not the file of the catalogue (has {one.size_bytes} of {size} bytes)",
            hint=f"coder models pull {one.name}",
        )
    entry = next((entry for entry in catalog.load() if entry.name == name_or_path.lower()), None)
    if entry is not None:
        raise NoModelError(f"the model {entry.name} is not here yet", hint=f"coder models pull {entry.name}")
    path = Path(name_or_path).expanduser()
    # A bare word is never a file: a repository may name a model, and must not lead to a file of its own that way.
    if os.sep in name_or_path or path.suffix == ".gguf":
        if path.exists():
            return path
        raise WeightsError(f"there is no file {path}", hint="`coder models list` shows the models there are")
    names = {*here, *(entry.name for entry in catalog.load())}
    near = difflib.get_close_matches(name_or_path.lower(), sorted(names), n=3, cutoff=0.5)
    raise WeightsError(
        f"there is no model named {name_or_path}",
        hint=f"did you mean {' or '.join(near)}?" if near else "`coder models list` shows the names",
    )


def verify(path: Path, entry: CatalogEntry, progress: Report = silent) -> None:
    """Check size and sha256 of a file against the catalogue. Raises WeightsError when they differ."""
    try:
        size = path.stat().st_size
        if entry.size_exact and size != entry.size_bytes:
            raise WeightsError(
                f"{path} has {size} bytes, it should have {entry.size_bytes}", hint=f"coder models pull {entry.name}"
            )
        digest = sha256_of(path, lambda done: progress(Progress(Step.CHECKING, done, size)))
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}") from None
    if digest != entry.sha256:
        raise WeightsError(
            f"{path} is not the file of the catalogue (sha256 {digest[:12]}..., should be {entry.sha256[:12]}...)",
            hint=f"remove it, then coder models pull {entry.name}",
        )
