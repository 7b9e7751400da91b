"""Reading: no byte is lost, and nothing that is not a text file gets far."""

from __future__ import annotations

import codecs
import os
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core.document import Document
from coder_tui.core.errors import DocumentError
from coder_tui.edits.files import encode, parse_text, read

LIMIT = 1 << 20


def bytes_of(document: Document) -> bytes:
    return document.bom + encode(document.text, document)


@given(st.binary(max_size=80).filter(lambda data: b"\0" not in data))
def test_bytes_without_nul_survive(data: bytes) -> None:
    assert bytes_of(parse_text(data)) == data


@given(st.text(max_size=40), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_marked_unicode_is_read_as_what_it_is(text: str, encoding: str) -> None:
    marks = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "utf-32-le": codecs.BOM_UTF32_LE,
        "utf-32-be": codecs.BOM_UTF32_BE,
    }
    if encoding in {"utf-8", "utf-16-le"} and "\0" in text:
        return  # binary, or a UTF-32 mark
    data = marks[encoding] + text.encode(encoding)
    document = parse_text(data)
    assert (document.text, document.encoding, document.bom) == (text, encoding, marks[encoding])
    assert bytes_of(document) == data


@given(st.sampled_from([codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF8]), st.binary(max_size=30))
def test_a_mark_before_nonsense_loses_nothing_either(mark: bytes, data: bytes) -> None:
    if b"\0" in mark + data:
        with suppress(DocumentError):
            assert bytes_of(parse_text(mark + data)) == mark + data
    else:
        assert bytes_of(parse_text(mark + data)) == mark + data


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("x = 'café'\n", "cp1252"),
        ("// Größe der Fläche für die Übung\nint größe;\n", "cp1252"),
        ("# комментарий на русском языке, чтобы кодировка определялась верно\n" * 3, "cp1251"),
        ("# комментарий на русском языке, чтобы кодировка определялась верно\n" * 3, "koi8_r"),
        ("# 日本語のコメントです。関数を定義します。\n", "cp932"),
        ("# 日本語のコメントです。関数を定義します。\n", "euc_jp"),
        ("# 中文注释，定义一个函数\n", "gb18030"),
        ("# 한국어 주석입니다\n", "cp949"),
        ("# zażółć gęślą jaźń, proszę\n", "cp1250"),
    ],
)
def test_old_encodings_are_recognized(text: str, encoding: str) -> None:
    document = parse_text(text.encode(encoding))
    assert (document.text, document.encoding) == (text, encoding)


def test_stray_bytes_in_utf_8_are_kept() -> None:
    document = parse_text("naïve 日本".encode() + b" \xff\xfe\x81 ok")
    assert document.text == "naïve 日本 \udcff\udcfe\udc81 ok"
    assert bytes_of(document) == "naïve 日本".encode() + b" \xff\xfe\x81 ok"


def test_the_encoding_of_a_large_file_is_guessed_from_the_lines_that_tell() -> None:
    text = "int x;\n" * 300_000 + "// Größe der Fläche für die Übung\n"
    began = time.process_time()
    assert parse_text(text.encode("cp1252")).text == text
    assert time.process_time() - began < 3


def test_a_file_becomes_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbfx\r\ny")
    document = read(path, max_bytes=LIMIT)
    assert document.text == "x\r\ny"
    assert document.path == path
    assert document.newline == "\r\n"
    path.write_bytes(b"")
    assert read(path, max_bytes=LIMIT).text == ""


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/model.py").touch()
    with pytest.raises(DocumentError, match="no such file") as caught:
        read(tmp_path / "src/modle.py", max_bytes=LIMIT)
    assert caught.value.hint == f"did you mean {tmp_path}/src/model.py?"
    with pytest.raises(DocumentError, match="no such file") as caught:
        read(tmp_path / "srx/deep/model.py", max_bytes=LIMIT)
    assert caught.value.hint == f"did you mean {tmp_path}/src?"
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "quite_another", max_bytes=LIMIT)
    assert caught.value.hint is None


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="it is a directory"):
        read(tmp_path, max_bytes=LIMIT)
    (tmp_path / "file").touch()
    with pytest.raises(DocumentError, match="not a directory"):
        read(tmp_path / "file" / "x", max_bytes=LIMIT)


def test_special_files_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
        for path in (tmp_path / "fifo", tmp_path / "socket", Path("/dev/zero")):
            with pytest.raises(DocumentError, match="it is not a regular file"):
                read(path, max_bytes=LIMIT)


def test_links_in_a_circle_and_impossible_names(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "loop", tmp_path / ("n" * 300), Path("nul\0byte")):
        with pytest.raises(DocumentError, match=r"^cannot read ") as caught:
            read(path, max_bytes=LIMIT)
        assert "\n" not in str(caught.value)


def test_binary_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.o"
    path.write_bytes(b"\x7fELF\0\0")
    with pytest.raises(DocumentError, match=r"a\.o is binary, not text"):
        read(path, max_bytes=LIMIT)
    with pytest.raises(DocumentError, match="the text on standard input is binary"):
        parse_text(b"\0")
    assert parse_text(b"x" * 9000 + b"\0").text.endswith("x\0")


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * 101)
    with pytest.raises(DocumentError, match="has 101 bytes, more than the limit of 100") as caught:
        read(path, max_bytes=100)
    assert caught.value.hint == "raise the limit: coder config set files.max_bytes 101"
    assert len(read(path, max_bytes=101).text) == 101


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(0)
    with as_nobody(), pytest.raises(DocumentError, match=r"cannot read .*: permission denied"):
        read(path, max_bytes=LIMIT)


def test_50_mb_are_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "big.py"
    path.write_bytes(b"x = 'some line of code'\n" * 2_200_000)
    began = time.process_time()
    document = read(path, max_bytes=128 << 20)
    assert time.process_time() - began < 3
    assert len(document.text) == path.stat().st_size > 50_000_000
