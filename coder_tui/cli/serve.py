"""`coder serve`: an engine that stays in memory, for commands."""

from __future__ import annotations

from typing import Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError, UsageError

_ALWAYS_S = 1e9
"""As long as the command runs."""


def register(app: typer.Typer) -> None:
    app.command(
        "serve",
        epilog=options.examples(
            "coder serve --engine             until Ctrl-C",
            "coder serve --stop               end one that runs in the background",
            "coder config set model.stay_minutes 10    the first command starts one, which stays so long",
        ),
    )(serve)


def serve(
    engine: Annotated[bool, typer.Option("--engine", help="Keep the model in memory until Ctrl-C.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End the engine that stays in memory.")] = False,
    model: options.ModelOption = None,
    yes: options.Yes = False,
) -> None:
    """Keep a model in memory, so that commands answer at once.

    Every command does the same with it and without it. Nothing listens on a network: only you can open the socket.
    """
    from coder_tui.config import paths
    from coder_tui.engine import joining

    if engine == stop:
        raise UsageError("say what is wanted: coder serve --engine, or coder serve --stop")
    folder = paths.runtime_dir()
    if stop:
        output.note("the engine ends" if joining.stop(folder) else "no engine stays in memory")
        return
    if (there := joining.connected(folder)) is not None:
        there.close()
        raise CoderError("an engine stays in memory already", hint="coder serve --stop")
    settings = runtime.enter(None, {"model.name": model}).settings
    try:
        process = joining.start(folder, _ALWAYS_S, paths.log_file(), stays=False)
    except OSError as error:
        raise CoderError(f"no engine can stay in {folder}: {(error.strerror or str(error)).lower()}") from None
    try:
        found = joining.comes_up(folder, process)
        if found is None:
            raise CoderError(f"no engine can stay in {folder}", hint=f"see {paths.log_file()}")
        found.close()
        with Status() as status, runtime.ready(settings, status, yes=yes) as ready:
            output.note(f"{ready.info.name} stays in memory until Ctrl-C")
        process.wait()
    finally:
        process.terminate()
