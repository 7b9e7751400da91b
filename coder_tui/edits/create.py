"""New files: never in place of one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from coder_tui.core.errors import WriteError


def create(path: Path, data: bytes) -> None:
    """Make a file, and the directories that it needs. Raises WriteError when something of that name is there, or when
    it cannot be written; then there is nothing new but perhaps directories."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise WriteError(f"cannot create {path.parent}: {_reason(error)}") from None
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except FileExistsError:
        raise WriteError(f"{path} is there already", hint="choose another name") from None
    except (OSError, ValueError) as error:
        raise WriteError(f"cannot create {path}: {_reason(error)}") from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise WriteError(f"cannot write {path}: {_reason(error)}") from None


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "its name cannot be one of a file"
