"""`coder complete [FILE or -]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.cli.streaming import printed
from coder_tui.core.errors import UsageError


def register(app: typer.Typer) -> None:
    app.command(
        "complete",
        epilog=options.examples(
            "coder complete utils.py                       what comes after its end",
            'echo "def quick_sort(items):" | coder complete',
            "coder complete main.py -f utils.py -f model.py",
        ),
    )(complete)


def complete(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The text to continue; - is stdin.")] = "-",
    json: options.Json = False,
    files: options.Snippets = None,
    no_context: options.NoContext = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Continue a file, or code on stdin.

    Files given with -f come first in the prompt, in the order given: a file behind those it depends on.
    """
    from coder_tui.assistant import complete as pipeline
    from coder_tui.assistant.infill import sampling

    path = None if file == "-" else Path(file)
    if path is None and sys.stdin.isatty():
        raise UsageError("there is nothing to continue", hint="name a file, or send code on stdin")
    with Status() as status:
        here = runtime.enter(directory, runtime.flags(model, max_tokens, temperature), near=path)
        document = runtime.read_stdin(here.settings) if path is None else runtime.read(path, here.settings)
        snippets = () if no_context else runtime.snippets(here, files)
        name = "" if path is None else runtime.name_in(here.root, path)
        with (
            runtime.surroundings(here, path, wanted=not no_context) as surroundings,
            runtime.ready(
                here.settings, status, yes=yes, kept=runtime.kept(here.settings, path or Path.cwd())
            ) as ready,
        ):
            events = pipeline.complete(
                ready,
                document,
                sampling(here.settings, seed),
                path=name,
                snippets=snippets,
                surroundings=surroundings,
            )
            result = printed(events, status, show=not json)
            if json:
                output.write_json(
                    {
                        "text": result.text,
                        "path": None if path is None else str(path),
                        "usage": runtime.usage_json(result.usage),
                        "stop_reason": result.reason.value,
                        "model": ready.info.name,
                    }
                )
