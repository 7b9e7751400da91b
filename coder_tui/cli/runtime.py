"""What commands that need a model share: settings, which model, the loaded engine, the repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.cli import output, places
from coder_tui.core.errors import CoderError, DocumentError, UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.assistant.kept import Kept
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.surroundings import Surroundings
    from coder_tui.cli.status import Status
    from coder_tui.config.schema import Settings
    from coder_tui.core.context import Snippet
    from coder_tui.core.document import Document
    from coder_tui.core.events import Usage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command works."""

    root: Path | None
    """Of the repository, if there is one."""
    settings: Settings


def enter(directory: Path | None, flags: Mapping[str, object] | None = None, *, near: Path | None = None) -> Place:
    """Go to the directory of `-C`, find the repository around `near` (else around there), load the settings."""
    from coder_tui.config import load
    from coder_tui.context import repository

    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise UsageError(f"cannot work in {directory}: {(error.strerror or '').lower()}") from None
    try:
        root = repository.find_root(Path.cwd() if near is None else near)
    except FileNotFoundError:
        raise CoderError("the current directory is not there any more", hint="cd to another one") from None
    loaded = load.load(root, flags or {})
    for warning in loaded.warnings:
        output.note(f"warning: {warning}")
    _recover(loaded.settings)
    return Place(root, loaded.settings)


def _recover(settings: Settings) -> None:
    """Take back a change of files that a process was killed in, and say so."""
    from coder_tui.assistant.saving import place_of
    from coder_tui.edits import changing

    journal = place_of(None, settings).journal
    if journal is None or not journal.is_interrupted():
        return
    try:
        with journal.locked():
            for told in changing.recover(journal):
                output.note(f"note: {told}")
    except CoderError as error:  # another process is at it, or the disk fails; whoever writes next tries again
        output.note(f"warning: {error}")


@contextmanager
def ready(
    settings: Settings,
    status: Status,
    *,
    yes: bool,
    typing: bool = False,
    kept: Kept | None = None,
    alone: bool = False,
) -> Iterator[Ready]:
    """The model that the settings name, loaded. Offers to fetch it when it is not there.

    `typing` and `kept` as in `opened`. With `alone` it is not that of the engine that stays, for measuring.
    """
    from coder_tui.assistant.opening import opened
    from coder_tui.cli.weights_prompt import ensure_model
    from coder_tui.config import paths

    path = ensure_model(model_name(settings), paths.models_dir(settings.paths.models), yes=yes)
    status.show("loading ...")
    with opened(
        path,
        settings,
        log_file=paths.log_file(),
        loading=lambda info: status.show(f"loading {info.name} ..."),
        measuring=lambda: status.show("measuring the model's speed here, once; Ctrl-C skips it ..."),
        typing=typing,
        kept=kept,
        shared=not (typing or alone),
    ) as model:
        yield model


def kept(settings: Settings, path: Path) -> Kept:
    """What commands keep that read a file for a suggestion, or continue what stands in a directory."""
    from coder_tui.assistant.kept import Kept
    from coder_tui.core.prompt import Purpose

    return Kept(Purpose.SUGGEST, f"{model_name(settings)} {path.absolute()}")


def model_name(settings: Settings) -> str:
    """The model that `model.name` means: a name, a path, or for "auto" the best one that is there."""
    from coder_tui.config import paths
    from coder_tui.weights import store

    if settings.model.name != "auto":
        return settings.model.name
    return store.best(store.installed(paths.models_dir(settings.paths.models))) or "starter"


def read(path: Path, settings: Settings) -> Document:
    from coder_tui.edits import files

    return files.read(path, max_bytes=settings.files.max_bytes)


def read_stdin(settings: Settings, path: Path | None = None) -> Document:
    """What is sent on stdin, as the text of `path`. Raises DocumentError for binary and for too much data."""
    from coder_tui.edits import files

    limit = settings.files.max_bytes
    data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise DocumentError(
            f"the text on standard input has more than {limit} bytes",
            hint=f"raise the limit: coder config set files.max_bytes {2 * limit}",
        )
    return files.parse_text(data, path)


def name_in(root: Path | None, path: Path) -> str:
    """What a model should read as the path of a file: relative to the repository, else the bare name."""
    from coder_tui.context import repository

    return repository.relative(path, root) if root is not None else path.name


def usage_json(usage: Usage) -> dict[str, float]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "evaluated_tokens": usage.evaluated_tokens,
        "completion_tokens": usage.completion_tokens,
        "ttft_ms": usage.ttft_ms,
        "tokens_per_second": usage.tokens_per_second,
    }


def flags(
    model: str | None, max_tokens: int | None, temperature: float | None, section: str = "suggest"
) -> dict[str, object]:
    """The settings that common options stand for."""
    return {"model.name": model, f"{section}.max_tokens": max_tokens, f"{section}.temperature": temperature}


@contextmanager
def surroundings(here: Place, path: Path | None, *, wanted: bool, whole: bool = False) -> Iterator[Surroundings | None]:
    """What to look through for pieces that go along with a file: its repository, else the folder that it is in; nothing
    when that is not `wanted`. The index is brought up to date meanwhile; with `whole` that is waited for."""
    if not wanted or path is None:
        yield None
        return
    from coder_tui.assistant.surroundings import Surroundings, indexed

    root = here.root or path.absolute().parent
    with indexed(root, here.settings, whole=whole) as updating:
        found = Surroundings(root, here.settings, updating=updating)
        try:
            yield found
        finally:
            found.close()


def snippets(here: Place, files: Sequence[Path] | None) -> tuple[Snippet, ...]:
    """Whole files to send along, in this order."""
    from coder_tui.core.context import Snippet
    from coder_tui.core.document import to_lf

    found: list[Snippet] = []
    for path in files or ():
        text = to_lf(read(path, here.settings).text)
        found.append(Snippet(name_in(here.root, path), text, "given with --file"))
    return tuple(found)


def attached(here: Place, files: Sequence[str]) -> Iterator[Attachment]:
    """Files, or lines of them (`FILE:A-B`), that go with a question."""
    from coder_tui.assistant.chat import Attachment
    from coder_tui.core.document import to_lf

    for text in files:
        wanted = places.line_range(text)
        lines, first = wanted.within(read(wanted.path, here.settings))
        name = name_in(here.root, wanted.path)
        yield Attachment(name, to_lf(lines), first, wanted.path.suffix.lstrip("."))
