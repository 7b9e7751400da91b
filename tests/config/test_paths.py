from __future__ import annotations

from pathlib import Path

import pytest

from coder_tui.config import paths

DIRECTORIES = {
    "CODER_CONFIG_DIR": paths.config_dir,
    "CODER_DATA_DIR": paths.data_dir,
    "CODER_STATE_DIR": paths.state_dir,
    "CODER_CACHE_DIR": paths.cache_dir,
    "CODER_RUNTIME_DIR": paths.runtime_dir,
    "CODER_MODELS_DIR": paths.models_dir,
}


def test_every_variable_has_its_directory() -> None:
    assert set(DIRECTORIES) == set(paths.VARIABLES)


@pytest.mark.parametrize("variable", DIRECTORIES)
def test_a_variable_moves_a_directory(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "moved"))
    assert DIRECTORIES[variable]() == tmp_path / "moved"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, "relative")
    assert DIRECTORIES[variable]() == tmp_path / "relative"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "~/below")
    assert DIRECTORIES[variable]() == tmp_path / "below"
    monkeypatch.setenv(variable, "")
    assert DIRECTORIES[variable]().is_absolute()


def test_files_lie_in_their_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in DIRECTORIES:
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.delenv("CODER_MODELS_DIR")
    assert paths.user_file() == tmp_path / "CODER_CONFIG_DIR/config.toml"
    assert paths.log_file() == tmp_path / "CODER_STATE_DIR/coder.log"
    assert paths.models_dir() == tmp_path / "CODER_DATA_DIR/models"
    assert paths.models_dir("/weights") == Path("/weights")
    monkeypatch.setenv("CODER_MODELS_DIR", "/elsewhere")
    assert paths.models_dir("/weights") == Path("/elsewhere")


def test_asking_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / "new" / variable))
    monkeypatch.delenv("CODER_CONFIG_DIR")
    for ask in (*DIRECTORIES.values(), paths.user_file, paths.log_file):
        assert ask().is_absolute()
    assert not (tmp_path / "new").exists()
