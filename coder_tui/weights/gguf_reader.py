"""Reading a GGUF file's structure: header, metadata, tensor table. Strict: everything must lie within the file.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Big arrays (150,000 tokens and as many merges)
are walked over, not turned into objects.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from mmap import mmap

from coder_tui.weights.tensor_types import TENSOR_TYPES

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_SIZES = {kind: struct.calcsize(form) for kind, form in _SCALARS.items()}
BOOL, STRING, ARRAY, UINT32, INT32, FLOAT32 = 7, 8, 9, 4, 5, 6
_SMALL_ARRAY = 1024
"""Arrays of numbers up to this length are kept as tuples: per-layer settings."""
_MAX_NAME = 63
_MAX_DIMENSIONS = 4
_MAX_KEY = 65535
_DEFAULT_ALIGNMENT = 32

_unpack_u64 = struct.Struct("<Q").unpack_from


class BadGgufError(Exception):
    """What is wrong with the file, to stand behind "is not a usable GGUF file: "."""


@dataclass(frozen=True, slots=True)
class Array:
    """Where a long array lies."""

    item_type: int
    """GGUF's number of the type."""
    count: int
    start: int
    """Offset of the first item in the file."""
    end: int


Value = bool | int | float | str | tuple[bool | int | float, ...] | Array


@dataclass(frozen=True, slots=True)
class Tensor:
    """An entry of the tensor table."""

    name: str
    shape: tuple[int, ...]
    """Fastest dimension first, as in the file."""
    type_id: int
    """A key of TENSOR_TYPES."""
    offset: int
    """From the beginning of the tensor data."""
    size_bytes: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """All of a GGUF file but its tensor data."""

    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[Tensor, ...]
    data_offset: int
    """Where the tensor data begins."""
    size_bytes: int
    """Of the file."""

    @property
    def tensor_count(self) -> int:
        return len(self.tensors)

    def text(self, key: str) -> str | None:
        """A metadata string; None when the key is absent or holds something else."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else None

    def integer(self, key: str) -> int | None:
        """A metadata integer; None when the key is absent or holds something else."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Cursor:
    """A place in the file that moves forward as things are read. Raises BadGgufError at the end of the file."""

    def __init__(self, data: mmap | bytes, size: int) -> None:
        self.data = data
        self.size = size
        self.at = 0

    def scalar(self, kind: int) -> int | float:
        self.need(_SIZES[kind])
        value: int | float = struct.unpack_from(_SCALARS[kind], self.data, self.at)[0]
        self.at += _SIZES[kind]
        return value

    def u32(self) -> int:
        return int(self.scalar(4))

    def u64(self) -> int:
        return int(self.scalar(10))

    def name(self, what: str, limit: int) -> str:
        length = self.u64()
        if not 0 < length <= limit:
            raise BadGgufError(f"{what} has a length of {length} bytes")
        try:
            return self._take(length).decode()
        except UnicodeDecodeError:
            raise BadGgufError(f"{what} is not UTF-8 text") from None

    def string(self) -> str:
        return self._take(self.u64()).decode(errors="replace")

    def skip_strings(self, count: int) -> None:
        if count * 8 > self.size - self.at:
            raise self.cut()
        data, at, unpack = self.data, self.at, _unpack_u64
        try:
            for _ in repeat(None, count):
                at += 8 + unpack(data, at)[0]
        except (struct.error, OverflowError):
            raise self.cut() from None
        self.at = at
        self.need(0)

    def need(self, count: int) -> None:
        if count > self.size - self.at:
            raise self.cut()

    def _take(self, length: int) -> bytes:
        self.need(length)
        self.at += length
        return self.data[self.at - length : self.at]

    def cut(self) -> BadGgufError:
        return BadGgufError(f"it is cut short or damaged within its metadata (has {self.size} bytes)")


