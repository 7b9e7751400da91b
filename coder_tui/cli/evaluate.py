"""`coder eval infill`: how good suggestions are, on tasks with known answers."""

from __future__ import annotations

import json as _json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.bench import lines_to, print_report
from coder_tui.cli.status import Status

if TYPE_CHECKING:
    from coder_tui.evals.tasks import Result

_EXAMPLES = (
    "coder eval infill tasks.jsonl --limit 100 --json",
    "coder eval infill tasks.jsonl --sources definitions,uses",
)
app = typer.Typer(
    name="eval",
    help="Measure how good suggestions are, on tasks with known answers.",
    no_args_is_help=True,
    epilog=options.examples(*_EXAMPLES),
)


@app.callback()
def _group() -> None:
    """So that there is a command `infill`, and not only `eval`."""


@app.command("infill", epilog=options.examples(*_EXAMPLES))
def infill(
    tasks: Annotated[Path, typer.Argument(metavar="TASKS", help="Holes with their answers, a JSON object a line.")],
    json: options.Json = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many tasks.")] = None,
    no_context: options.NoContext = False,
    sources: Annotated[
        str | None, typer.Option("--sources", metavar="NAMES", help="Only these sources of context, by commas.")
    ] = None,
    snippet_tokens: Annotated[
        int | None, typer.Option("--snippet-tokens", min=0, help="Tokens of other files, at most.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option("--layout", help="How files are told apart: comments or tokens.")
    ] = None,
    details: Annotated[
        Path | None, typer.Option("--details", help="Write each task there, as JSON lines, instead of on stderr.")
    ] = None,
    model: options.ModelOption = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Fill holes in real files and compare the first line with what the author wrote.

    A task: {"id", "repo": folder relative to the file, "path", "prefix", "suffix", "expected"}. The buffer is
    prefix and suffix, not what is on disk.
    """
    from coder_tui.assistant.surroundings import sources as named
    from coder_tui.evals import tasks as evaluating

    flags = {
        "model.name": model,
        "context.sources": sources,
        "context.snippet_tokens": snippet_tokens,
        "prompts.layout": layout,
    }
    here = runtime.enter(directory, flags)
    wanted = None if no_context else named(here.settings.context.sources)
    holes = evaluating.read(tasks, limit)
    results: list[Result] = []
    with (
        Status() as status,
        runtime.ready(here.settings, status, yes=yes, alone=True) as ready,
        lines_to(details) as keep,
    ):
        for result in evaluating.run(ready, holes, wanted):
            results.append(result)
            if details is None:
                output.note(_json.dumps(evaluating.as_json(result)))
            keep(evaluating.as_json(result))
            status.show(f"{len(results)} of {len(holes)} tasks ...")
    report: dict[str, object] = {
        "model": ready.info.name,
        "sources": [] if wanted is None else [source.value for source in wanted],
        **evaluating.summary(results),
    }
    print_report(report, json=json)
