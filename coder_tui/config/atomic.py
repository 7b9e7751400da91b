"""Replacing a file in one step: readers see the old content or the new, and a failure leaves the old."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path


def _nothing(_descriptor: int) -> None:
    return


def replace_file(
    path: Path,
    data: Iterable[bytes],
    *,
    mode: int,
    prepare: Callable[[int], None] = _nothing,
    confirm: Callable[[], None] = lambda: None,
) -> None:
    """Puts `data` in place of whatever is at `path`.

    The new file is written beside it (same directory, so that a rename suffices), made with `mode` minus the umask.
    `prepare` gets its descriptor once everything is written, to set owner and rights; `confirm` is called right before
    the rename and stops it by raising. Raises OSError; on any failure, an interrupt too, no file is left behind.
    """
    staged = path.parent / f".coder-{secrets.token_hex(8)}.tmp"
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(data)
            stream.flush()
            prepare(descriptor)
            os.fsync(descriptor)
        confirm()
        staged.replace(path)
    finally:
        # After the rename there is nothing of this name.
        staged.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Makes the rename survive a power cut. The file is in place already, and some file systems cannot do this."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
