"""Diffs, judged by the programs that must take them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.core.errors import WriteError
from coder_tui.edits.diff import patch, unified
from coder_tui.edits.files import encode, parse_text

APPLIERS = [["git", "apply", "--whitespace=nowarn"], ["patch", "-p1", "--binary", "--quiet"]]
"""`patch` is not on every machine; git is."""


def apply_with(command: list[str], path: str, before: bytes, diff: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(before)
        # Without a repository around, `git apply` patches plain files.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(Path(folder).parent)}
        done = subprocess.run(command, cwd=folder, input=diff, capture_output=True, env=environment, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr, diff)
        return file.read_bytes()


def check(path: str, before: bytes, after: str) -> None:
    document = parse_text(before)
    expected = document.bom + encode(after, document)
    diff = patch(path, document, after)
    for command in APPLIERS:
        if shutil.which(command[0]):
            assert apply_with(command, path, before, diff) == expected


LINES = st.lists(st.sampled_from(["a", "b", "", "  é", "{", "-x", "+y"]), max_size=12)


@settings(max_examples=25, deadline=None)
@given(LINES, LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_git_and_patch_take_every_change(
    old: list[str], new: list[str], newline: str, old_ends: bool, new_ends: bool
) -> None:
    before = newline.join(old) + newline * (old_ends and bool(old))
    after = newline.join(new) + newline * (new_ends and bool(new))
    if before and after and before != after:
        check("src/a.py", before.encode(), after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", "x\n"),
        (b"a\r\nb\nc\r\n", "a\r\nx\r\nb\nc\r\n"),
        (b"\xef\xbb\xbfone\ntwo\n", "zero\none\ntwo\n"),
        ("# Größe der Fläche\nx\n".encode("cp1252"), "# Größe der Fläche\ny\n"),
        ("日本".encode() + b"\xff\nx\n", "日本\udcff\ny\n"),
        (b"a\x0cb\x1b[31m\n\tc\n", "a\x0cb\x1b[31m\n\td\n"),
        (b"one line", "one line\nmore"),
        (b"a\na\na\na\na", "b\na\na\na\na"),
        (b"a\n" * 9, "b\n" + "a\n" * 8),
        (
            "\n".join(f"line {n}" for n in range(100)).encode(),
            "\n".join(f"line {n * (n % 40 != 7)}" for n in range(100)),
        ),
    ],
)
def test_files_of_every_sort(before: bytes, after: str) -> None:
    check("src/a.py", before, after)


@pytest.mark.parametrize("path", ["with space.py", "ünïcode.py", 'quo"te\\back.py', "tab\there.py", "new\nline.py"])
def test_paths_of_every_sort(path: str) -> None:
    document = parse_text(b"a\n")
    diff = patch(path, document, "b\n")
    assert apply_with(APPLIERS[0], path, b"a\n", diff) == b"b\n"


def test_what_it_looks_like() -> None:
    before = "\n".join("abcdefghijklmnop") + "\n"
    after = before.replace("b\n", "B\n").replace("o\np\n", "o\nP")
    assert unified("x.py", before, after) == (
        "--- a/x.py\n+++ b/x.py\n"
        "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n"
        "@@ -13,4 +13,4 @@\n m\n n\n o\n-p\n+P\n\\ No newline at end of file\n"
    )
    assert unified("x.py", "same\n", "same\n") == ""
    assert unified("x.py", "", "a\n") == "--- a/x.py\n+++ b/x.py\n@@ -0,0 +1 @@\n+a\n"


def test_a_crlf_file_shows_only_what_changed() -> None:
    diff = unified("x.py", "a\r\nb\r\n", "a\r\nc\r\n")
    assert diff.split("\n")[2:] == ["@@ -1,2 +1,2 @@", " a\r", "-b\r", "+c\r", ""]


def test_a_utf_16_file_has_a_diff_to_read() -> None:
    assert patch("x.txt", parse_text("é\n".encode("utf-16")), "è\n").endswith("@@ -1 +1 @@\n-é\n+è\n".encode())


def test_a_small_change_in_50_mb_is_quick() -> None:
    before = "some line of code\n" * 2_900_000
    middle = len(before) // 2 // 18 * 18
    began = time.process_time()
    diff = unified("x", before, before[:middle] + "new\n" + before[middle:])
    assert time.process_time() - began < 10
    assert diff.count("\n") == 10


def test_a_character_that_the_file_cannot_hold_is_named() -> None:
    document = parse_text("# Größe der Fläche\n".encode("cp1252"))
    with pytest.raises(WriteError, match="which has no U"):
        patch("x.py", document, "日\n")
