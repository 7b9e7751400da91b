"""How help writes what commands take: as manuals do, FILE for an argument, [FILE] for one that can be left out, FILE...
for several; N for the number of an option."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand

_VALUES = {"int": "N", "float": "X", "path": "PATH", "str": "TEXT"}
_VALUE = re.compile(r"<(int|float|path|str)(?: range)?>")


class Help:
    """Of a command or a group. Typer's own way is {FILE} and [FILE], with Python's types behind: FILE <list[Path]>."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - of Typer's copy of Click
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for one in ctx.command.get_params(ctx):
            record = one.get_help_record(ctx)
            if record is not None and one.param_type_name == "argument":
                sections["Arguments"].append((_written(one), record[1].removesuffix("[required]").rstrip()))
            elif record is not None:
                name = _VALUE.sub(lambda found: _VALUES[found[1]], record[0])
                sections["Options"].append((name, record[1]))
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Command(Help, TyperCommand):
    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 - likewise
        return ["[OPTIONS]", *(_written(one) for one in self.get_params(ctx) if one.param_type_name == "argument")]


def written_by_hand(app: typer.Typer) -> None:
    """All commands of an app, and of the apps in it, have such a help."""
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            written_by_hand(group.typer_instance)


def _written(argument: Any) -> str:  # noqa: ANN401 - likewise
    name = argument.metavar or str(argument.name).upper()
    if argument.nargs != 1:
        name += "..."
    return name if argument.required else f"[{name}]"
