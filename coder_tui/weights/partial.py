"""A download on its way: the bytes that are there, and up to where they are known to be on the disk.

Beside the final file `NAME` lies a folder `NAME.parts` with the bytes so far, and a state file that is replaced
atomically after the bytes it speaks of were synced. Whatever ends the process, the next one cuts off what the state
file does not vouch for and goes on from there.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

RECORD_EVERY_BYTES = 8 << 20
"""At most so much is fetched again after a crash."""


class Partial:
    """The unfinished file of one download: a context manager, to be used under the download's lock.

    Methods raise OSError.
    """

    def __init__(self, final: Path, sha256: str) -> None:
        self.final = final
        self.directory = staging(final)
        self.path = self.directory / "partial"
        self._state = self.directory / "state.json"
        self._sha256 = sha256
        self._file = -1
        self._recorded = 0
        self.offset = 0
        """Bytes that are there."""

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        for leftover in self.directory.glob("pip-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self._recorded = self._vouched()
        self.cut(min(self._recorded, os.fstat(self._file).st_size))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # the disk may be full; the older state file stays true
            self.record()
        os.close(self._file)
        self._file = -1

    def write(self, data: bytes) -> None:
        """Append, and record now and then."""
        rest = memoryview(data)
        while rest:
            written = os.write(self._file, rest)
            rest = rest[written:]
            self.offset += written
        if self.offset - self._recorded >= RECORD_EVERY_BYTES:
            self.record()

    def cut(self, offset: int) -> None:
        """Drop everything from `offset` on, and have the state file no longer vouch for it."""
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)
        self.offset = offset
        if offset < self._recorded:
            self.record()

    def record(self) -> None:
        """Sync the bytes, then say how many there are."""
        os.fsync(self._file)
        new = self._state.with_suffix(".new")
        with new.open("w") as file:
            json.dump({"sha256": self._sha256, "offset": self.offset}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._state)
        self._recorded = self.offset

    def publish(self) -> None:
        """Give the file its name. The caller has checked it."""
        os.fsync(self._file)
        self.path.replace(self.final)
        directory = os.open(self.final.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _vouched(self) -> int:
        """Bytes that the state file speaks for; none when it belongs to another file or cannot be read."""
        try:
            state = json.loads(self._state.read_text())
            offset = state["offset"] if state["sha256"] == self._sha256 else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        return max(offset, 0) if isinstance(offset, int) else 0


def staging(final: Path) -> Path:
    """The folder for all that a download leaves while it is not finished."""
    return final.with_name(f"{final.name}.parts")
