"""`--pick`: a change hunk by hunk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import Run, Script, failed

from coder_tui.cli import output

OLD = "import os\n\n\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n\n\ndef three():\n    return 3\n"
NEW = OLD.replace("return 1", "return 10").replace("return 2", "return 20").replace("return 3", "return 30")
ANSWER = f"`nums.py`\n```py\n{NEW}```\n\n`more.txt`\n```\nmore\n```\n"


@pytest.fixture
def session(work: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> str:
    (work / "nums.py").write_bytes(OLD.replace("\n", "\r\n").encode())
    script(ANSWER)
    name = json.loads(coder("chat", "times ten", "--json").out)["session"]
    monkeypatch.setattr(output, "can_ask", lambda: True)
    return str(name)


def left(work: Path) -> tuple[str, bool]:
    data = (work / "nums.py").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    return data.decode().replace("\r\n", "\n"), (work / "more.txt").exists()


@pytest.mark.parametrize(
    ("keys", "taken", "is_there"),
    [
        ("y\nn\ny\nn\n", (1, 3), False),
        ("n\nn\nn\ny\n", (), True),
        ("n\na\n", (2, 3), True),
        ("y\nq\n", (1,), False),
        ("y\n", (1,), False),
        ("what\ny\n\nn\nn\nn\n", (1,), False),
    ],
)
def test_what_is_taken_is_written(
    session: str, work: Path, coder: Run, keys: str, taken: tuple[int, ...], is_there: bool
) -> None:
    result = coder("apply", "--session", session, "--pick", stdin=keys.encode())
    assert (result.code, result.out) == (0, b"")
    wanted = OLD
    for number in taken:
        wanted = wanted.replace(f"return {number}\n", f"return {number}0\n")
    assert left(work) == (wanted, is_there)
    assert "nums.py:5\n" in result.err
    assert "-    return 1\n+    return 10\n" in result.err
    coder("undo")
    assert left(work) == (OLD, False)


def test_nothing_taken_is_told(session: str, work: Path, coder: Run) -> None:
    assert coder("apply", "--session", session, "--pick", stdin=b"q\n").err.endswith("nothing was taken\n")
    assert left(work) == (OLD, False)


def test_one_is_edited_first(session: str, work: Path, coder: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/20/200/")
    assert coder("apply", "--session", session, "--pick", stdin=b"n\ne\nq\n").code == 0
    assert left(work) == (OLD.replace("return 2", "return 200"), False)
    monkeypatch.setenv("EDITOR", "false")
    assert "the editor ended with an error" in coder("apply", "--session", session, "--pick", stdin=b"e\n").err
    assert left(work) == (OLD.replace("return 2", "return 200"), False)


@pytest.mark.usefixtures("session")
def test_edit_asks_too(work: Path, coder: Run, script: Script) -> None:
    script(f"```py\n{NEW}```")
    assert coder("edit", "nums.py", "times ten", "--pick", stdin=b"n\nn\ny\n").code == 0
    assert left(work) == (OLD.replace("return 3", "return 30"), False)


def test_it_needs_a_terminal(work: Path, coder: Run) -> None:
    (work / "a.py").write_text("x\n")
    assert "--pick asks on a terminal" in failed(coder("apply", "--pick"), 2)
    assert "--pick asks on a terminal" in failed(coder("edit", "a.py", "x", "--pick"), 2)
