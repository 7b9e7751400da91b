"""KV states on disk: what a sequence's cells hold, so that another process need not evaluate it again.

A file holds the tokens and llama.cpp's copy of their cells, under a fingerprint of the model and a checksum over all.
It is only ever a saving of time: one that is missing, broken, of another model or of another build is as good as none.
Nothing is synced to the disk: after a power cut the checksum is wrong, and the file is removed when it is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".kv"
_MAGIC = b"coder kv 1\n"
_LENGTH_BYTES = 4
_CHECKSUM_BYTES = 16
_LEFT_OVER_SECONDS = 3600
"""A temporary file as old as this has no writer any more."""


@dataclass(frozen=True, slots=True)
class State:
    """The cells of a sequence."""

    tokens: Sequence[int]
    """By position."""
    exact: int
    """So many of the first cells are as a fresh evaluation would make them."""
    cells: memoryview
    """As llama_state_seq_get_data gives them."""


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
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as stream:
            data = stream.read()
    except OSError:
        return None
    state = _parsed(data, fingerprint)
    with contextlib.suppress(OSError):
        if state is None:
            path.unlink()
        else:
            os.utime(path)
    return state


def prune(directory: Path, max_bytes: int, max_days: float) -> int:
    """Remove states that have not been used for so long, then the longest unused until the rest is small enough.

    Returns the bytes that are left. Other files in the directory are left alone.
    """
    now, found, total = time.time(), list[tuple[float, int, Path]](), 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(directory):
            with contextlib.suppress(OSError):
                if entry.is_symlink() or not entry.is_file():
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
                path.unlink()
                total -= size
    return total


def _parsed(data: bytes, fingerprint: str) -> State | None:
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
