"""`coder context FILE:LINE[:COL]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, places, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.explain import Explained


def register(app: typer.Typer) -> None:
    app.command(
        "context",
        epilog=options.examples(
            "coder context main.py:12               which pieces are sent for a suggestion there, and why",
            "coder context main.py:12:5 --prompt    the exact text that the model reads",
            "coder context main.py:12 --json",
        ),
    )(context)


def context(
    target: Annotated[str, typer.Argument(metavar="FILE:LINE[:COL]", help="Where the cursor is; 1-based.")],
    stdin: Annotated[bool, typer.Option("--stdin", help="Take the file's text, unsaved, from stdin.")] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="Print the exact prompt instead.")] = False,
    tokens: Annotated[bool, typer.Option("--tokens", help="Print the ids of the prompt's tokens instead.")] = False,
    json: options.Json = False,
    sources: Annotated[
        str | None, typer.Option("--sources", metavar="NAMES", help="Only these sources, separated by commas.")
    ] = None,
    files: options.Snippets = None,
    no_context: options.NoContext = False,
    model: options.ModelOption = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Show what would be sent along with a suggestion: each piece with its reason and tokens, in the order of the
    prompt, and what was left out.
    """
    from coder_tui.assistant.explain import explain
    from coder_tui.assistant.reading import Hole

    if prompt + tokens + json > 1:
        raise UsageError("--prompt, --tokens and --json exclude each other")
    place = places.place(target)
    with Status() as status:
        here = runtime.enter(directory, {"model.name": model, "context.sources": sources}, near=place.path)
        document = runtime.read_stdin(here.settings, place.path) if stdin else runtime.read(place.path, here.settings)
        position = place.within(document)
        snippets = () if no_context else runtime.snippets(here, files)
        name = runtime.name_in(here.root, place.path)
        with (
            runtime.surroundings(here, place.path, wanted=not no_context, whole=True) as surroundings,
            runtime.ready(here.settings, status, yes=yes) as ready,
        ):
            found = explain(ready, Hole(document, position, name, snippets, surroundings))
        status.clear()
        if surroundings is not None and (trouble := surroundings.trouble):
            output.note(f"note: {trouble}")
        if prompt:
            output.write(found.text)
        elif tokens:
            output.write(" ".join(map(str, found.tokens)) + "\n")
        elif json:
            output.write_json(found.as_json())
        else:
            _table(found)


def _table(found: Explained) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("tokens", "right"), ("lines", "left"), ("why", "left")):
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name == "tokens")  # type: ignore[arg-type]
    for part in found.parts:
        table.add_row(str(part.tokens), Text(part.where), Text(part.reason))
    table.add_row(str(len(found.tokens)), "", "in all, with the model's own markers")
    output.console().print(table)
    if found.aside:
        output.write(f"\nwithout what stands behind the cursor it is read too, and that counts {found.aside:.0%}\n")
    if found.likely:
        output.write(f"\nmore likely, since imported and not used yet: {', '.join(found.likely)}\n")
    if found.left_out:
        output.write("\nleft out:\n")
        for left in found.left_out:
            output.write(f"  {left.where}: {left.reason}\n")
