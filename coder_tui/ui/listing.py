"""Which files there are, from git where there is git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coder_tui.context import repository
from coder_tui.core.errors import CoderError
from coder_tui.ui.tree import walked


@dataclass(frozen=True, slots=True)
class Listing:
    paths: tuple[str, ...]
    """Relative to the directory."""
    states: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is not as in the last commit (`repository.states`)."""
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
        return Listing(walked(directory), branch=branch, problem=str(error))
    return Listing(tuple(path for path in paths if (root / path).exists()), repository.states(root), branch)
