"""Files, places and models that are not what they should be: one line on stderr, nothing on stdout, nothing changed."""

from __future__ import annotations

import json
import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, prompt_text

ANSWER = "pass\n"


@pytest.fixture
def code(work: Path) -> Path:
    path = work / "code.py"
    path.write_text("def f():\n    \n\n\nx = 1\n")
    return path


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    ("target", "exit_code", "said"),
    [
        ("nope.py:1", 1, "no such file: nope.py"),
        ("kode.py:1", 1, "did you mean code.py?"),
        (".:1", 1, "it is a directory"),
        ("code.py/x:1", 1, "cannot read code.py/x: not a directory"),
        ("/dev/zero:1", 1, "it is not a regular file"),
        ("code.py:7", 1, "code.py has 6 lines, there is no line 7"),
        ("code.py:999999999999999999", 1, "there is no line 999999999999999999"),
        ("code.py:1:10", 1, "line 1 of code.py ends at column 9, there is no column 10"),
        ("code.py:6:2", 1, "ends at column 1"),
        ("code.py:0", 2, "start at 1"),
        ("code.py:1:0", 2, "start at 1"),
        ("code.py", 2, "names no place"),
        ("code.py:", 2, "names no place"),
        ("code.py:-1", 2, "names no place"),
        ("code.py:x:y", 2, "names no place"),
        (":3", 2, "names no place"),
        ("", 2, "names no place"),
        ("code.py:1:\x1b[31m", 2, "names no place"),
        ("\x1b]52;c;ZXZpbA==\x07.py:1", 1, "no such file"),
        ("a\nb.py:1", 1, "no such file"),
        ("x" * 5000 + ":1", 1, "file name too long"),
        ("code.py:" + "9" * 5000, 2, "names no place"),
        ("code.py:²", 2, "names no place"),
    ],
)
def test_places_that_are_not_there(coder: Run, script: Script, target: str, exit_code: int, said: str) -> None:
    engine = script(ANSWER)
    told = failed(coder("infill", target), exit_code)
    assert said in told
    assert "\x1b" not in told
    assert engine.requests == []


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["complete", "nope.py"], 1, "no such file: nope.py"),
        (["complete", "."], 1, "it is a directory"),
        (["fill", "nope.py"], 1, "no such file: nope.py"),
        (["fill", "code.py"], 1, "code.py has no <FILL_ME> in it"),
        (["chat", "q", "-f", "nope.py"], 1, "no such file: nope.py"),
        (["chat", "q", "-f", "code.py:4-9"], 1, "code.py has 5 lines, there is no line 9"),
        (["chat", "q", "-f", "code.py:0-3"], 2, "lines start at 1"),
        (["chat", "q", "-f", "code.py:4-3"], 2, "the first one comes first"),
        (["chat"], 2, "there is no question"),
        (["chat", "   "], 2, "the question is empty"),
        (["infill", "code.py:1", "-f", "nope.py"], 1, "no such file: nope.py"),
        (["infill", "code.py:1", "-C", "nope"], 2, "cannot work in nope: no such file or directory"),
        (["infill", "code.py:1", "-C", "code.py"], 2, "cannot work in code.py: not a directory"),
    ],
)
def test_arguments_that_are_not_there(
    coder: Run, script: Script, arguments: list[str], exit_code: int, said: str
) -> None:
    engine = script(ANSWER)
    assert said in failed(coder(*arguments), exit_code)
    assert engine.requests == []


def test_a_current_directory_that_is_gone(coder: Run, script: Script, work: Path) -> None:
    (work / "gone").mkdir()
    script(ANSWER, "yes")
    os.chdir(work / "gone")
    (work / "gone").rmdir()
    try:
        for arguments in (["infill", "a.py:1"], ["complete"], ["chat", "q"]):
            assert "the current directory is not there any more" in failed(coder(*arguments))
        assert coder("chat", "q", "-C", work).code == 0
    finally:
        os.chdir(work)


