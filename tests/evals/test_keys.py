from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli.running import ROOT

from coder_tui.core.errors import CoderError
from coder_tui.evals import keys


def test_keys_are_timed_on_a_terminal(tmp_path: Path, tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODER_APP_SUGGEST", "off")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
    path = tmp_path / "typed.py"
    path.write_text("import beginning\n")
    found = keys.measure(path, "beginning", 5, options=["--model", str(tiny_qwen)])
    assert found.first_paint_ms > 0
    assert len(found.key_ms) == 5
    assert all(value > 0 for value in found.key_ms)
    assert path.read_text() == "import beginning\n"


def test_an_app_that_ends_is_told(tmp_path: Path) -> None:
    with pytest.raises(CoderError, match="the app has ended"):
        keys.measure(tmp_path / "none" / "a.py", "beginning", 5)
