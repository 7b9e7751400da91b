"""`coder bench replay, decode, context, startup`: figures, on this machine."""

from __future__ import annotations

import json as _json
import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import UsageError

if TYPE_CHECKING:
    from coder_tui.evals.replay import Result

app = typer.Typer(
    name="bench",
    help="Measure how fast and how good suggestions are here.",
    no_args_is_help=True,
    epilog=options.examples("coder bench startup", "coder bench replay trace.jsonl --limit 150 --no-cache --json"),
)
_COLUMNS = ("count", "mean", "median", "p95", "min", "max")
Runs = Annotated[int, typer.Option("--runs", min=1, help="How often.")]


@app.command("replay", epilog=options.examples("coder bench replay trace.jsonl --limit 150 --no-cache --json"))
def replay(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="Moments of typing, a JSON object a line.")],
    json: options.Json = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many moments.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask the model each time.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Move nothing in the KV cache.")] = False,
    no_context: options.NoContext = False,
    no_warm: Annotated[bool, typer.Option("--no-warm", help="Do not read a place before the first key.")] = False,
    no_heal: Annotated[bool, typer.Option("--no-heal", help="Take unfinished words as they stand.")] = False,
    left_in_prefix: Annotated[
        bool, typer.Option("--left-in-prefix", help="Send the left part of the line in the prefix, as others do.")
    ] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Wait for whole suggestions, not for first lines.")] = False,
    no_ahead: Annotated[bool, typer.Option("--no-ahead", help="Compute nothing before it is asked for.")] = False,
    pause: Annotated[
        int | None, typer.Option("--pause", min=0, help="ms between a suggestion and the next key, for work ahead.")
    ] = None,
    details: Annotated[Path | None, typer.Option("--details", help="Write each moment there, as JSON lines.")] = None,
    model: options.ModelOption = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Type a trace again and count what each suggestion costs and how often it is right.

    Pieces of the repositories in repos/ beside the trace go along. Without --no-cache the next key comes 300 ms after a
    suggestion, and the time is used to compute ahead.
    """
    from coder_tui.evals import replay as replaying
    from coder_tui.evals.trace import read

    flags: dict[str, object] = {"model.name": model}
    flags |= {"suggest.cache_bytes": 0} if no_cache else {}
    flags |= {"suggest.reuse": "exact"} if exact else {}
    flags |= {"suggest.speculate": "off"} if no_ahead else {}
    flags |= {"prompts.healing": "off"} if no_heal else {}
    repos = None if no_context or not (found := trace.parent / "repos").is_dir() else found
    wait = pause if pause is not None else 0 if no_cache else 300
    here = runtime.enter(directory, flags)
    moments = read(trace, limit)
    started = time.perf_counter()
    results: list[Result] = []
    with (
        Status() as status,
        runtime.ready(here.settings, status, yes=yes, typing=True) as ready,
        lines_to(details) as keep,
    ):
        chosen = replaying.Options(not no_warm, wait, whole, left_in_prefix, repos)
        for result in replaying.replay(ready, moments, chosen):
            results.append(result)
            keep(replaying.as_json(result))
            status.show(f"{len(results)} of {len(moments)} moments ...")
        suggest = ready.settings.suggest
    report = {
        "model": ready.info.name,
        "trace": str(trace),
        "cache": not no_cache,
        "reuse": suggest.reuse,
        "healing": not no_heal,
        "left_in_prefix": left_in_prefix,
        "context": repos is not None,
        "ahead": wait > 0 and suggest.speculate == "on",
        "pause_ms": wait,
        **replaying.summary(results),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print_report(report, json=json)


@app.command("decode", epilog=options.examples("coder bench decode --llama-bench ~/llama.cpp/bin/llama-bench"))
def decode(
    json: options.Json = False,
    llama_bench: Annotated[
        Path | None, typer.Option("--llama-bench", help="llama.cpp's benchmark; searched on PATH otherwise.")
    ] = None,
    runs: Runs = 3,
    tokens: Annotated[int, typer.Option("--tokens", min=8, help="Tokens generated in a run.")] = 128,
    prompt: Annotated[int, typer.Option("--prompt", min=0, help="Tokens of a prompt read in a run; 0: none.")] = 512,
    depth: Annotated[int, typer.Option("--depth", min=0, help="Tokens of a prompt before what is generated.")] = 0,
    bench_options: Annotated[
        str, typer.Option("--bench-options", metavar="TEXT", help="For llama-bench, such as '-fa 0'.")
    ] = "",
    model: options.ModelOption = None,
    yes: options.Yes = False,
) -> None:
    """Tokens a second through the whole program, and through llama-bench in turn with it.

    What is generated, then what is read of a prompt; llama-bench with the best of three numbers of threads for each.
    """
    from coder_tui.evals import decode as decoding

    with Status() as status:
        here = runtime.enter(None, {"model.name": model})
        found = llama_bench or (Path(path) if (path := shutil.which("llama-bench")) else None)
        if found is None:
            output.note("note: llama-bench is not on PATH: only our own figure (see --llama-bench)")
            output.note(f"hint: {decoding.HOW_TO_GET_IT}")
        with runtime.ready(here.settings, status, yes=yes, alone=True) as ready:
            report: dict[str, object] = {"model": ready.info.name, "threads": ready.threads}
            bench = decoding.Bench(found, ready.path, shlex.split(bench_options)) if found else None
            status.show("generating ...")
            report |= decoding.generation(ready.engine, tokens=tokens, runs=runs, bench=bench, depth=depth)
            if prompt:
                status.show("reading ...")
                report |= decoding.reading(ready.engine, tokens=prompt, runs=runs, bench=bench)
            memory = decoding.memory(ready.engine)
    print_report(report | {f"memory_{name}_mb": round(size / 1e6, 1) for name, size in memory.items()}, json=json)


@app.command("context", epilog=options.examples("coder bench context ~/src/django --trace trace.jsonl --json"))
def context(
    path: Annotated[Path, typer.Argument(metavar="DIR", help="A repository.")],
    json: options.Json = False,
    runs: Runs = 3,
    places: Annotated[int, typer.Option("--places", min=1, help="Cursors and saved files to try.")] = 200,
    trace: Annotated[
        Path | None, typer.Option("--trace", help="Moments of typing, its repositories in repos/ beside it.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many moments.")] = None,
) -> None:
    """What it takes to know a repository: its index from nothing, one saved file, the pieces for a cursor.

    With a trace also how often the pieces stay the same from key to key. No model is needed, no file changes.
    """
    from coder_tui.evals import context as measuring
    from coder_tui.evals.trace import read

    if not path.is_dir():
        raise UsageError(f"{path} is no directory")
    with Status() as status:
        status.show(f"reading {path} ...")
        report = measuring.measure(path.absolute(), runs=runs, places=places)
        if trace is not None:
            status.show("typing ...")
            report["stability"] = measuring.stability(read(trace, limit), trace.parent / "repos")
    print_report(report, json=json)


@app.command("startup", epilog=options.examples("coder bench startup --runs 5 --json"))
def startup(json: options.Json = False, runs: Runs = 5, model: options.ModelOption = None) -> None:
    """How long `coder` takes to start: the program, its help, the app's first picture, a suggestion in a file that it
    never read, and once more in the same file, a model made ready.
    """
    import tempfile

    from coder_tui.evals.figures import spread
    from coder_tui.evals.keys import first_paint_ms
    from coder_tui.evals.startup import command_ms, file_to_open, suggestions_ms

    with Status() as status, tempfile.TemporaryDirectory() as folder:
        status.show("starting again and again ...")
        times = {name: [command_ms([f"--{name}"]) for _ in range(runs)] for name in ("version", "help")}
        chosen = ["--model", model] if model else []
        times["first_paint"] = [first_paint_ms(file_to_open(Path(folder)), "beginning", chosen) for _ in range(runs)]
        cold, warm = suggestions_ms(Path(folder), runs, chosen)
    times |= {"suggestion_cold": cold, "suggestion_warm": warm}
    times |= {"model_ready": [_ready_ms(model) for _ in range(runs)]}
    print_report({f"{name}_ms": spread(values) for name, values in times.items()}, json=json)


def _ready_ms(model: str | None) -> float:
    started = time.perf_counter()
    settings = runtime.enter(None, {"model.name": model}).settings
    with Status() as status, runtime.ready(settings, status, yes=False, alone=True):
        return 1000 * (time.perf_counter() - started)


@contextmanager
def lines_to(path: Path | None) -> Iterator[Callable[[object], object]]:
    """What writes values to a file, one a line; nowhere without a path."""
    if path is None:
        yield lambda _: None
        return
    with path.open("w", encoding="utf-8") as file:
        yield lambda value: file.write(_json.dumps(value) + "\n")


def print_report(report: Mapping[str, object], *, json: bool) -> None:
    """One JSON object, or a line for each single figure and a table of those with a spread."""
    if json:
        output.write_json(dict(report))
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column()
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for name, value in report.items():
        if isinstance(value, Mapping):
            table.add_row(name, *(f"{value[column]:.6g}" if column in value else "" for column in _COLUMNS))
        else:
            output.write(f"{name:26}{value}\n")
    output.console().print(table)


@app.command("ui", epilog=options.examples("coder bench ui", "coder bench ui --lines 20000 --json"))
def ui(
    json: options.Json = False,
    lines: Annotated[int, typer.Option("--lines", min=100, help="Of the file that is typed into.")] = 5000,
    keys: Annotated[int, typer.Option("--keys", min=10, help="How many are typed.")] = 100,
    idle: Annotated[bool, typer.Option("--idle", help="Type without suggestions and chat.")] = False,
    model: options.ModelOption = None,
) -> None:
    """Measure the app: from its start to the first picture, and from each key to the screen.

    The whole program on a pseudo terminal of 120x40. Each key is typed while the model writes a suggestion at the
    cursor and the chat answers a question.
    """
    import tempfile

    from coder_tui.evals import keys as typing
    from coder_tui.evals.figures import spread

    with tempfile.TemporaryDirectory(prefix="coder-bench-") as folder, Status() as status:
        path = Path(folder) / "typed.py"
        blocks = [f"def name_{number}(a, b):\n    return a * {number}  # b\n\n" for number in range(lines // 4 + 1)]
        path.write_text(typing.BEGINNING + "\n".join(["", *blocks]), encoding="utf-8")
        status.show("typing ...")
        found = typing.measure(path, "beginning", keys, options=["--model", model] if model else [], idle=idle)
    report = {
        "lines": lines,
        "idle": idle,
        "first_paint_ms": round(found.first_paint_ms, 1),
        "key_ms": spread(found.key_ms),
    }
    print_report(report, json=json)
