"""`coder config` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from coder_tui.cli.config import _keys, app
from coder_tui.config.known import settings_by_key
from coder_tui.core.errors import ConfigError, UsageError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def done(*arguments: str) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def test_show_lists_every_setting_with_its_origin(home: Path, project: Path) -> None:
    (home / "config.toml").write_text("[suggest]\nmax_tokens = 3\n")
    lines = done("show", "-C", str(project)).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(settings_by_key())
    assert f"suggest.max_tokens   = 3                                 user file {home}/config.toml".split() in [
        line.split() for line in lines
    ]


def test_show_json_has_stable_keys(project: Path) -> None:
    (project / ".coder.toml").write_text("[chat]\ntemperature = 1\n[zzz]\nk = 1\n")
    result = done("show", "--json", "-C", str(project))
    settings = json.loads(result.stdout)["settings"]
    assert settings["chat.temperature"] == {
        "value": 1.0,
        "origin": f"project file {project}/.coder.toml",
        "default": 0.2,
        "expects": "a number from 0 to 2",
        "about": "How freely tokens are chosen; 0 always takes the likeliest.",
        "variable": "CODER_CHAT_TEMPERATURE",
        "project": True,
    }
    assert list(settings) == list(settings_by_key())
    assert "unknown key zzz.k" in result.stderr


def test_show_one_says_what_it_is_for() -> None:
    text = done("show", "model.gpu_layers").stdout
    assert text.startswith('model.gpu_layers = "auto"\n')
    assert "may not set it" in text
    assert "Layers of the model" in text


def test_set_then_show_then_unset(home: Path) -> None:
    result = done("set", "suggest.max_tokens", "64")
    assert result.stdout == ""
    assert result.stderr == f"suggest.max_tokens = 64 in {home}/config.toml\n"
    assert "user file" in done("show", "suggest.max_tokens").stdout
    assert json.loads(done("unset", "suggest.max_tokens", "--json").stdout)["removed"] is True
    assert "is not in" in done("unset", "suggest.max_tokens").stderr
    assert json.loads(done("set", "chat.system", "a b", "--json").stdout) == {
        "key": "chat.system",
        "value": "a b",
        "path": f"{home}/config.toml",
    }


def test_a_project_has_its_own_file(project: Path, tmp_path: Path) -> None:
    done("set", "--project", "-C", str(project), "prompts.chat", "deepseek-preview")
    assert (project / ".coder.toml").read_text() == '[prompts]\nchat = "deepseek-preview"\n'
    assert done("path", "--project", "-C", str(project)).stdout == f"{project}/.coder.toml\n"
    assert isinstance(run("set", "--project", "-C", str(tmp_path), "prompts.chat", "auto").exception, UsageError)
    assert isinstance(run("set", "--project", "-C", str(project), "paths.models", "/x").exception, UsageError)


def test_set_says_when_something_else_counts_for_more(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    done("set", "--project", "-C", str(project), "suggest.max_tokens", "5")
    result = done("set", "-C", str(project), "suggest.max_tokens", "64")
    assert f"note: project file {project}/.coder.toml sets it too" in result.stderr
    monkeypatch.setenv("CODER_SUGGEST_MAX_TOKENS", "6")
    assert "note: environment CODER_SUGGEST_MAX_TOKENS" in done("set", "suggest.max_tokens", "64").stderr


def test_path_is_told_before_there_is_a_file(home: Path) -> None:
    assert done("path").stdout == f"{home}/config.toml\n"
    assert json.loads(done("path", "--json").stdout) == {"path": f"{home}/config.toml", "exists": False}


def test_wrong_words_are_wrong_usage_and_a_wrong_file_is_a_failure(home: Path) -> None:
    wrong = run("set", "suggest.max_token", "3").exception
    assert isinstance(wrong, UsageError)
    assert "did you mean suggest.max_tokens?" in (wrong.hint or "")
    assert isinstance(run("show", "nonsense").exception, UsageError)
    (home / "config.toml").write_text("[suggest\n")
    assert isinstance(run("show").exception, ConfigError)
    assert not isinstance(run("show").exception, UsageError)


@pytest.mark.parametrize("command", ["path", "show", "set", "unset"])
def test_help_has_an_example(command: str) -> None:
    assert f"coder config {command}" in done(command, "--help").stdout


def test_keys_complete_in_the_shell() -> None:
    assert _keys("suggest.t") == ["suggest.t_max_ms", "suggest.temperature"]
