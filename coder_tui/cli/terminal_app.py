"""`coder [PATH] [--line N]`: the terminal app."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from coder_tui.cli import options
from coder_tui.cli.starting import NAME, AtChat, is_possible, place, run, start
from coder_tui.cli.usage import Help
from coder_tui.core.errors import CoderError

__all__ = ["NAME", "AtChat", "is_possible", "open_command", "place", "register", "run", "serve", "start"]

_OPTIONS = ("--model", "-m", "--line")
_OF_COMMANDS = ("--model", "-m", "-C")
"""Options that nearly all of them have."""
_WEB_PACKAGES = {"textual_serve", "aiohttp", "aiohttp_jinja2"}
_EXAMPLES = options.examples("coder", "coder src/utils.py --line 12", "coder open other-repository", "coder --web")
WebOption = Annotated[bool, typer.Option("--web", help="Serve the app to a browser on this machine.")]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="With --web: the port; 0 takes a free one.", show_default=False)
]


class Program(Help, TyperGroup):
    """The commands; a first word that is none of them but a path opens the app on it, and so does an option of the app
    without a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of Typer's copy of Click
        args = self._with_command_first(ctx, args)
        first = args[0].partition("=")[0] if args else ""
        if first in _OPTIONS and not any(self.get_command(ctx, word) for word in args):
            args = [NAME, *args]
        return super().parse_args(ctx, args)

    def _with_command_first(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - likewise
        """`coder -m small chat "..."` is `coder chat -m small "..."`: many programs take options there."""
        count = 0
        while count < len(args) and args[count].partition("=")[0] in _OF_COMMANDS:
            count += 1 if "=" in args[count] else 2
        command = self.get_command(ctx, args[count]) if 0 < count < len(args) else None
        if command is None or hasattr(command, "commands"):
            return args
        return [args[count], *args[:count], *args[count + 1 :]]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - of Typer's copy of Click
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - likewise
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
        Path | None, typer.Argument(metavar="PATH", help="A file, or the directory to work in.", show_default=False)
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
