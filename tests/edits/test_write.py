"""Writing: exactly the spans change, everything else about the file stays, and a failure leaves it alone."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import signal
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from edits.writing import insert, opened
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.core.document import Document, Span
from coder_tui.core.errors import ChangedOnDiskError, WriteError
from coder_tui.edits.files import encode
from coder_tui.edits.write import apply, replaced


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[tuple[Span, str]]]:
    text = draw(st.text(alphabet="abé \n\r", max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return text, draw(st.permutations([(span, draw(st.text(alphabet="xy\n", max_size=5))) for span in spans]))


@given(changes())
def test_only_the_spans_change(change: tuple[str, list[tuple[Span, str]]]) -> None:
    text, replacements = change
    result = replaced(Document(text), replacements)
    end = 0
    possible = {""}
    for span, new in sorted(replacements, key=lambda item: item[0]):
        kept = text[end : span.start]
        written = {new.replace("\n", newline) for newline in ("\n", "\r\n", "\r")}
        possible = {before + kept + one for before in possible for one in written}
        end = span.end
    assert result in {before + text[end:] for before in possible}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@given(lines=st.lists(st.text(alphabet="ab", max_size=3), min_size=2, max_size=6), at=st.integers(0, 5))
def test_a_replacement_takes_the_file_s_line_ending(newline: str, lines: list[str], at: int) -> None:
    document = Document(newline.join(lines))
    offset = document.offset(document.end_of_line(min(at, len(lines) - 1)))
    result = replaced(document, [(Span(offset, offset), "x\ny")])
    assert result == document.text[:offset] + f"x{newline}y" + document.text[offset:]


def test_in_a_mixed_file_the_line_decides() -> None:
    document = Document("a\r\nb\nc\r\nd")
    ends = [document.offset(document.end_of_line(line)) for line in range(4)]
    result = replaced(document, [(Span(end, end), "\n") for end in ends])
    assert result == "a\r\n\r\nb\n\nc\r\n\r\nd\r\n"


def test_spans_that_overlap_are_a_mistake_of_the_caller() -> None:
    for spans in ([Span(0, 2), Span(1, 3)], [Span(2, 9)], [Span(2, 1)]):
        with pytest.raises(ValueError, match="overlaps"):
            replaced(Document("abc"), [(span, "") for span in spans])


@pytest.mark.parametrize(
    ("data", "offset", "text", "written"),
    [
        (b"one\ntwo\n", 3, "!", b"one!\ntwo\n"),
        (b"one\r\ntwo", 3, "\nx", b"one\r\nx\r\ntwo"),
        (b"\xef\xbb\xbfone", 0, "x", b"\xef\xbb\xbfxone"),
        ("one\n".encode("utf-16"), 4, "zwei\n", "one\nzwei\n".encode("utf-16")),
        ("# Größe der Fläche\n".encode("cp1252"), 0, "é\n", "é\n# Größe der Fläche\n".encode("cp1252")),
        ("ü日本".encode() + b"\xff\n", 5, "x", "ü日本".encode() + b"\xff\nx"),
        (b"", 0, "x\n", b"x\n"),
    ],
)
def test_bytes_on_disk(tmp_path: Path, data: bytes, offset: int, text: str, written: bytes) -> None:
    path = tmp_path / "a.py"
    insert(opened(path, data), offset, text)
    assert path.read_bytes() == written
    assert listing(tmp_path) == ["a.py"]


def test_a_character_that_the_encoding_lacks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    data = "# Größe der Fläche\n".encode("cp1252")
    with pytest.raises(WriteError, match=r"is in cp1252, which has no U\+65E5 \(CJK UNIFIED IDEOGRAPH-65E5\)"):
        insert(opened(path, data), 0, "日")
    assert path.read_bytes() == data


def test_mode_and_time_honoured_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    document = opened(path)
    path.chmod(0o754)
    marked = False
    with suppress(OSError):  # not every file system has them
        os.setxattr(path, "user.coder", b"kept")
        marked = True
    before = path.stat()
    insert(document, 0, "x")
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == 0o754
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert not marked or os.getxattr(path, "user.coder") == b"kept"


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs Linux")
def test_an_access_list_stays(tmp_path: Path) -> None:
    """As `setfacl -m u:65534:rw,m::rw` sets it: version 2, then tag, rights and id of each entry."""
    path = tmp_path / "a.py"
    document = opened(path)
    path.chmod(0o640)
    entries = ((1, 6, -1), (2, 6, 65534), (4, 4, -1), (16, 6, -1), (32, 0, -1))
    given = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", given)
    except OSError:
        pytest.skip("the file system has no access lists")
    before = path.stat().st_mode
    insert(document, 0, "x")
    assert os.getxattr(path, "system.posix_acl_access") == given
    assert path.stat().st_mode == before
    assert path.read_text() == "xone\ntwo\n"


def test_the_owner_stays_where_that_is_permitted(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(path, owner, -1)
    insert(document, 0, "x")
    assert path.stat().st_uid == owner


def test_a_foreign_file_becomes_ours_without_its_special_rights(
    tmp_path: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    tmp_path.chmod(0o777)
    path.chmod(0o4766)
    with as_nobody():
        warnings = apply(document, [(Span(0, 0), "x")], repository=None)
        is_other = os.geteuid() != os.getuid()
        expected = 0o766 if is_other else 0o4766
    assert [f"{path} has another {what} now (" in one for what, one in zip(("owner", "group"), warnings, strict=False)]
    assert bool(warnings) == is_other
    assert stat.S_IMODE(path.stat().st_mode) == expected
    assert path.read_text() == "xone\ntwo\n"


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    path.write_text("someone else's work\n")
    with pytest.raises(ChangedOnDiskError, match="has changed since it was read; nothing was written"):
        insert(document, 0, "x")
    assert path.read_text() == "someone else's work\n"
    path.unlink()
    with pytest.raises(ChangedOnDiskError, match="is not there any more"):
        insert(document, 0, "x")
    assert listing(tmp_path) == []


def test_a_change_while_the_new_file_is_written_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    sync = os.fsync

    def change_then_sync(descriptor: int) -> None:
        path.write_text("late\n")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", change_then_sync)
    with pytest.raises(ChangedOnDiskError):
        insert(document, 0, "x")
    assert path.read_text() == "late\n"
    assert listing(tmp_path) == ["a.py"]


def test_a_file_swapped_for_a_fifo_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(WriteError, match="not a regular file"):
        insert(document, 0, "x")
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_write_protected_file_is_refused_even_for_root(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    path.chmod(0o444)
    with pytest.raises(WriteError, match="it is write-protected") as caught:
        insert(document, 0, "x")
    assert caught.value.hint == f"chmod u+w {path}"
    assert path.read_text() == "one\ntwo\n"


def test_a_directory_that_lets_nothing_in(
    tmp_path: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    path.chmod(0o666)
    tmp_path.chmod(0o555)
    with (
        as_nobody(),
        pytest.raises(WriteError, match=r"^cannot write .*a\.py: its folder is write-protected") as caught,
    ):
        insert(document, 0, "x")
    assert caught.value.hint == f"chmod u+w {tmp_path}"
    tmp_path.chmod(0o755)
    assert path.read_text() == "one\ntwo\n"
    assert listing(tmp_path) == ["a.py"]


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """A disk that takes no more: the kernel refuses to let any file grow over `size`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_takes_only_half(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    document = opened(path, b"x" * 100_000)
    with file_size_limit(50_000), pytest.raises(WriteError, match="file too large; its content is as it was"):
        insert(document, 0, "y")
    assert path.read_bytes() == b"x" * 100_000
    assert listing(tmp_path) == ["a.py"]


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_failure_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int) -> None:
    path = tmp_path / "a.py"
    document = opened(path)

    def fail(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(WriteError, match=os.strerror(code).lower()) as caught:
        insert(document, 0, "x")
    assert "\n" not in str(caught.value)
    assert path.read_text() == "one\ntwo\n"
    assert listing(tmp_path) == ["a.py"]


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    document = opened(path)

    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        insert(document, 0, "x")
    assert path.read_text() == "one\ntwo\n"
    assert listing(tmp_path) == ["a.py"]


def test_text_from_standard_input_has_no_file() -> None:
    with pytest.raises(WriteError, match="standard input"):
        insert(Document("x"), 0, "y")


def test_the_digest_is_that_of_the_whole_file(tmp_path: Path) -> None:
    document = opened(tmp_path / "a", b"\xef\xbb\xbfabc")
    assert document.digest == hashlib.sha256(b"\xef\xbb\xbfabc").hexdigest()
    assert document.bom + encode(document.text, document) == b"\xef\xbb\xbfabc"
