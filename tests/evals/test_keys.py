from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli.running import ROOT

from coder_tui.core.errors import CoderError
from coder_tui.evals import keys
from coder_tui.evals.screen import Screen


def written(folder: Path) -> Path:
    path = folder / "typed.py"
    path.write_text(keys.BEGINNING)
    return path


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m coder_tui` from anywhere."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))


@pytest.mark.usefixtures("program")
def test_keys_are_timed_on_a_terminal(tmp_path: Path, tiny_qwen: Path) -> None:
    path = written(tmp_path)
    found = keys.measure(path, "beginning", 5, options=["--model", str(tiny_qwen)], idle=True)
    assert found.first_paint_ms > 0
    assert len(found.key_ms) == 5
    assert all(value > 0 for value in found.key_ms)
    assert path.read_text() == keys.BEGINNING


@pytest.mark.usefixtures("program")
def test_an_app_that_ends_is_told(tmp_path: Path) -> None:
    with pytest.raises(CoderError, match="the app has ended"):
        keys.measure(tmp_path / "none" / "a.py", "beginning", 5)


def test_a_screen_is_what_was_written_to_it() -> None:
    screen = Screen(8, 3)
    parts = [
        b"\x1b[2J\x1b[2;3Hab\x1b[3;38;2;3;3;3mcd\x1b",
        b"[0m\xe6\x97",
        b"\xa5!\x1b]0;title\x07\r\nend\x1b[1",
        b";1Hx",
    ]
    for part in parts:
        screen.feed(part)
    assert screen.text == "x\n  abcd日\nend"
    assert screen.italics == 2
    screen.feed(b"\x1b[2;5H\x1b[38;5;3mzz")
    assert screen.italics == 0
