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
from coder_tui.core.errors import CoderError, UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.config.schema import Settings

NAME = "open"
"""Of the command that opens the app; `coder PATH` is short for it."""
_WEB_PACKAGES = {"textual_serve", "aiohttp", "aiohttp_jinja2"}
_EXAMPLES = options.examples("coder", "coder src/utils.py --line 12", "coder open other-repository", "coder --web")
WebOption = Annotated[bool, typer.Option("--web", help="Serve the app to a browser on this machine.")]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="With --web: the port; 0 takes a free one.", show_default=False)
]


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
            return NAME, self.get_command(ctx, NAME), args
        return super().resolve_command(ctx, args)


def register(app: typer.Typer) -> None:
    app.command(NAME, epilog=_EXAMPLES)(open_command)


def open_command(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="A file, or the directory to work in.", show_default=False)
    ] = None,
    line: Annotated[int | None, typer.Option("--line", min=1, help="Go to this line.", show_default=False)] = None,
    model: options.ModelOption = None,
    web: WebOption = False,
    port: PortOption = 0,
) -> None:
    """Open the terminal app: an editor with suggestions, and a chat. `coder PATH` does the same."""
    before = context.parent.params if context.parent is not None else {}  # coder --web PATH
    if web or before.get("web"):
        serve(path, line, model, port or before.get("port", 0))
    else:
        run(path, line, model)


def serve(path: Path | None = None, line: int | None = None, model: str | None = None, port: int = 0) -> None:
    """Serve the app to a browser on this machine, until Ctrl+C. Raises UsageError, CoderError."""
    from coder_tui.cli import output

    place(path)
    try:
        from coder_tui.ui.web import server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _WEB_PACKAGES:
            raise
        raise CoderError("--web needs textual-serve", hint="pip install 'coder-tui[web]'") from None

    def listening(address: str) -> None:
        output.write(f"{address}\n")
        output.note("Open this address in a browser on this machine; it is for you alone. Ctrl+C ends it.")

    words = [sys.executable, "-m", "coder_tui", NAME]
    words += [str(path.absolute())] if path is not None else []
    words += ["--line", str(line)] if line is not None else []
    words += ["--model", model] if model is not None else []
    server.serve(words, f"coder {place(path)[0].name}", port, listening)


def is_possible() -> bool:
    """Whether there is a terminal to show the app on, or a browser that stands for one."""
    return is_in_browser() or (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty())


def is_in_browser() -> bool:
    """Whether `serve` has started this."""
    return "TEXTUAL_DRIVER" in os.environ


def place(path: Path | None) -> tuple[Path, Path | None]:
    """(the directory to work in, the file to open) of a path; both absolute. Raises UsageError."""
    given = (path or Path.cwd()).absolute()
    directory = given if given.is_dir() else given.parent
    if not directory.is_dir():
        raise UsageError(f"there is no directory {directory}")
    return directory, None if given.is_dir() else given


def run(path: Path | None = None, line: int | None = None, model: str | None = None) -> None:
    """Open the app on a directory or a file. Raises UsageError where there is no terminal."""
    from coder_tui.config import load
    from coder_tui.context import repository

    directory, file = place(path)
    if not is_possible():
        raise UsageError(
            "the app needs a terminal", hint='in scripts use the commands: coder chat "...", coder infill FILE:LINE'
        )
    root = repository.find_root(directory)
    loaded = load.load(root, {"model.name": model})

    start(root or directory, root, loaded.settings, file=file, line=line, warnings=loaded.warnings)


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

    if is_in_browser():
        from coder_tui.ui.web.orphan import end_with_parent

        end_with_parent()
    else:
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
