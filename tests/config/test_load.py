"""Layers, where a value comes from, and what happens to what is wrong in each layer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.config.load import load
from coder_tui.config.schema import Settings
from coder_tui.config.toml import line_of
from coder_tui.core.errors import ConfigError, UsageError


def test_without_anything_the_defaults_hold(project: Path) -> None:
    loaded = load(project, {})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}
    assert loaded.warnings == ()
    assert load(None, {}).settings == Settings()


def test_each_layer_wins_over_the_ones_before(home: Path, project: Path) -> None:
    key = "suggest.max_tokens"
    environment: dict[str, str] = {}
    flags: dict[str, object] = {key: None}

    def now() -> tuple[int, str]:
        loaded = load(project, flags, environment=environment)
        return loaded.settings.suggest.max_tokens, loaded.origins[key]

    assert now() == (128, "default")
    (home / "config.toml").write_text("[suggest]\nmax_tokens = 1\n")
    assert now() == (1, f"user file {home}/config.toml")
    (project / ".coder.toml").write_text("[suggest]\nmax_tokens = 2\n")
    assert now() == (2, f"project file {project}/.coder.toml")
    environment["CODER_SUGGEST_MAX_TOKENS"] = "3"
    assert now() == (3, "environment CODER_SUGGEST_MAX_TOKENS")
    flags[key] = 4
    assert now() == (4, "flag")
    assert load(None, {}).settings.suggest.max_tokens == 1


def test_values_that_are_not_set_in_a_layer_stay(home: Path, project: Path) -> None:
    (home / "config.toml").write_text('[suggest]\nprefix_lines = 7\n[model]\nname = "/my/own.gguf"\n')
    (project / ".coder.toml").write_text("[suggest]\nsuffix_lines = 8\n")
    settings = load(project, {}).settings
    assert (settings.suggest.prefix_lines, settings.suggest.suffix_lines) == (7, 8)
    assert settings.model.name == "/my/own.gguf"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "[suggest]\n\nmax_token = 3\n",
            r"line 3: unknown key suggest\.max_token$",
            "did you mean suggest.max_tokens?",
        ),
        ("[sugest]\nmax_tokens = 3\n", r"line 2: unknown key sugest\.max_tokens$", "did you mean suggest.max_tokens?"),
        ("zzz = 1\n", "line 1: unknown key zzz$", "`coder config show` lists all settings"),
        (
            "[suggest]\nmax_tokens = 'x'\n",
            "line 2: suggest.max_tokens must be a whole number from 1 to 16384, not 'x'$",
            "",
        ),
        ("[suggest]\nmax_tokens = 0\n", "must be a whole number from 1 to 16384, not 0$", ""),
        ("[suggest]\nmax_tokens = true\n", "must be a whole number from 1 to 16384, not True$", ""),
        ("suggest.temperature = 3\n", "line 1: suggest.temperature must be a number from 0 to 2, not 3$", ""),
        ("suggest = 3\n", "line 1: unknown key suggest$", ""),
        ("[suggest.max_tokens]\nx = 1\n", r"suggest\.max_tokens must be .* not \{'x': 1\}$", ""),
        ("[prompts]\nchat = 'x'\n", 'must be "auto" or "deepseek-preview", not \'x\'$', ""),
        ("[suggest]\nmax_tokens = \n", "line 2: Invalid value", "a line reads"),
        ("[suggest\n", "line 1: ", "a line reads"),
        ("[suggest]\nmax_tokens = [1,", "Unclosed array|at the end", ""),
        ("x = " + "[" * 100_000, "nested too deep", ""),
        ("x = " + "1" * 5000, r"config\.toml", ""),
        ("# caf\udce9\n", "line 1: not UTF-8 text", ""),
    ],
)
def test_what_is_wrong_in_your_own_file_is_an_error(home: Path, text: str, message: str, hint: str) -> None:
    (home / "config.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=message) as caught:
        load(None, {})
    assert str(caught.value).startswith(str(home / "config.toml"))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert hint in (caught.value.hint or "")


def test_a_user_file_that_is_none(home: Path) -> None:
    (home / "config.toml").mkdir()
    with pytest.raises(ConfigError, match=r"cannot read .*config\.toml: not a regular file"):
        load(None, {})
    (home / "config.toml").rmdir()
    os.mkfifo(home / "config.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        load(None, {})


def test_a_byte_order_mark_is_no_key(home: Path) -> None:
    (home / "config.toml").write_bytes(b"\xef\xbb\xbf[suggest]\r\nmax_tokens = 3\r\n")
    assert load(None, {}).settings.suggest.max_tokens == 3


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("[paths]\nmodels = '/evil'\n", "line 2: paths.models cannot be set by a project, only in your own settings"),
        ("[model]\ngpu_layers = 1000\n", "line 2: model.gpu_layers cannot be set by a project"),
        ("[model]\nname = './evil.gguf'\n", "line 2: model.name must be the catalogue's name of a model"),
        ("[model]\nname = 'evil.gguf'\n", "model.name must be the catalogue's name of a model"),
        ("[suggest]\nmax_token = 3\n", "line 2: unknown key suggest.max_token, did you mean suggest.max_tokens?"),
        ("[suggest]\nmax_tokens = -1\n", "suggest.max_tokens must be a whole number"),
        ("[suggest\n", "line 1: "),
        ("x = " + "[" * 20_000, "nested too deep"),
        ('"evil\\u001b[31m\\nkey" = 1\n', "unknown key evil[31m key"),
    ],
)
def test_what_is_wrong_in_a_project_is_a_warning(project: Path, text: str, warning: str) -> None:
    (project / ".coder.toml").write_text(text + "\n[chat]\ntemperature = 1.5\n")
    loaded = load(project, {})
    assert len(loaded.warnings) == 1
    assert warning in loaded.warnings[0]
    assert "ignored" in loaded.warnings[0]
    assert loaded.warnings[0].startswith(str(project / ".coder.toml"))
    assert not any(character in loaded.warnings[0] for character in "\n\x1b")
    broken = "file is ignored" in loaded.warnings[0]
    assert loaded.settings.chat.temperature == (0.2 if broken else 1.5)
    assert loaded.settings.paths.models == ""
    assert loaded.settings.model.name == "auto"


def test_a_project_file_that_is_none_is_ignored(project: Path, tmp_path: Path) -> None:
    path = project / ".coder.toml"
    outside = tmp_path / "outside.toml"
    outside.write_text("[chat]\ntemperature = 1.5\n")

    def only_warning() -> str:
        loaded = load(project, {})
        assert loaded.settings == Settings()
        (warning,) = loaded.warnings
        return warning

    path.symlink_to(outside)
    assert only_warning() == f"{path} is ignored: it is a link out of the repository"
    path.unlink()
    path.symlink_to("nowhere")
    assert "no such file" in only_warning()
    path.unlink()
    path.symlink_to(".coder.toml")
    assert "is ignored: " in only_warning()
    path.unlink()
    os.mkfifo(path)
    assert "not a regular file" in only_warning()
    path.unlink()
    path.mkdir()
    assert "not a regular file" in only_warning()
    path.rmdir()
    path.write_text("[chat]\ntemperature = 1.5\n" + "#" * 65_536)
    assert "larger than 65536 bytes" in only_warning()


def test_a_link_inside_the_repository_is_followed(project: Path) -> None:
    (project / "settings.toml").write_text("[chat]\ntemperature = 1.5\n")
    (project / ".coder.toml").symlink_to("settings.toml")
    assert load(project, {}).settings.chat.temperature == 1.5


@given(st.binary(max_size=200) | st.text(alphabet="[]=\"\n.abc# {}'1", max_size=60).map(str.encode))
def test_no_project_file_stops_the_program(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".coder.toml").write_bytes(data)
        loaded = load(Path(folder), {})
        assert loaded.settings == Settings()
        assert all("\n" not in warning for warning in loaded.warnings)


def test_a_variable_with_a_wrong_value_is_an_error() -> None:
    with pytest.raises(
        ConfigError, match=r"CODER_SUGGEST_MAX_TOKENS must be a whole number from 1 to 16384, not 'many'"
    ):
        load(None, {}, environment={"CODER_SUGGEST_MAX_TOKENS": "many"})


def test_only_a_slip_in_a_variable_is_worth_a_line() -> None:
    environment = {
        "CODER_SUGEST_MAX_TOKENS": "3",
        "CODER_MODEL_DIR": "/x",
        "CODER_MODELS_DIR": "/x",
        "CODER_CACHE_DIR": "/x",
        # These are another program's, which has the same name.
        "CODER_URL": "x",
        "CODER_AGENT_TOKEN": "x",
        "CODER_SESSION_TOKEN": "x",
        "CODER_WORKSPACE_NAME": "x",
        "CODER_WORKSPACE_OWNER_EMAIL": "x",
        "CODER_AGENT_URL": "x",
        "PATH": "/bin",
    }
    assert load(None, {}, environment=environment).warnings == (
        "unknown variable CODER_MODEL_DIR, did you mean CODER_MODELS_DIR?",
        "unknown variable CODER_SUGEST_MAX_TOKENS, did you mean CODER_SUGGEST_MAX_TOKENS?",
    )


def test_the_environment_is_the_process_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODER_MODEL_NAME", "starter")
    assert load(None, {}).settings.model.name == "starter"


def test_a_flag_that_is_out_of_range_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^--max-tokens must be a whole number from 1 to 16384, not 0$"):
        load(None, {"suggest.max_tokens": 0})


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        (b"a = 1\n[s]\n# k = 0\nk = 1\n", "s.k", 4),
        (b"[s]\nt = '''\nk = 0\n'''\nk = 1\n", "s.k", 5),
        (b"[t]\nk = 1\n[ s ]\n'x'=1\n\"k\"=2\n", "s.k", 5),
        (b"s.k = 1\n", "s.k", 1),
        (b"\xef\xbb\xbfk = 1", "k", 1),
        (b"s = {k = 1}\n", "s.k", None),
        (b"", "s.k", None),
    ],
)
def test_the_line_of_a_key(text: bytes, key: str, line: int | None) -> None:
    assert line_of(text, key) == line
