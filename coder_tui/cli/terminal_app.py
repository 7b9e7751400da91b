"""`coder [PATH] [--line N]`: the terminal app."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from coder_tui.cli import options
from coder_tui.core.errors import UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.config.schema import Settings

_NAME = "open"


@dataclass(frozen=True, slots=True)
class AtChat:
    """The app begins at its chat."""

    attachments: tuple[Attachment, ...] = ()
    """They go with the first question."""
    session: str = ""
    """Of the chat to go on with; empty for a new one."""


class Program(TyperGroup):
    """The commands; a first word that is none of them but a path opens the app on it."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - Typer carries a copy of Click under names of its own
        args: list[str],
    ) -> tuple[str | None, Any, list[str]]:
        word = args[0] if args else ""
        if not word or (self.get_command(ctx, word) is None and (os.sep in word or "." in word or Path(word).exists())):
            return _NAME, self.get_command(ctx, _NAME), args
        return super().resolve_command(ctx, args)


def register(app: typer.Typer) -> None:
    app.command(_NAME, epilog=options.examples("coder", "coder src/utils.py --line 12", "coder open other-repository"))(
        open_command
    )


def open_command(
    path: Annotated[
        Path | None, typer.Argument(help="A file, or the directory to work in.", show_default=False)
    ] = None,
    line: Annotated[int | None, typer.Option("--line", min=1, help="Go to this line.", show_default=False)] = None,
    model: options.ModelOption = None,
) -> None:
    """Open the terminal app: an editor with suggestions, and a chat. `coder PATH` does the same."""
    run(path, line, model)


def is_possible() -> bool:
    """Whether there is a terminal to show the app on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def run(path: Path | None = None, line: int | None = None, model: str | None = None) -> None:
    """Open the app on a directory or a file. Raises UsageError where there is no terminal."""
    from coder_tui.config import load
    from coder_tui.context import repository

    given = (path or Path.cwd()).absolute()
    directory = given if given.is_dir() else given.parent
    if not directory.is_dir():
        raise UsageError(f"there is no directory {directory}")
    if not is_possible():
        raise UsageError(
            "the app needs a terminal", hint='in scripts use the commands: coder chat "...", coder infill FILE:LINE'
        )
    root = repository.find_root(directory)
    loaded = load.load(root, {"model.name": model})

    start(
        root or directory, root, loaded.settings, file=None if given.is_dir() else given, line=line,
        warnings=loaded.warnings,
    )  # fmt: skip


def start(
    directory: Path,
    root: Path | None,
    settings: Settings,
    *,
    file: Path | None = None,
    line: int | None = None,
    warnings: tuple[str, ...] = (),
    chat: AtChat | None = None,
) -> None:
    """Run the app until it ends."""
    from coder_tui.config import paths

    for name in ("COLUMNS", "LINES"):  # exported, they would freeze the size: what the terminal says counts
        os.environ.pop(name, None)
    from coder_tui.assistant.workspace import Workspace
    from coder_tui.ui.app import CoderApp
    from coder_tui.ui.launch import Launch

    workspace = Workspace(directory, root, settings)
    launch = Launch(directory, root, settings, file, line, warnings, _find, log_file=paths.log_file(),
        workspace=workspace, at_chat=chat is not None, attachments=chat.attachments if chat else (),
        session=chat.session if chat else "")  # fmt: skip
    CoderApp(launch).run()


def _find(settings: Settings) -> Path:
    """The weights that the settings mean."""
    from coder_tui.cli.runtime import model_name
    from coder_tui.config import paths
    from coder_tui.weights import store

    return store.resolve(model_name(settings), paths.models_dir(settings.paths.models))
