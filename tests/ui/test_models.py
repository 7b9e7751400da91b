"""Choosing and fetching a model in a running app."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList
from ui.harness import Play, play, playing

from coder_tui.assistant.host import Restarted
from coder_tui.config.load import load
from coder_tui.config.schema import Settings
from coder_tui.core.errors import DownloadError, EngineDiedError, NoModelError
from coder_tui.ui.messages import ModelTold
from coder_tui.ui.screens.models import Models
from coder_tui.weights import catalog, pull, store
from coder_tui.weights.catalog import CatalogEntry
from coder_tui.weights.progress import Progress, Step
from coder_tui.weights.sources import SourceUnavailableError

OFF = replace(Settings(), app=replace(Settings().app, suggest="off"))
Report = Callable[[Progress], None]
TIMEOUT_S = 20


@pytest.fixture(autouse=True)
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is installed, and the machine has room."""
    monkeypatch.setattr(store, "directories", lambda directory: (directory,))


async def shown(running: Play, directory: Path, pull: Callable[[CatalogEntry, Path, Report], Path]) -> list[str | None]:
    """The screen, and what it returns when it does."""
    results: list[str | None] = []
    running.app.push_screen(
        Models(directory, "auto", first=True, pull_model=pull, find_gpus=lambda: ("CUDA0: a card, 80 GB free",)),
        results.append,
    )
    await running.until(lambda: "starter" in running.screen_text and "CUDA0: a card" in running.screen_text)
    return results


def choose(running: Play, name: str) -> None:
    options = running.app.screen.query_one(OptionList)
    at = next(index for index, offer in enumerate(running.app.screen._offers) if offer.name == name)
    options.highlighted = at
    options.action_select()


def test_a_model_is_fetched_and_then_used(work: Path, tmp_path: Path) -> None:
    go = threading.Event()

    def pull(entry: CatalogEntry, directory: Path, report: Report) -> Path:
        report(Progress(Step.DOWNLOADING, 50, 100))
        assert go.wait(TIMEOUT_S)
        return directory / entry.file

    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            results = await shown(running, tmp_path, pull)
            assert "Welcome to coder" in running.screen_text
            choose(running, "starter")
            await running.until(lambda: "50 bytes of 100 bytes" in running.screen_text)
            go.set()
            await running.until(lambda: results == ["starter"])

    play(scene)


def test_escape_stops_a_download_and_a_failure_is_told(work: Path, tmp_path: Path) -> None:
    begun = threading.Event()
    answers = iter([DownloadError("the hub cannot be reached", hint="check the network"), None])

    def pull(_entry: CatalogEntry, _directory: Path, report: Report) -> Path:
        error = next(answers)
        if error is not None:
            raise error
        while True:
            report(Progress(Step.DOWNLOADING, 1, 100))
            begun.set()

    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            results = await shown(running, tmp_path, pull)
            choose(running, "starter")
            await running.until(lambda: "the hub cannot be reached" in running.screen_text)
            assert "hint: check the network" in running.screen_text
            choose(running, "starter")
            await running.until(begun.is_set)
            await running.press("escape")
            await running.until(lambda: "what has come is kept" in running.screen_text)
            await running.press("escape")
            assert results == [None]

    play(scene)


def test_a_path_is_taken_where_there_is_a_model(work: Path, tmp_path: Path, tiny_qwen: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(b"no model")

    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            results = await shown(running, tmp_path, lambda *_: tmp_path)
            field = running.app.screen.query_one(Input)
            field.focus()
            field.value = str(tmp_path / "none.gguf")
            await running.press("enter")
            await running.until(lambda: "there is no file" in running.screen_text)
            field.value = str(tmp_path / "own.gguf")
            await running.press("enter")
            await running.until(lambda: "does not begin with" in running.screen_text)
            assert not results
            field.value = str(tiny_qwen)
            await running.press("enter")
            await running.until(lambda: results == [str(tiny_qwen)])

    play(scene)


def test_without_a_model_and_without_a_network(
    work: Path, tmp_path: Path, tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be fetched is said, may be tried again, and a file that is there already can be used."""
    asked: list[str] = []

    def unreachable(entry: CatalogEntry, _partial: object, report: Report) -> None:
        report(Progress(Step.CONNECTING, 0, entry.size_bytes, "hub"))
        asked.append(entry.name)
        raise SourceUnavailableError("no network")

    def none(settings: Settings) -> Path:
        if settings.model.name == "auto":
            raise NoModelError("there is no model")
        return Path(settings.model.name)

    monkeypatch.setattr(pull, "_SOURCES", dict.fromkeys(pull._SOURCES, ("hub", unreachable)))
    monkeypatch.setattr(Models.__init__, "__kwdefaults__", {"pull_model": pull.pull, "find_gpus": tuple})
    settings = replace(OFF, paths=replace(OFF.paths, models=str(tmp_path / "models")))

    async def scene() -> None:
        async with playing(work, file="calc.py", settings=settings, find_model=none) as running:
            await running.until(lambda: "Welcome to coder" in running.screen_text)
            await running.until(lambda: "starter" in running.screen_text)
            choose(running, "starter")
            await running.until(lambda: "starter could not be fetched" in running.screen_text)
            await running.until(lambda: "Enter tries again" in running.screen_text)
            tries = len(asked)
            await running.press("enter")
            await running.until(lambda: len(asked) == 2 * tries)
            await running.until(lambda: "starter could not be fetched" in running.screen_text)
            await running.press("tab", *str(tiny_qwen), "enter")
            await running.until(lambda: running.app.ready is not None)
            assert running.app.launch.settings.model.name == str(tiny_qwen)
            assert load(None, {}).settings.model.name == str(tiny_qwen)
            await running.press("x")
            assert running.area.text.startswith("x")

    play(scene)


def test_what_is_here_comes_first(work: Path, tmp_path: Path) -> None:
    entry = catalog.find("small")
    with (tmp_path / entry.file).open("wb") as file:
        file.truncate(entry.size_bytes)

    async def scene() -> None:
        async with playing(work, settings=OFF) as running:
            results = await shown(running, tmp_path, lambda *_: tmp_path)
            assert running.app.screen._offers[0].name == "small"
            await running.press("enter")
            assert results == ["small"]

    play(scene)


def test_an_engine_that_was_started_again_is_told(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            running.app._post(ModelTold(Restarted(EngineDiedError("the engine was killed"))))
            await running.until(lambda: "the engine was killed: it is started again" in running.told)
            assert running.app.ready is not None

    play(scene)


def test_layers_on_a_device_are_said(work: Path) -> None:
    async def scene() -> None:
        async with playing(work, file="calc.py") as running:
            assert running.app.ready is not None
            assert "CPU 1 thread" in running.screen_text
            running.app._post(ModelTold(replace(running.app.ready, on_gpu=True, layers="CUDA 20/25 layers")))
            await running.until(lambda: "CUDA 20/25 layers" in running.screen_text)

    play(scene)
