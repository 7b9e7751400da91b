"""Answers that mean harm, and answers that are broken: nothing outside the repository is ever opened for writing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cli.running import ROOT, environment


def test_nothing_outside_is_written(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    program = [sys.executable, "-m", "assistant.hostile_answers", str(tmp_path)]
    surroundings = environment(PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}", PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        program, capture_output=True, env=surroundings, cwd=tmp_path / "root", check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["touched"] == []
    assert told["failures"] == []
    assert told["outside"] == "outside\n"
    assert told["hostile"] >= 500
    assert told["malformed"] >= 500
    assert told["refused"] > 400
    assert told["written"] > 50
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "root"]
