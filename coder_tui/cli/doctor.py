"""`coder doctor`."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import ConfigError
from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from coder_tui.assistant.doctor import Finding


def register(app: typer.Typer) -> None:
    app.command("doctor", epilog=options.examples("coder doctor", "coder doctor --json"))(doctor)


def doctor(
    json: options.Json = False,
    calibrate: Annotated[bool, typer.Option("--calibrate", help="Measure the model's speed again first.")] = False,
    model: options.ModelOption = None,
) -> None:
    """Look for what is wrong with this machine: llama.cpp, GPU, memory, models, git, terminal, directories.

    Each finding comes with the command that mends it. Exit code 1 when there is a problem.
    """
    from coder_tui.assistant.doctor import Verdict, examine
    from coder_tui.config import load
    from coder_tui.config.schema import Settings

    findings: list[Finding] = []
    if calibrate:
        _calibrate(model)
    try:
        settings = load.load(None, {}).settings
    except ConfigError as error:
        settings = Settings()
        findings.append(_broken_settings(error))
    findings += [*examine(settings), _terminal()]
    problems = sum(one.verdict is Verdict.PROBLEM for one in findings)
    if json:
        output.write_json({"ok": not problems, "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            _print(one)
    if problems:
        raise typer.Exit(1)


def _calibrate(model: str | None) -> None:
    from coder_tui.assistant.opening import opened
    from coder_tui.config import load, paths
    from coder_tui.weights import store

    settings = load.load(None, {"model.name": model}).settings
    path = store.resolve(runtime.model_name(settings), paths.models_dir(settings.paths.models))
    with Status() as status, opened(path, settings, log_file=paths.log_file(), measure=True) as ready:
        status.show(f"measuring {ready.info.name} ...")


def _broken_settings(error: ConfigError) -> Finding:
    from coder_tui.assistant.doctor import Finding, Verdict

    return Finding("settings", Verdict.PROBLEM, str(error), error.hint or "$EDITOR $(coder config path)")


def _terminal() -> Finding:
    from coder_tui.assistant.doctor import Finding, Verdict

    encoding = (sys.stdout.encoding or "?").lower()
    if not output.out_is_terminal():
        return Finding("terminal", Verdict.OK, f"output is not a terminal; encoding {encoding}")
    size = shutil.get_terminal_size()
    colours = output.console().color_system or "no"
    text = f"{os.environ.get('TERM', '?')}, {size.columns}x{size.lines}, {colours} colours, encoding {encoding}"
    if "utf" not in encoding:
        return Finding("terminal", Verdict.WARNING, text, "export LANG=C.UTF-8")
    return Finding("terminal", Verdict.OK, text)


def _print(one: Finding) -> None:
    from rich.text import Text

    marks = {"ok": ("ok", "green"), "warning": ("!!", "yellow"), "problem": ("XX", "bold red")}
    mark, style = marks[one.verdict.value]
    console, start = output.console(), f"{mark:>2} {plain(one.name):<18} "
    line = Text("\n".join(output.wrapped(start, plain(one.text))))
    line.stylize(style, 0, 2)
    line.stylize("bold", 2, len(start))
    console.print(line, soft_wrap=True)
    if one.mend:
        console.print(Text(f"{'':>22}mend: {plain(one.mend)}", style), soft_wrap=True)
