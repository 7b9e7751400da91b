"""`coder bench replay, decode, startup`: figures, on this machine."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status

if TYPE_CHECKING:
    from coder_tui.evals.replay import Result

app = typer.Typer(
    name="bench",
    help="Measure how fast and how good suggestions are here.",
    no_args_is_help=True,
    epilog=options.examples("coder bench startup", "coder bench replay trace.jsonl --limit 150 --no-cache --json"),
)
Runs = Annotated[int, typer.Option("--runs", min=1, help="How often.")]


@app.command("replay", epilog=options.examples("coder bench replay trace.jsonl --limit 150 --no-cache --json"))
def replay(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="Moments of typing, a JSON object a line.")],
    json: options.Json = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many moments.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask the model each time.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Move nothing in the KV cache.")] = False,
    no_context: options.NoContext = False,  # noqa: ARG001 - a replay sends no other files anyway
    no_warm: Annotated[bool, typer.Option("--no-warm", help="Do not read a place before the first key.")] = False,
    no_heal: Annotated[bool, typer.Option("--no-heal", help="Take unfinished words as they stand.")] = False,
    pause: Annotated[
        int | None, typer.Option("--pause", min=0, help="ms between a suggestion and the next key, for work ahead.")
    ] = None,
    details: Annotated[Path | None, typer.Option("--details", help="Write each moment there, as JSON lines.")] = None,
    model: options.ModelOption = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Type a trace again and count what each suggestion costs and how often it is right.

    Without --no-cache the next key comes 300 ms after a suggestion, and the time is used to compute ahead.
    """
    from coder_tui.evals import replay as replaying
    from coder_tui.evals.trace import read

    moments = read(trace, limit)
    flags: dict[str, object] = {"model.name": model}
    flags |= {"suggest.cache_bytes": 0} if no_cache else {}
    flags |= {"suggest.reuse": "exact"} if exact else {}
    flags |= {"prompts.healing": "off"} if no_heal else {}
    wait = pause if pause is not None else 0 if no_cache else 300
    started = time.perf_counter()
    results: list[Result] = []
    with Status() as status:
        here = runtime.enter(directory, flags)
        with runtime.ready(here.settings, status, yes=yes, typing=True) as ready:
            for result in replaying.replay(ready, moments, replaying.Options(not no_warm, wait)):
                results.append(result)
                status.show(f"{len(results)} of {len(moments)} moments ...")
            name = ready.info.name
    if details is not None:
        _write_lines(details, [replaying.as_json(result) for result in results])
    chosen = {"cache": not no_cache, "reuse": here.settings.suggest.reuse, "healing": not no_heal, "pause_ms": wait}
    report = {
        "model": name,
        "trace": str(trace),
        **chosen,
        **replaying.summary(results),
        "seconds": round(time.perf_counter() - started, 1),
    }
    _print(report, json=json)


@app.command("decode", epilog=options.examples("coder bench decode --llama-bench ~/llama.cpp/bin/llama-bench"))
def decode(
    json: options.Json = False,
    llama_bench: Annotated[
        Path | None, typer.Option("--llama-bench", help="llama.cpp's benchmark; searched on PATH otherwise.")
    ] = None,
    runs: Runs = 3,
    tokens: Annotated[int, typer.Option("--tokens", min=8, help="Tokens generated in a run.")] = 128,
    model: options.ModelOption = None,
    yes: options.Yes = False,
) -> None:
    """Tokens a second through the whole program, and through llama-bench in turn with it."""
    from coder_tui.evals import decode as decoding
    from coder_tui.evals.figures import spread

    with Status() as status:
        here = runtime.enter(None, {"model.name": model})
        found = llama_bench or (Path(path) if (path := shutil.which("llama-bench")) else None)
        if found is None:
            output.note("note: llama-bench is not on PATH: only our own figure (see --llama-bench)")
        with runtime.ready(here.settings, status, yes=yes) as ready:
            pairs = list(
                decoding.decode(ready.engine, ready.path, threads=ready.threads, tokens=tokens, runs=runs, bench=found)
            )
            name = ready.info.name
    report: dict[str, object] = {"model": name, "ours": spread([pair.ours for pair in pairs])}
    if found is not None:
        report["llama_bench"] = spread([pair.theirs for pair in pairs if pair.theirs])
        report["ratio"] = spread([pair.ours / pair.theirs for pair in pairs if pair.theirs])
    _print(report, json=json)


@app.command("startup", epilog=options.examples("coder bench startup --runs 5 --json"))
def startup(json: options.Json = False, runs: Runs = 5, model: options.ModelOption = None) -> None:
    """How long `coder` takes to start: the program, its help, a suggestion in a small file, a model made ready."""
    import tempfile

    from coder_tui.evals.figures import spread
    from coder_tui.evals.startup import command_ms

    chosen = ["--model", model] if model else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sort.py"
        file.write_text("def quick_sort(items):\n    \n\n\nprint(quick_sort([3, 1, 2]))\n")
        infill = ["infill", f"{file}:2", "--max-tokens", "8", *chosen]
        commands = {"version": ["--version"], "help": ["--help"], "infill": infill}
        report: dict[str, object] = {
            f"{name}_ms": spread([command_ms(arguments) for _ in range(runs)]) for name, arguments in commands.items()
        }
    report["model_ready_ms"] = spread([_ready_ms(model) for _ in range(runs)])
    _print(report, json=json)


def _ready_ms(model: str | None) -> float:
    started = time.perf_counter()
    with Status() as status, runtime.ready(runtime.enter(None, {"model.name": model}).settings, status, yes=False):
        return 1000 * (time.perf_counter() - started)


def _write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    import json

    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _print(report: Mapping[str, object], *, json: bool) -> None:
    """One JSON object, or a line for each figure."""
    if json:
        output.write_json(dict(report))
        return
    for name, value in report.items():
        output.write(f"{name:24}{_figures(value) if isinstance(value, Mapping) else value}\n")


def _figures(values: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:g}" for name, value in values.items())
