"""The commands of `coder`. Each lives in a module of its own, and none of these imports anything heavy."""

from __future__ import annotations

from typing import Annotated

import typer

from coder_tui import __version__
from coder_tui.cli import (
    apply,
    bench,
    chat,
    commit,
    complete,
    config,
    context,
    demo,
    doctor,
    edit,
    evaluate,
    fill,
    infill,
    models,
    serve,
    sessions,
    terminal_app,
    undo,
    watch,
)
from coder_tui.cli.options import examples
from coder_tui.cli.usage import written_by_hand
from coder_tui.core.errors import UsageError

app = typer.Typer(
    name="coder",
    cls=terminal_app.Program,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "coder",
        "coder utils.py --line 12",
        "coder demo",
        "coder infill utils.py:12 --diff",
        'coder chat -f utils.py "what does sort do?"',
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coder {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    web: terminal_app.WebOption = False,
    port: terminal_app.PortOption = 0,
) -> None:
    """A coding assistant for the terminal: DeepSeek Coder and its like, run on your own machine.

    No server, no account, and no network unless you ask for it. Without a command the terminal app opens.
    """
    del version  # its callback has dealt with it
    if context.invoked_subcommand is not None:
        if (web or port) and context.invoked_subcommand != terminal_app.NAME:
            raise UsageError("--web and --port are for the app: coder --web PATH")
    elif web:
        terminal_app.serve(port=port)
    else:
        if not terminal_app.is_possible():
            typer.echo(context.get_help())
            raise typer.Exit(2)
        terminal_app.run()


for module in (
    terminal_app, infill, complete, fill, edit, apply, chat, commit, watch, context, undo, demo, doctor, serve,
):  # fmt: skip
    module.register(app)
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")
app.add_typer(evaluate.app, name="eval")
app.add_typer(config.app, name="config")
app.add_typer(sessions.app, name="sessions")
written_by_hand(app)
