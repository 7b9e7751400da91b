from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from coder_tui.config.edit import set_value, unset
from coder_tui.config.load import load
from coder_tui.core.errors import ConfigError, UsageError


def test_a_first_setting_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep/below/config.toml"
    assert set_value(path, "suggest.max_tokens", "64") == 64
    set_value(path, "model.name", "starter")
    set_value(path, "suggest.temperature", "1")
    assert path.read_text() == '[suggest]\nmax_tokens = 64\ntemperature = 1.0\n\n[model]\nname = "starter"\n'
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["config.toml"]


def test_what_a_person_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n[suggest] # fast\nmax_tokens = 5   # five\n\n[chat]\nsystem='x'\n# end\n")
    set_value(path, "suggest.max_tokens", "64")
    set_value(path, "suggest.suffix_lines", "6")
    unset(path, "chat.system")
    assert path.read_text() == (
        "# mine\n[suggest] # fast\nmax_tokens = 64   # five\nsuffix_lines = 6\n\n[chat]\n# end\n"
    )


@pytest.mark.parametrize(
    "text", ["suggest.max_tokens = 3\n", "suggest = {max_tokens = 3}\n", "[suggest]\r\n", "\ufeff[suggest]\n"]
)
def test_every_way_to_write_a_section_is_understood(home: Path, text: str) -> None:
    path = home / "config.toml"
    path.write_text(text, newline="")
    set_value(path, "suggest.max_tokens", "64")
    set_value(path, "suggest.prefix_lines", "65")
    set_value(path, "chat.system", 'two\n"lines"')
    settings = load(None, {}).settings
    assert (settings.suggest.max_tokens, settings.suggest.prefix_lines) == (64, 65)
    assert settings.chat.system == 'two\n"lines"'


def test_unset_takes_out_unknown_lines_too(home: Path) -> None:
    path = home / "config.toml"
    assert not unset(path, "suggest.max_tokens")
    path.write_text("top = 1\n[suggest]\nold_name = 1\nmax_tokens = 3\n")
    assert unset(path, "suggest.old_name")
    assert unset(path, "top")
    assert not unset(path, "chat.system")
    assert not unset(path, "suggest.old_name")
    assert path.read_text() == "[suggest]\nmax_tokens = 3\n"


@pytest.mark.parametrize(
    ("key", "text", "project", "message"),
    [
        ("suggest.max_token", "3", False, "unknown key suggest.max_token"),
        ("suggest", "3", False, "unknown key suggest"),
        ("suggest.max_tokens", "many", False, "suggest.max_tokens must be a whole number from 1 to 16384, not 'many'"),
        ("paths.models", "/x", True, "paths.models cannot be set by a project"),
        ("model.name", "./x.gguf", True, "model.name must be the catalogue's name of a model"),
    ],
)
def test_wrong_keys_and_values_change_nothing(tmp_path: Path, key: str, text: str, project: bool, message: str) -> None:
    path = tmp_path / "new" / "config.toml"
    with pytest.raises(UsageError, match=message):
        set_value(path, key, text, project=project)
    assert not path.parent.exists()


def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[suggest\n")
    with pytest.raises(ConfigError, match="line 1"):
        set_value(path, "suggest.max_tokens", "3")
    path.write_text("suggest = 3\n")
    with pytest.raises(ConfigError, match="suggest is a value there, not a section"):
        set_value(path, "suggest.max_tokens", "3")
    assert path.read_text() == "suggest = 3\n"


def test_mode_and_links_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text("")
    real.chmod(0o640)
    link.symlink_to(real)
    set_value(link, "suggest.max_tokens", "3")
    assert link.is_symlink()
    assert real.read_text() == "[suggest]\nmax_tokens = 3\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    with pytest.raises(ConfigError, match="is a link"):
        set_value(link, "suggest.max_tokens", "4", project=True)


def test_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot (read|write)"):
        set_value(tmp_path / "file/config.toml", "suggest.max_tokens", "3")
    with pytest.raises(ConfigError, match="is not a regular file"):
        set_value(tmp_path, "suggest.max_tokens", "3")
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"cannot write .*: no space left on device"):
        set_value(path, "suggest.max_tokens", "3")
    assert path.read_text() == "# mine\n"
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.suffix == ".tmp") == []
