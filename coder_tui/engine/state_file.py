"""KV states on disk: what a sequence's cells hold, so that another process need not evaluate it again.

A file holds the tokens and llama.cpp's copy of their cells, under a fingerprint of the model and a checksum over all.
It is only ever a saving of time: one that is missing, broken, of another model or of another build is as good as none.
Nothing is synced to the disk: after a power cut the checksum is wrong, and the file is removed when it is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import secrets
import stat
import time
from array import array
from pathlib import Path

from coder_tui.engine.memory import State

SUFFIX = ".kv"
_MAGIC = b"coder kv 1\n"
_LENGTH_BYTES = 4
_CHECKSUM_BYTES = 16
_LEFT_OVER_SECONDS = 3600
"""A temporary file as old as this has no writer any more."""
_OURS = re.compile(r"[0-9a-f]{32}(\.kv|-[0-9a-f]{16}\.tmp)")
"""Names of states and of what is being written; nothing else in the directory is ours to remove."""
_EDGE_BYTES = 1 << 20


def save(path: Path, fingerprint: str, state: State) -> int:
    """Write a state, for its user only; its size in bytes. Raises OSError, and then leaves nothing behind."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    header = json.dumps({"fingerprint": fingerprint, "tokens": len(state.tokens), "exact": state.exact}).encode()
    length = len(header).to_bytes(_LENGTH_BYTES, "little")
    parts = [memoryview(part) for part in (_MAGIC, length, header, array("i", state.tokens).tobytes())]
    parts.append(state.cells)
    digest = hashlib.blake2b(digest_size=_CHECKSUM_BYTES)
    staged = path.parent / f"{path.stem}-{secrets.token_hex(8)}.tmp"
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            for part in parts:
                digest.update(part)
                stream.write(part)
            stream.write(digest.digest())
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
    return sum(len(part) for part in parts) + _CHECKSUM_BYTES


def load(path: Path, fingerprint: str) -> State | None:
    """The state that was saved under this fingerprint. A file that is broken is removed."""
    try:
        # Not blocking: opening a named pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return None
            # Writable, so that llama.cpp gets this memory and not a copy of it.
            data = bytearray(facts.st_size)
            state = _parsed(data, fingerprint) if _fill(stream, data) else None
            if state is not None:
                with contextlib.suppress(OSError):
                    os.utime(descriptor)
    except OSError:
        return None
    if state is None:
        with contextlib.suppress(OSError):
            path.unlink()
    return state


def prune(directory: Path, max_bytes: int, max_days: float) -> int:
    """Remove states that have not been used for so long, then the longest unused until the rest is small enough.

    Returns the bytes that are left. Other files in the directory are left alone.
    """
    now, found, total = time.time(), list[tuple[float, int, Path]](), 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(directory):
            with contextlib.suppress(OSError):
                if not _OURS.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                facts = entry.stat()
                path = Path(entry.path)
                if entry.name.endswith(".tmp") and now - facts.st_mtime > _LEFT_OVER_SECONDS:
                    path.unlink()
                elif entry.name.endswith(SUFFIX):
                    found.append((facts.st_mtime, facts.st_size, path))
                    total += facts.st_size
    for used, size, path in sorted(found):
        if total > max_bytes or now - used > 86400 * max_days:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)  # another process may be pruning too
                total -= size
    return total


def fingerprint_of_file(path: Path) -> str:
    """What tells a file of weights from another without reading gigabytes. Raises OSError.

    Its place, size and time, and a hash of its first and last MiB: two fine-tunes of a model are of one size, and
    archives and build systems give every file the same time.
    """
    with path.open("rb") as stream:
        facts = os.fstat(stream.fileno())
        digest = hashlib.blake2b(stream.read(_EDGE_BYTES), digest_size=16)
        stream.seek(max(0, facts.st_size - _EDGE_BYTES))
        digest.update(stream.read(_EDGE_BYTES))
    return f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns} {digest.hexdigest()}"


def _fill(stream: io.FileIO, data: bytearray) -> bool:
    """Read as much as `data` holds, a part at a time: one read gives at most 2 GiB."""
    view, done = memoryview(data), 0
    while done < len(data):
        count = stream.readinto(view[done:])
        if not count:
            return False
        done += count
    return True


def _parsed(data: bytearray, fingerprint: str) -> State | None:
    """None unless everything is right."""
    body = memoryview(data)[:-_CHECKSUM_BYTES]
    start = len(_MAGIC) + _LENGTH_BYTES
    if len(body) < start or data[: len(_MAGIC)] != _MAGIC:
        return None
    if hashlib.blake2b(body, digest_size=_CHECKSUM_BYTES).digest() != data[-_CHECKSUM_BYTES:]:
        return None
    end = start + int.from_bytes(body[len(_MAGIC) : start], "little")
    try:
        header = json.loads(bytes(body[start:end]))
        if header["fingerprint"] != fingerprint:
            return None
        tokens = array("i")
        cells = end + header["tokens"] * tokens.itemsize
        tokens.frombytes(body[end:cells])
        return State(tokens.tolist(), int(header["exact"]), body[cells:])
    except (ValueError, KeyError, TypeError):  # right checksum, but of another version
        return None