def test_binary_is_not_text(code: Path, coder: Run, script: Script) -> None:
    script(ANSWER)
    code.write_bytes(b"\x7fELF\0\1\2")
    for arguments in (
        ["infill", "code.py:1"],
        ["complete", "code.py"],
        ["fill", "code.py"],
        ["chat", "q", "-f", "code.py"],
    ):
        assert "code.py is binary, not text" in failed(coder(*arguments))
    assert "standard input is binary" in failed(coder("complete", stdin=b"a\0b"))
    assert "standard input is binary" in failed(coder("chat", "q", stdin=b"a\0b"))
    assert "is binary" in failed(coder("infill", "code.py:1", "--stdin", stdin=b"a\0b"))


def test_an_empty_file_works(code: Path, coder: Run, script: Script) -> None:
    code.write_bytes(b"")
    script("import os\n", "import os\n", "import os\n", "nothing")
    assert coder("infill", "code.py:1").text == "import os\n"
    assert coder("complete", "code.py").text == "import os\n"
    assert coder("infill", "code.py:1", "--write").code == 0
    assert code.read_text() == "import os"
    code.write_bytes(b"")
    assert coder("chat", "what is in it?", "-f", "code.py").text == "nothing\n"


def test_a_file_of_50_megabytes_works(work: Path, coder: Run, script: Script) -> None:
    line = b"value = 1  # " + b"." * 60 + b"\n"
    big = work / "big.py"
    big.write_bytes(line * (50_000_000 // len(line)) + b"def f():\n")
    count = 50_000_000 // len(line) + 1
    engine = script("\n    pass\n", "    pass\n")
    started = time.perf_counter()
    result = coder("infill", f"big.py:{count}:9", "--json")
    assert time.perf_counter() - started < 10
    assert result.code == 0
    assert json.loads(result.out)["line"] == count
    assert len(prompt_text(engine)) < 100_000
    assert coder("complete", "big.py").text == "    pass\n"


def test_a_file_over_the_limit_is_refused(
    code: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODER_FILES_MAX_BYTES", "1024")
    script(ANSWER)
    code.write_bytes(b"x = 1\n" * 200)
    assert "more than the limit of 1024" in failed(coder("infill", "code.py:1"))
    told = failed(coder("complete", stdin=b"x = 1\n" * 200))
    assert "standard input has more than 1024 bytes" in told
    assert "coder config set files.max_bytes 2048" in told
    failed(coder("chat", "q", stdin=b"x" * 1025))
    assert coder("complete", stdin=b"x" * 1024).code == 0


@pytest.mark.parametrize(
    "content",
    [
        b"# caf\xe9 cr\xe8me br\xfbl\xe9e, d\xe9j\xe0 vu\ndef f():\n    \n\nx = 1\n",
        b"# good \xc3\xa9\xc3\xa8\xc3\xa0, stray \xff\ndef f():\n    \n\nx = 1\n",
        b"# a\r\ndef f():\r\n    \r\n\r\nx = 1\r\n",
        b"# a\r\ndef f():\n    \n\r\nx = 1\r",
        "\ufeff# a\ndef f():\n    \n\nx = 1".encode("utf-16"),
        b"\xef\xbb\xbf# a\ndef f():\n    \n\nx = 1",
    ],
)
def test_every_other_byte_is_kept(code: Path, coder: Run, script: Script, content: bytes) -> None:
    code.write_bytes(content)
    script("pass\n")
    result = coder("infill", "code.py:3", "--write")
    assert (result.code, result.out) == (0, b"")
    utf16 = content.startswith(b"\xff\xfe")
    new, indent = ("pass".encode("utf-16-le"), "    ".encode("utf-16-le")) if utf16 else (b"pass", b"    ")
    before, found, after = content.partition(indent)
    assert found
    assert code.read_bytes() == before + indent + new + after


def test_new_lines_end_as_the_others(code: Path, coder: Run, script: Script) -> None:
    code.write_bytes(b"def f():\r\n    \r\n\r\nx = 1\r\n")
    script("a = 1\n    return a\n")
    assert coder("infill", "code.py:2", "--write").code == 0
    assert code.read_bytes() == b"def f():\r\n    a = 1\r\n    return a\r\n\r\nx = 1\r\n"


def test_a_write_protected_file_stays(code: Path, coder: Run, script: Script) -> None:
    code.chmod(0o444)
    before = code.read_bytes()
    engine = script()
    assert "is write-protected\nhint: chmod u+w code.py" in failed(coder("infill", "code.py:2", "--write"))
    assert "write-protected" in failed(coder("infill", "code.py:2", "--write", "--json"))
    assert "write-protected" in failed(coder("infill", "code.py:2", "--write", "--diff"))
    assert engine.requests == []  # nobody has waited for an answer that could not be used
    assert code.read_bytes() == before
    assert stat.S_IMODE(code.stat().st_mode) == 0o444
    assert {path.name for path in code.parent.iterdir()} == {".git", "code.py"}


def test_an_unreadable_file_is_said(code: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is made here."""
    real = os.open

    def refuse(path: object, *rest: int, **more: int) -> int:
        if str(path).endswith("code.py"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **more)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(os, "open", refuse)
    script(ANSWER)
    assert failed(coder("infill", "code.py:1")) == "error: cannot read code.py: permission denied\n"
    assert code.exists()


def test_a_link_out_of_the_repository_is_followed_only_on_request(
    work: Path, tmp_path: Path, coder: Run, script: Script
) -> None:
    outside, link = tmp_path / "outside.py", work / "link.py"
    outside.write_text("def f():\n    \n\nx = 1\n")
    link.symlink_to(outside)
    script(ANSWER, ANSWER)
    told = failed(coder("infill", "link.py:2", "--write"))
    assert "link that leads out of the repository" in told
    assert "--follow" in told
    assert outside.read_text() == "def f():\n    \n\nx = 1\n"
    assert coder("infill", "link.py:2", "--write", "--follow").code == 0
    assert link.is_symlink()
    assert outside.read_text() == "def f():\n    pass\n\nx = 1\n"


def test_a_file_that_changed_meanwhile_is_not_overwritten(code: Path, coder: Run, script: Script) -> None:
    engine = script(ANSWER)
    begin = engine.begin

    def change_first(*request: object) -> object:
        code.write_text("changed\n")
        return begin(*request)  # type: ignore[arg-type]  # passed through

    engine.begin = change_first  # type: ignore[assignment,method-assign]  # somebody saves while the model thinks
    result = coder("infill", "code.py:2", "--write")
    assert b"+    pass\n" in result.out  # what the model was waited for is not lost
    assert "has changed since it was read" in failed(replace(result, out=b""))
    assert code.read_text() == "changed\n"


def test_a_repository_that_is_not_one(
    tmp_path: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.py").write_text("def f():\n    \n")
    script(ANSWER)
    assert coder("infill", "code.py:2", "--diff").text.startswith("--- a/code.py\n")
    assert "not a git repository" in failed(coder("chat", "q", "--staged"))


@pytest.mark.usefixtures("code")
def test_without_git(coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    script(ANSWER, "yes")
    assert coder("infill", "code.py:2").text == "pass\n"
    assert coder("chat", "q").text == "yes\n"
    assert failed(coder("chat", "q", "--staged")).startswith("error: git is not installed")
    assert "git is not installed" in coder("demo").err


@pytest.mark.usefixtures("code")
def test_a_prompt_that_does_not_fit(coder: Run, script: Script) -> None:
    script(context_tokens=256)
    told = failed(coder("infill", "code.py:2", "--max-tokens", "250"))
    assert "leave no room for a prompt in a window of 256" in told
    told = failed(coder("chat", "why? " * 1000))
    assert "the question alone has about" in told
    assert "the window is 256" in told
