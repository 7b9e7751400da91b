"""What the two sources of weights have in common: how they say no, and the disk space they need."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path

from coder_tui.core.errors import DownloadError
from coder_tui.weights.sizes import size_text

AGAIN = "run the same command again: it goes on where it stopped"
_SPARE_BYTES = 16 << 20


class Source(StrEnum):
    """Where weights come from."""

    AUTO = "auto"
    """Whichever answers first: hub, then index."""
    HUB = "hub"
    INDEX = "index"


class SourceUnavailableError(Exception):
    """The source has no answer or not the file; another one may. The text is the reason, in a few words."""


def check_space(directory: Path, needed: int) -> None:
    """Raises DownloadError when the disk has not so many bytes left."""
    free = shutil.disk_usage(directory).free
    if free < needed + _SPARE_BYTES:
        raise DownloadError(
            f"not enough space in {directory}: {size_text(needed)} are needed, {size_text(free)} are free",
            hint="free some space, or set CODER_MODELS_DIR to a directory on another disk",
        )
