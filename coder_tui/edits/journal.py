"""What this program changed in files, kept so that it can be taken back: each change is on disk before it is made.

A change has a folder of its own below the journal's: `record.json`, and of each file what it was (`0.before`) and what
it becomes (`0.after`). It appears under its name in one step. Several files are changed all or none: a change that was
interrupted is taken back at the next start, but never over what somebody else has written since.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from coder_tui.config.atomic import clean, replace_file
from coder_tui.core.errors import WriteError

_RECORD = "record.json"
_LOCK_S = 10.0


class State(StrEnum):
    BEGUN = "begun"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a change."""

    path: str
    """Absolute, as it was written to."""
    before: str
    """SHA-256 of what it was; empty when it was not there."""
    after: str
    """SHA-256 of what it became; empty when it is not there any more."""
    folders: int = 0
    """How many folders above it were made for it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A change."""

    id: str
    time: float
    """Seconds since the epoch."""
    root: str
    """Of the repository; empty outside of one."""
    reason: str
    """In words for the user: `infill sort.py:7`."""
    session: str
    state: State
    files: tuple[FileRecord, ...]
    of: str = ""
    """The change that this one takes back or makes again; empty for a change of its own."""
    follow: bool = False
    """Whether it was written through links that lead out of the repository."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A file before and after; None where it is not there."""

    path: Path
    before: bytes | None
    after: bytes | None
    folders: int = 0
    """How many folders above it are made for it, and go with it."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The changes in a directory. What it does with the disk raises OSError."""

    folder: Path
    max_bytes: int = 1 << 28
    """Of all that is kept."""
    max_days: float = 30

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time changes files through the journal. Raises WriteError when another takes long."""
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock", mode=0o600)
            lock.acquire(timeout=_LOCK_S)
        except Timeout:
            raise WriteError("another coder is writing files right now; nothing was written") from None
        except OSError as error:
            raise WriteError(
                f"the undo journal in {self.folder} cannot be used: {(error.strerror or str(error)).lower()}; "
                "nothing was written",
                hint="coder config set journal.bytes 0 does without it",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def begin(
        self,
        contents: Sequence[Contents],
        *,
        root: Path | None,
        reason: str,
        session: str,
        of: str = "",
        follow: bool = False,
    ) -> Record:
        """Write down a change that is going to be made."""
        name = f"{time.time_ns():016x}-{secrets.token_hex(3)}"
        files = tuple(FileRecord(str(one.path), digest(one.before), digest(one.after), one.folders) for one in contents)
        record = Record(name, time.time(), str(root or ""), reason, session, State.BEGUN, files, of, follow)
        staged = self.folder / f".{name}"
        staged.mkdir(mode=0o700)
        try:
            for number, one in enumerate(contents):
                for side, data in (("before", one.before), ("after", one.after)):
                    if data is not None:
                        _write(staged / f"{number}.{side}", data)
            _write(staged / _RECORD, _dump(record))
            _sync(staged)
            staged.rename(self.folder / name)
            _sync(self.folder)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        return record

    def mark(self, record: Record, state: State) -> Record:
        """Set the state of a change."""
        changed = replace(record, state=state)
        replace_file(self.folder / record.id / _RECORD, [_dump(changed)], mode=0o600)
        return changed

    def forget(self, record: Record) -> None:
        """It never happened, or is too old. In one step, so that half a change is never seen."""
        gone = self.folder / f".{record.id}"
        with suppress(FileNotFoundError):
            (self.folder / record.id).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def records(self) -> list[Record]:
        """All changes, the latest first; what cannot be read is left out."""
        try:
            names = sorted((one.name for one in self.folder.iterdir() if one.name[0] != "."), reverse=True)
        except FileNotFoundError:
            return []
        return [record for name in names if (record := self._read(name)) is not None]

    def of(self, root: Path | None, directory: Path) -> list[Record]:
        """Changes of a repository, the latest first, without those that take others back or make them again; outside of
        one those of files below a directory."""
        own = [one for one in self.records() if not one.of]
        if root is not None:
            return [one for one in own if one.root == str(root)]
        below = directory.resolve()
        return [one for one in own if all(Path(file.path).parent.resolve().is_relative_to(below) for file in one.files)]

    def contents(self, record: Record) -> list[Contents]:
        """What the files of a change were and became. Raises WriteError when the journal has been damaged."""
        return [self._contents(record, number) for number in range(len(record.files))]

    def is_interrupted(self) -> bool:
        """Whether the latest change was begun and not ended: by a process that was killed, or one that is at it."""
        try:
            latest = max((one.name for one in self.folder.iterdir() if one.name[0] != "."), default=None)
        except OSError:
            return False
        record = self._read(latest) if latest is not None else None
        return record is not None and record.state is State.BEGUN

    def clean(self) -> None:
        """Remove what a process that was killed has left, within `locked`: changes that were never written down, or
        half forgotten."""
        with suppress(OSError):
            for one in list(self.folder.iterdir()):
                if one.name.startswith(".") and one.is_dir():
                    shutil.rmtree(one, ignore_errors=True)
                elif one.is_dir():
                    clean(one)

    def prune(self) -> None:
        """Forget what is too old, and the oldest of what is too much, within `locked`. The latest change stays."""
        now, total = time.time(), 0
        for place, record in enumerate(self.records()):
            total += sum(path.stat().st_size for path in (self.folder / record.id).iterdir())
            if (
                place
                and record.state is not State.BEGUN
                and (total > self.max_bytes or now - record.time > 86400 * self.max_days)
            ):
                self.forget(record)

    def _contents(self, record: Record, number: int) -> Contents:
        file, folder = record.files[number], self.folder / record.id
        sides: list[bytes | None] = []
        for side, expected in (("before", file.before), ("after", file.after)):
            path = folder / f"{number}.{side}"
            data = path.read_bytes() if expected and path.exists() else None
            if digest(data) != expected:
                raise WriteError(f"the journal's copy of {file.path} is damaged; it cannot be taken back")
            sides.append(data)
        return Contents(Path(file.path), sides[0], sides[1], file.folders)

    def _read(self, name: str) -> Record | None:
        try:
            value = json.loads((self.folder / name / _RECORD).read_bytes())
            files = tuple(FileRecord(**one) for one in value.pop("files"))
            return Record(**{**value, "state": State(value["state"]), "files": files})
        except (OSError, ValueError, TypeError, KeyError):
            return None


def digest(data: bytes | None) -> str:
    """SHA-256 (hex); empty for None."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _dump(record: Record) -> bytes:
    return json.dumps(asdict(record), indent=1).encode()


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
