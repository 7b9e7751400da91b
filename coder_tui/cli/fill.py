"""`coder fill FILE...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import changes, options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError

if TYPE_CHECKING:
    from coder_tui.assistant.fill import Filled
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.surroundings import Surroundings
    from coder_tui.core.document import Document


def register(app: typer.Typer) -> None:
    app.command(
        "fill",
        epilog=options.examples(
            "coder fill sort.py                  the file with its holes filled, printed",
            "coder fill sort.py heap.py --diff",
            "coder fill sort.py --write",
        ),
    )(fill)


def fill(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files with <FILL_ME> in them.")],
    diff: options.Diff = False,
    write: options.Write = False,
    json: options.Json = False,
    follow: options.Follow = False,
    no_context: options.NoContext = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Fill every <FILL_ME> marker in files, from top to bottom, each with the earlier ones filled.

    Without --diff, --write or --json the filled text is printed. A marker that the model has nothing for stays.
    """
    from coder_tui.assistant.fill import markers_in
    from coder_tui.edits.changing import Change

    with Status() as status:
        here = runtime.enter(directory, runtime.flags(model, max_tokens, temperature), near=files[0])
        documents = [runtime.read(path, here.settings) for path in dict.fromkeys(files)]
        for document in documents:
            if not markers_in(document):
                raise CoderError(
                    f"{document.name} has no <FILL_ME> in it", hint="put one where code is to be filled in"
                )
            if write:
                changes.refuse_early(here, document, follow=follow)
        with (
            runtime.surroundings(here, files[0], wanted=not no_context) as surroundings,
            runtime.ready(here.settings, status, yes=yes, kept=runtime.kept(here.settings, files[0])) as ready,
        ):
            rows: list[dict[str, object]] = []
            for document in documents:
                filled = _fill(here, ready, document, status, seed, surroundings)
                change = Change(document, tuple((one.span, one.text) for one in filled if one.text))
                rows.append({"path": str(document.path), "fills": [_json(one) for one in filled]})
                if write and change.replacements:
                    reason = f"fill {document.name}"
                    changes.write_back(here, change, follow=follow, reason=reason, json=json)
                if not (json or diff or write):
                    changes.print_whole(change)
                if diff and not json:
                    changes.show(here, change)
            if json:
                output.write_json({"files": rows, "model": ready.info.name})


def _fill(
    here: runtime.Place,
    ready: Ready,
    document: Document,
    status: Status,
    seed: int | None,
    surroundings: Surroundings | None,
) -> list[Filled]:
    from coder_tui.assistant.fill import fill as pipeline
    from coder_tui.assistant.fill import markers_in
    from coder_tui.assistant.infill import sampling

    count, done = markers_in(document), []
    status.show(f"{document.name}: filling 1 of {count} ...")
    name = "" if document.path is None else runtime.name_in(here.root, document.path)
    for one in pipeline(ready, document, sampling(ready.settings, seed), path=name, surroundings=surroundings):
        done.append(one)
        status.show(f"{document.name}: filling {len(done) + 1} of {count} ...")
        if not one.text:
            output.note(f"{document.name}:{one.position}: the model has nothing to put there")
    status.clear()
    return done


def _json(one: Filled) -> dict[str, object]:
    return {
        "line": one.position.line + 1,
        "column": one.position.column + 1,
        "text": one.text,
        "usage": runtime.usage_json(one.usage),
        "stop_reason": one.reason.value,
    }