def read_structure(data: mmap | bytes, size: int) -> GgufHeader:
    """Read the header of a file of `size` bytes. Raises BadGgufError."""
    cursor = Cursor(data, size)
    if size < 4 or data[:4] != b"GGUF":
        raise BadGgufError("it does not begin with GGUF")
    cursor.at = 4
    version = cursor.u32()
    if version not in (2, 3):
        raise BadGgufError(
            "it is big-endian" if version and not version & 0xFFFF else f"version {version} is not known (only 2 and 3)"
        )
    tensor_count, pair_count = cursor.u64(), cursor.u64()
    if tensor_count * 32 > size or pair_count * 13 > size:
        raise BadGgufError(f"it claims {tensor_count} tensors and {pair_count} settings in {size} bytes")
    metadata = _read_metadata(cursor, pair_count)
    alignment = _alignment(metadata)
    tensors, data_size = _read_tensors(cursor, tensor_count, alignment)
    data_offset = _padded(cursor.at, alignment)
    if tensors and data_offset + data_size > size:
        raise BadGgufError(f"it is cut short (has {size} of {data_offset + data_size} bytes)")
    return GgufHeader(version, metadata, tensors, data_offset, size)


def _read_metadata(cursor: Cursor, count: int) -> dict[str, Value]:
    metadata: dict[str, Value] = {}
    for index in range(count):
        key = cursor.name(f"the name of setting {index}", _MAX_KEY)
        if key in metadata:
            raise BadGgufError(f"setting {key!r} is there twice")
        metadata[key] = _read_value(cursor, key, cursor.u32())
    return metadata


def _read_value(cursor: Cursor, key: str, kind: int) -> Value:
    if kind == STRING:
        return cursor.string()
    if kind == ARRAY:
        return _read_array(cursor, key)
    if kind not in _SCALARS:
        raise BadGgufError(f"setting {key!r} has the unknown type {kind}")
    value = cursor.scalar(kind)
    return bool(value) if kind == BOOL else value


def _read_array(cursor: Cursor, key: str) -> Value:
    kind, count = cursor.u32(), cursor.u64()
    start = cursor.at
    if kind == STRING:
        cursor.skip_strings(count)
        return Array(kind, count, start, cursor.at)
    if kind not in _SCALARS:
        raise BadGgufError(f"setting {key!r} is an array of the unknown type {kind}")
    cursor.need(count * _SIZES[kind])
    cursor.at += count * _SIZES[kind]
    if count > _SMALL_ARRAY or key.startswith("tokenizer."):
        return Array(kind, count, start, cursor.at)
    return struct.unpack_from(f"<{count}{_SCALARS[kind][1]}", cursor.data, start)


def _alignment(metadata: Mapping[str, Value]) -> int:
    alignment = metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
    if isinstance(alignment, bool) or not isinstance(alignment, int):
        raise BadGgufError("its alignment is not a number")
    if alignment <= 0 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise BadGgufError(f"its alignment is {alignment}")
    return alignment


def _read_tensors(cursor: Cursor, count: int, alignment: int) -> tuple[tuple[Tensor, ...], int]:
    """The table and the bytes of all data. llama.cpp wants the tensors in the order of the table, without gaps."""
    tensors: list[Tensor] = []
    names: set[str] = set()
    expected = 0
    for index in range(count):
        tensor = _read_tensor(cursor, index)
        if tensor.name in names:
            raise BadGgufError(f"tensor {tensor.name!r} is there twice")
        if tensor.offset != expected:
            raise BadGgufError(f"tensor {tensor.name!r} lies at {tensor.offset}, it should be at {expected}")
        names.add(tensor.name)
        tensors.append(tensor)
        expected = _padded(expected + tensor.size_bytes, alignment)
    last = tensors[-1] if tensors else None
    return tuple(tensors), last.offset + last.size_bytes if last else 0


def _read_tensor(cursor: Cursor, index: int) -> Tensor:
    name = cursor.name(f"the name of tensor {index}", _MAX_NAME)
    dimensions = cursor.u32()
    if not 1 <= dimensions <= _MAX_DIMENSIONS:
        raise BadGgufError(f"tensor {name!r} has {dimensions} dimensions")
    shape = tuple(cursor.u64() for _ in range(dimensions))
    type_id, offset = cursor.u32(), cursor.u64()
    if type_id not in TENSOR_TYPES:
        raise BadGgufError(f"tensor {name!r} has the unknown type {type_id}")
    type_name, block, block_bytes = TENSOR_TYPES[type_id]
    elements = math.prod(shape)
    if not 0 < elements < 1 << 48 or shape[0] % block:
        sides = " x ".join(map(str, shape))
        raise BadGgufError(f"tensor {name!r} of type {type_name} has the impossible shape {sides}")
    return Tensor(name, shape, type_id, offset, elements // block * block_bytes)


def _padded(offset: int, alignment: int) -> int:
    return (offset + alignment - 1) // alignment * alignment
