"""`coder config`: where the settings are, what they are, and changing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import output
from coder_tui.cli.options import Directory, Json, examples

if TYPE_CHECKING:
    from coder_tui.config.keymap import Action
    from coder_tui.config.known import Setting
    from coder_tui.config.load import Loaded

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Settings: defaults < your file < the project's .coder.toml < CODER_... variables < flags.",
    epilog=examples("coder config show", "coder config set model.name deepseek-1.3b"),
)


def _keys(incomplete: str) -> list[str]:
    from coder_tui.config.known import settings_by_key

    return [key for key in settings_by_key() if key.startswith(incomplete)]


Key = Annotated[str, typer.Argument(metavar="KEY", help="As `coder config show` lists it.", autocompletion=_keys)]
Project = Annotated[bool, typer.Option("--project", help="The project's file instead of your own.")]


@app.command("path", epilog=examples("coder config path", "$EDITOR $(coder config path)"))
def path_command(project: Project = False, directory: Directory = None, json: Json = False) -> None:
    """Print where the settings file is, or would be."""
    path = _file(directory, project=project)
    if json:
        output.write_json({"path": str(path), "exists": path.exists()})
    else:
        output.write(f"{path}\n")


@app.command(epilog=examples("coder config show", "coder config show suggest.max_tokens", "coder config show --json"))
def show(
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="One setting, with what it is for.", autocompletion=_keys)
    ] = None,
    directory: Directory = None,
    json: Json = False,
) -> None:
    """Print every setting, its value and where that comes from."""
    from coder_tui.config import edit
    from coder_tui.config.known import settings_by_key

    chosen = [edit.find(key)] if key else list(settings_by_key().values())
    loaded = _loaded(directory)
    for warning in loaded.warnings:
        output.note(f"warning: {warning}")
    if json:
        output.write_json({"settings": {one.key: _as_json(one, loaded) for one in chosen}})
    elif key:
        output.write(_described(chosen[0], loaded))
    else:
        output.write(_table(chosen, loaded))


@app.command(
    "set",
    epilog=examples(
        "coder config set suggest.max_tokens 64",
        "coder config set --project prompts.chat deepseek-preview",
        "coder config set model.gpu_layers auto",
    ),
)
def set_command(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number, a word, or text in quotes.")],
    project: Project = False,
    directory: Directory = None,
    json: Json = False,
) -> None:
    """Change one setting. Comments and order of the file stay."""
    from coder_tui.config import edit, toml

    path = _file(directory, project=project)
    written = edit.set_value(path, key, value, project=project)
    if json:
        output.write_json({"key": key, "value": written, "path": str(path)})
    else:
        output.note(f"{key} = {toml.literal(written)} in {path}")
    _tell_what_wins(key, path, directory)


@app.command(epilog=examples("coder config unset suggest.max_tokens"))
def unset(key: Key, project: Project = False, directory: Directory = None, json: Json = False) -> None:
    """Take one setting out of the file, so that the default holds again."""
    from coder_tui.config import edit

    path = _file(directory, project=project)
    removed = edit.unset(path, key)
    if json:
        output.write_json({"key": key, "removed": removed, "path": str(path)})
    else:
        output.note(f"{key} is {'no longer' if removed else 'not'} in {path}")


def _root(directory: Path | None) -> Path | None:
    from coder_tui.context import repository

    return repository.find_root(directory or Path.cwd())


def _file(directory: Path | None, *, project: bool) -> Path:
    """Of the settings to show or change. Raises UsageError for a project's outside of a repository."""
    from coder_tui.config import paths
    from coder_tui.core.errors import UsageError

    if not project:
        return paths.user_file()
    root = _root(directory)
    if root is None:
        where = (directory or Path.cwd()).absolute()
        raise UsageError(f"{where} is not in a git repository", hint="name one: coder config ... --project -C DIR")
    return root / paths.PROJECT_FILE


def _loaded(directory: Path | None) -> Loaded:
    from coder_tui.config import load

    return load.load(_root(directory), {})


def _tell_what_wins(key: str, path: Path, directory: Path | None) -> None:
    """Say so when the value that was just written is not the one that counts."""
    from coder_tui.core.errors import ConfigError

    try:
        origin = _loaded(directory).origins[key]
    except ConfigError as error:
        output.note(f"warning: {error}")
        return
    if not origin.endswith(f"file {path}"):
        output.note(f"note: {origin} sets it too and counts for more")


def _as_json(setting: Setting, loaded: Loaded) -> dict[str, object]:
    return {
        "value": loaded.settings.value(setting.key),
        "origin": loaded.origins[setting.key],
        "default": setting.default,
        "expects": setting.kind.expects,
        "about": setting.text,
        "variable": setting.variable,
        "project": setting.project is not None,
    }


def _described(setting: Setting, loaded: Loaded) -> str:
    from coder_tui.config.toml import literal

    lines = [
        f"{setting.key} = {literal(loaded.settings.value(setting.key))}",
        f"from:     {loaded.origins[setting.key]}",
        f"default:  {literal(setting.default)}",
        f"takes:    {setting.kind.expects}",
        f"variable: {setting.variable}",
        f"project:  {f'may set it to {setting.project.expects}' if setting.project else 'may not set it'}",
        "",
        setting.text,
    ]
    return "\n".join(lines) + "\n"


def _table(settings: list[Setting], loaded: Loaded) -> str:
    from coder_tui.config.toml import literal

    rows = [(one.key, literal(loaded.settings.value(one.key)), loaded.origins[one.key]) for one in settings]
    key_width = max(len(key) for key, _, _ in rows)
    value_width = min(32, max(len(value) for _, value, _ in rows))
    return "".join(f"{key:<{key_width}} = {value:<{value_width}}  {origin}\n" for key, value, origin in rows)


def _columns(action: Action) -> tuple[str, str, str]:
    return action.name, ", ".join(action.keys), action.where.value


@app.command("keys", epilog=examples("coder config keys", "coder config set keys.save ctrl+o"))
def keys_command(directory: Directory = None, json: Json = False) -> None:
    """Print the keys of the terminal app. They are settings: `coder config set keys.ACTION KEYS`."""
    from coder_tui.config.keymap import actions, conflicts

    table = actions(_loaded(directory).settings.keys)
    found = conflicts(table)
    if json:
        rows = [
            {"action": one.name, "keys": list(one.keys), "where": one.where.value, "title": one.title} for one in table
        ]
        output.write_json({"keys": rows, "conflicts": [str(one) for one in found]})
        return
    name, keys, where = (max(map(len, column)) for column in zip(*map(_columns, table), strict=True))
    for one in table:
        row = _columns(one)
        output.write(f"{row[0]:<{name}}  {row[1]:<{keys}}  {row[2]:<{where}}  {one.title}\n")
    for conflict in found:
        output.note(f"warning: {conflict}")
