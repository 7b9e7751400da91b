"""`coder infill FILE:LINE[:COL]`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import changes, options, output, places, runtime
from coder_tui.cli.status import Status
from coder_tui.cli.streaming import printed
from coder_tui.core.errors import UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.infill import Infilled
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.reading import Hole
    from coder_tui.core.document import Document


def register(app: typer.Typer) -> None:
    app.command(
        "infill",
        epilog=options.examples(
            "coder infill utils.py:12               at the end of line 12, printed",
            "coder infill utils.py:12:5 --diff      as a diff",
            "coder infill utils.py:12:5 --write     into the file",
            "coder infill main.py:8 -f utils.py     with another file sent along",
            "cat draft.py | coder infill utils.py:12 --stdin --json",
        ),
    )(infill)


@dataclass(frozen=True, slots=True)
class _Ask:
    """What the command line asked for."""

    diff: bool
    write: bool
    json: bool
    follow: bool


def infill(
    target: Annotated[str, typer.Argument(metavar="FILE:LINE[:COL]", help="Where to fill in; 1-based.")],
    stdin: Annotated[bool, typer.Option("--stdin", help="Take the file's text, unsaved, from stdin.")] = False,
    diff: options.Diff = False,
    write: options.Write = False,
    json: options.Json = False,
    follow: options.Follow = False,
    files: options.Snippets = None,
    no_context: options.NoContext = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Fill the hole at a place in a file, from what stands before and after it.

    Without a column the place is the end of the line. The text is printed; the file changes only with --write.
    """
    from coder_tui.assistant import infill as pipeline
    from coder_tui.assistant.reading import Hole

    if stdin and write:
        raise UsageError("--stdin and --write do not go together: what would be written is not what is on disk")
    place = places.place(target)
    with Status() as status:
        here = runtime.enter(directory, runtime.flags(model, max_tokens, temperature), near=place.path)
        document = _document(place.path, here, stdin=stdin)
        position = place.within(document)
        if write:
            changes.refuse_early(here, document, follow=follow)
        snippets = () if no_context else runtime.snippets(here, files)
        name = runtime.name_in(here.root, place.path)
        with (
            runtime.surroundings(here, place.path, wanted=not no_context) as surroundings,
            runtime.ready(here.settings, status, yes=yes, kept=runtime.kept(here.settings, place.path)) as ready,
        ):
            hole = Hole(document, position, name, snippets, surroundings)
            sampling = pipeline.sampling(here.settings, seed)
            ask = _Ask(diff, write, json, follow)
            events = pipeline.infill(ready, hole, sampling, pipeline.Manner(tries=pipeline.TRIES))
            result = printed(events, status, show=not (diff or write or json))
            _report(here, ready, hole, result, ask, str(place.path))


def _document(path: Path, here: runtime.Place, *, stdin: bool) -> Document:
    return runtime.read_stdin(here.settings, path) if stdin else runtime.read(path, here.settings)


def _report(here: runtime.Place, ready: Ready, hole: Hole, result: Infilled, ask: _Ask, path: str) -> None:
    from coder_tui.edits.changing import Change

    text = result.suggestion.text
    change = Change(hole.document, ((result.suggestion.span, text),))
    if ask.write and text:  # before anything is printed: where it fails, only the change is
        where = f"{path}:{hole.position}"
        changes.write_back(here, change, follow=ask.follow, reason=f"infill {where}", json=ask.json)
    if ask.json:
        output.write_json(
            {
                "text": text,
                "path": path,
                "line": hole.position.line + 1,
                "column": hole.position.column + 1,
                "tries": result.tries,
                "usage": runtime.usage_json(result.usage),
                "stop_reason": result.reason.value,
                "model": ready.info.name,
            }
        )
    if not text:
        output.note("the model has nothing to put there")
    elif ask.diff and not ask.json:
        changes.show(here, change)
