"""Bytes into a Document. Whatever a file holds, encoding the document gives the same bytes again."""

from __future__ import annotations

import codecs
import difflib
import errno
import hashlib
import os
import stat
import unicodedata
from itertools import islice
from pathlib import Path

from coder_tui.core.document import Document
from coder_tui.core.errors import DocumentError, WriteError

SNIFF_BYTES = 8192
"""A NUL within so many first bytes makes a file binary, as git and grep have it."""
GUESS_BYTES = 65_536
"""So much of the text that is not ASCII is looked at when its encoding must be guessed."""

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LEGACY = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp874",
)  # fmt: skip
"""Encodings that source files are found in. All of them hold ASCII and none has shift states, so that a piece of text
can be encoded by itself. Where a text is as likely in two of them the first is taken."""


def read(path: Path, *, max_bytes: int) -> Document:
    """The file as text. Raises DocumentError when it is not there, not a regular file, not readable, binary or larger
    than `max_bytes`. Never waits for a FIFO or a device."""
    try:
        with os.fdopen(open_regular(path), "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(max_bytes + 1) if size <= max_bytes else b""
    except FileNotFoundError:
        raise DocumentError(f"no such file: {path}", hint=_nearest(path)) from None
    except (OSError, ValueError) as error:
        raise DocumentError(f"cannot read {path}: {_reason(error)}") from None
    size = max(size, len(data))
    if size > max_bytes:
        raise DocumentError(
            f"{path} has {size} bytes, more than the limit of {max_bytes}",
            hint=f"raise the limit: coder config set files.max_bytes {size}",
        )
    return parse_text(data, path)


def open_regular(path: Path) -> int:
    """A descriptor for reading a regular file. Raises OSError (EISDIR, or EINVAL for a FIFO, socket or device)."""
    _refuse_special(path.stat().st_mode)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _refuse_special(os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def parse_text(data: bytes, path: Path | None = None) -> Document:
    """Bytes as text: by byte order mark, else UTF-8, else the most likely old encoding, else UTF-8 with the bytes that
    do not belong kept as lone surrogates. Raises DocumentError for binary data."""
    text, encoding, mark = _decoded(data, path)
    return Document(text, path, encoding, mark, hashlib.sha256(data).hexdigest())


def encode(text: str, document: Document) -> bytes:
    """Text in the encoding of a document, without the byte order mark. Raises WriteError, naming the character, for one
    that the encoding does not have."""
    try:
        return text.encode(document.encoding, "surrogateescape" if document.encoding == "utf-8" else "strict")
    except UnicodeEncodeError as error:
        character = text[error.start]
        name = unicodedata.name(character, "a character without a name")
        raise WriteError(
            f"{document.name} is in {document.encoding}, which has no U+{ord(character):04X} ({name})",
            hint="convert the file to UTF-8 first",
        ) from None


def _decoded(data: bytes, path: Path | None) -> tuple[str, str, bytes]:
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            text = _exactly(data[len(mark) :], encoding)
            if text is not None:
                return text, encoding, mark
    if b"\0" in data[:SNIFF_BYTES]:
        name = str(path) if path is not None else "the text on standard input"
        raise DocumentError(f"{name} is binary, not text")
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "surrogateescape"), "utf-8", codecs.BOM_UTF8
    try:
        return data.decode("utf-8"), "utf-8", b""
    except UnicodeDecodeError:
        guess = None if _is_mostly_utf8(data) else _guess(data)
    text = _exactly(data, guess) if guess else None
    if text is None or guess is None:
        return data.decode("utf-8", "surrogateescape"), "utf-8", b""
    return text, guess, b""


def _exactly(data: bytes, encoding: str) -> str | None:
    """The text, when it gives the same bytes again."""
    try:
        text = data.decode(encoding)
        return text if text.encode(encoding) == data else None
    except UnicodeError:
        return None


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether stray bytes are the exception in UTF-8: no other encoding's text looks like it by chance."""
    text = _telling(data).decode("utf-8", "surrogateescape")
    foreign = sum(1 for character in text if not character.isascii())
    return 2 * sum(1 for character in text if "\udc80" <= character <= "\udcff") < foreign


def _guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    matches = from_bytes(_telling(data), cp_isolation=list(_LEGACY), enable_fallback=False)
    best: tuple[float, float, int] | None = None
    for match in matches:
        # The first name only is what was tried, the others give the same text.
        first = min(_LEGACY.index(name) for name in match.could_be_from_charset if name in _LEGACY)
        rank = (-match.coherence if match.coherence >= 0.3 else 0.0, match.chaos, first)
        best = min(best, rank) if best else rank
    return _LEGACY[best[2]] if best else None


def _telling(data: bytes) -> bytes:
    """The lines that are not ASCII, which alone say something about the encoding."""
    if len(data) <= GUESS_BYTES:
        return data
    lines, size = [], 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line[: GUESS_BYTES - size])
            size += len(lines[-1]) + 1
            if size >= GUESS_BYTES:
                break
    return b"\n".join(lines)


def _refuse_special(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a regular file")


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "its name cannot be one of a file"


def _nearest(path: Path) -> str | None:
    """A hint: what is there under a similar name."""
    missing = path
    while not missing.parent.exists() and missing.parent != missing:
        missing = missing.parent
    try:
        names = [entry.name for entry in islice(os.scandir(missing.parent), 10_000)]
    except OSError:
        return None
    near = difflib.get_close_matches(missing.name, names, 1)
    return f"did you mean {missing.parent / near[0]}?" if near else None
