"""Reading plain files of a folder that somebody else may have filled: no link is followed, nothing waits for a pipe or
a terminal, and nothing is read past a limit."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_WHERE_IT_IS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_OF_A_FILE = os.O_RDONLY | _WHERE_IT_IS | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OF_A_FOLDER = os.O_RDONLY | _WHERE_IT_IS | getattr(os, "O_DIRECTORY", 0)
_STEP_BY_STEP = os.open in os.supports_dir_fd
"""Whether a folder can be opened within an opened one; elsewhere paths are resolved and compared."""


class NotPlainError(Exception):
    """What is not read; the text says why, to follow the file's path."""


def read(root: Path | str, path: str, limit: int) -> tuple[bytes, os.stat_result]:
    """The content and the state of a file below `root`, its path with forward slashes.

    Raises NotPlainError for a link, what is reached through one, what is no file, and more than `limit` bytes; OSError
    when it is not there.
    """
    if path.startswith("/") or ".." in path.split("/"):
        raise NotPlainError("outside of the repository")
    descriptor = _opened(os.fspath(root), path)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise NotPlainError("not a plain file")
        if state.st_size > limit:
            raise NotPlainError(f"over {limit // 1024} KiB")
        data = b""
        while more := stream.read(limit + 1 - len(data)):  # a raw read may give less than there is
            data += more
            if len(data) > limit:
                raise NotPlainError(f"over {limit // 1024} KiB")
        return data, state


def small_text(root: Path | str, path: str, limit: int = 256 * 1024) -> str:
    """The text of a small file below `root`; empty when there is none, or none that `read` would read."""
    with suppress(OSError, NotPlainError):
        return read(root, path, limit)[0].decode("utf-8", "replace").removeprefix("\ufeff")
    return ""


def _opened(root: str, path: str) -> int:
    file = os.path.join(root, path)  # noqa: PTH118 - a hundred times for each suggestion
    if not _STEP_BY_STEP:
        folder, inside = os.path.realpath(os.path.dirname(file)), os.path.realpath(root)  # noqa: PTH120
        if os.path.commonpath([folder, inside]) != inside:
            raise NotPlainError("outside of the repository")
        if os.path.islink(file):  # noqa: PTH114
            raise NotPlainError("a symbolic link")
        return os.open(file, _OF_A_FILE)
    *folders, name = path.split("/")
    here = os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for folder in folders:
            try:
                inner = os.open(folder, _OF_A_FOLDER, dir_fd=here)
            except NotADirectoryError as error:
                raise NotPlainError("outside of the repository") from error
            os.close(here)
            here = inner
        try:
            return os.open(name, _OF_A_FILE, dir_fd=here)
        except OSError as error:
            if _is_link(name, here):
                raise NotPlainError("a symbolic link") from error
            raise
    finally:
        os.close(here)


def _is_link(name: str, folder: int) -> bool:
    with suppress(OSError):
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    return False
