from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coder_tui.assistant.saving import save
from coder_tui.core.document import Document, to_lf
from coder_tui.core.errors import ChangedOnDiskError, WriteError
from coder_tui.edits import changes, files, write
from coder_tui.edits.changing import Place
from coder_tui.edits.recovery import Recovery
from coder_tui.edits.write import create

LIMIT = 1 << 20
LINES = st.lists(st.sampled_from(["a", "b", "", "c\x0c"]), max_size=8)
MIXED = st.lists(st.sampled_from(["a\n", "b\r\n", "\r", "c\x0c\n", "d"]), max_size=8).map("".join)


@given(MIXED, LINES.map("\n".join))
@example("a\r\nb\nc", "a\nx\nc")
def test_spans_give_the_text(before: str, after: str) -> None:
    document = Document(before)
    assert to_lf(write.replaced(document, changes.spans(document, after))) == after


@given(MIXED)
def test_what_is_the_same_needs_nothing(text: str) -> None:
    assert changes.spans(Document(text), to_lf(text)) == []


def test_other_lines_keep_their_endings() -> None:
    document = Document("a\r\nb\nc\rd\r\n")
    assert write.replaced(document, changes.spans(document, "a\nb\nX\nd\n")) == "a\r\nb\nX\rd\r\n"


def test_what_has_become_of_lines() -> None:
    before = ["a", "b", "c", "d"]
    assert changes.marks(before, ["a", "x", "B", "c", "d"]) == {1: "changed", 2: "changed"}
    assert changes.marks(before, ["a", "b", "x", "c", "d"]) == {2: "added"}
    assert changes.marks(before, ["a", "d"]) == {1: "deleted"}
    assert changes.marks(before, ["a", "b", "c"]) == {2: "deleted"}
    assert changes.marks(before, before) == {}


def test_a_file_is_saved_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\xff\nthree")
    document = files.read(path, max_bytes=LIMIT)
    saved = save(document, to_lf(document.text).replace("one", "1"), Place(None, None), max_bytes=LIMIT)
    assert path.read_bytes() == b"\xef\xbb\xbf1\r\ntwo\xff\nthree"
    assert saved.document.digest != document.digest
    with pytest.raises(ChangedOnDiskError):
        save(document, "x", Place(None, None), max_bytes=LIMIT)


def test_a_new_file_is_made_and_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.py"
    saved = save(Document("", path), "x = 1\n", Place(None, None), max_bytes=LIMIT)
    assert (path.read_bytes(), saved.document.path) == (b"x = 1\n", path)
    with pytest.raises(WriteError, match="is there already"):
        create(path, b"y")
    with pytest.raises(WriteError, match="cannot create"):
        create(path / "below", b"y")
    with pytest.raises(WriteError, match="no file name"):
        save(Document("x"), "y", Place(None, None), max_bytes=LIMIT)
    assert path.read_bytes() == b"x = 1\n"


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="no space left"):
        create(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_a_process_that_has_ended_is_found(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from coder_tui.edits.recovery import Recovery\n"
        "one = Recovery(Path(sys.argv[1])); one.keep(Path('/x/a.py'), 'caf\\udce9\\n', 'd', (1, 2))\n"
        "one.keep(None, 'new', '', (0, 0), 3); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -9
    recovery = Recovery(tmp_path)
    found = {copy.path: copy for copy in recovery.found()}
    assert (found["/x/a.py"].text, found["/x/a.py"].line, found["/x/a.py"].column) == ("caf\udce9\n", 1, 2)
    assert (found[""].text, found[""].number) == ("new", 3)
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.glob("*.json"))
    for copy in found.values():
        recovery.discard(copy)
    assert recovery.found() == []


def test_a_copy_of_a_living_process_is_not_offered(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path)
    recovery.keep(Path("/x/a.py"), "text", "", (0, 0))
    assert recovery.found() == []
    recovery.drop(Path("/x/a.py"))
    recovery.drop(Path("/x/a.py"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"version": 1}', b'{"version": 9, "path": 1}', b"\xff"])
def test_what_is_no_copy_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert Recovery(tmp_path).found() == []
    wrong = {"version": 1, "path": 5, "text": "", "digest": "", "line": 0, "column": 0, "saved": "", "pid": 1}
    (tmp_path / "x.json").write_text(json.dumps(wrong))
    assert Recovery(tmp_path).found() == []
    assert (tmp_path / "x.json").exists()
