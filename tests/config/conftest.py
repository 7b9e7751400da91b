from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without settings, whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("CODER_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home/config"
    monkeypatch.setenv("CODER_CONFIG_DIR", str(folder))
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    return root
