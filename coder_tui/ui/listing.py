"""Which files there are, from git where there is git."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coder_tui.context import repository
from coder_tui.core.errors import CoderError
from coder_tui.ui.tree import walked


@dataclass(frozen=True, slots=True)
class Listing:
    paths: tuple[str, ...]
    """Relative to the directory."""
    branch: str = ""
    problem: str = ""
    """Why git could not be asked, for the user."""


def listed(directory: Path, root: Path | None) -> Listing:
    """What git tracks or would track; without git all files but hidden ones."""
    if root is None:
        return Listing(walked(directory))
    branch = repository.branch(root)
    try:
        paths = repository.files(root)
    except CoderError as error:
        return Listing(walked(directory), branch, str(error))
    return Listing(tuple(path for path in paths if (root / path).exists()), branch)
