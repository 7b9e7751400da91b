"""Replacing a file in one step: readers see the old content or the new, and a failure leaves the old."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

_HERE, _NOREPLACE, _EXCHANGE = -100, 1, 2
"""AT_FDCWD, RENAME_NOREPLACE and RENAME_EXCHANGE of Linux."""
_NO_LINKS = (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""How file systems without hard links refuse them: FAT, some of networks and phones."""
_STAGED = re.compile(r"\.coder-(\d+)-[0-9a-f]{16}\.tmp")


def _nothing(_descriptor: int) -> None:
    return


def replace_file(
    path: Path,
    data: Iterable[bytes],
    *,
    mode: int,
    prepare: Callable[[int], None] = _nothing,
    confirm: Callable[[Path], None] | None = None,
) -> None:
    """Puts `data` in place of whatever is at `path`.

    The new file is written beside it (same directory, so that a rename suffices), made with `mode` minus the umask.
    `prepare` gets its descriptor once everything is written, to set owner and rights. `confirm` looks at what is to be
    replaced and stops it by raising: right before the rename, and again at what the rename has taken away, which is put
    back then; where the system cannot exchange two files (other than Linux) only before. Raises OSError; on any
    failure, an interrupt too, no file is left behind.
    """
    staged = staged_in(path.parent)
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(data)
            stream.flush()
            prepare(descriptor)
            os.fsync(descriptor)
        if confirm is None:
            staged.replace(path)
        else:
            confirm(path)
            _exchange(staged, path, confirm)
    finally:
        # After the rename there is nothing of this name, or what was replaced; the next start removes what stays.
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
    sync_directory(path.parent)


def put_new(staged: Path, path: Path) -> None:
    """Give a staged file its name, where nothing has it. Raises FileExistsError, OSError."""
    try:
        os.link(staged, path)  # unlike a rename it fails where something is
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    if not _renamed(staged, path, _NOREPLACE):
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        staged.rename(path)


def _exchange(staged: Path, path: Path, confirm: Callable[[Path], None]) -> None:
    """Put a file in the place of another. What somebody has written there since the last look comes back."""
    if not _renamed(staged, path, _EXCHANGE):
        staged.replace(path)
        return
    try:
        confirm(staged)
    except BaseException:
        if not _renamed(staged, path, _EXCHANGE):
            staged.replace(path)
        raise


def _renamed(first: Path, second: Path, flag: int) -> bool:
    """Rename in one step as a flag says; False where that is not to be had."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    while rename(_HERE, os.fsencode(first), _HERE, os.fsencode(second), flag) != 0:
        code = ctypes.get_errno()
        if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM):
            return False
        if code != errno.EINTR:
            raise OSError(code, os.strerror(code), str(second))
    return True


def staged_in(folder: Path) -> Path:
    """A new name for what is going to be put in place: it tells which process writes it."""
    return folder / f".coder-{os.getpid()}-{secrets.token_hex(8)}.tmp"


def clean(folder: Path) -> None:
    """Remove what processes that were killed have left of `replace_file` in a folder."""
    with contextlib.suppress(OSError):
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(".coder-")]
        for name in names:
            staged = _STAGED.fullmatch(name)
            if staged is not None and not lives(int(staged[1])):
                (folder / name).unlink(missing_ok=True)


def lives(pid: int) -> bool:
    """Whether there is a process of this number."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def sync_directory(directory: Path) -> None:
    """Makes what was renamed, made or removed in it survive a power cut. It is done already, and some file systems
    cannot do this."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
