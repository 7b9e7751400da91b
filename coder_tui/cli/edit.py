"""`coder edit FILE[:A-B] "instruction"`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import changes, options, output, picking, places, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.rewrite import Rewritten
    from coder_tui.assistant.selection_edit import Lines
    from coder_tui.cli.places import LineRange
    from coder_tui.core.document import Document
    from coder_tui.edits.changing import Change


def register(app: typer.Typer) -> None:
    app.command(
        "edit",
        epilog=options.examples(
            'coder edit utils.py:10-24 "handle an empty list"            as a diff',
            'coder edit utils.py:10-24 "handle an empty list" --write    into the file; coder undo takes it back',
            'coder edit utils.py "add type hints" --pick                 hunk by hunk',
            'coder edit app.py:10-24 "use retry of @net.py"               that file goes along',
            'coder edit utils.py:25 "a function that shortens a path"    new code at a blank line',
            'coder edit slug.py "make a URL slug of a title" --write      a new file',
            'coder edit setup.sh "quote all variables" --json',
        ),
    )(edit)


def edit(
    target: Annotated[str, typer.Argument(metavar="FILE[:A-B]", help="The lines to change; 1-based.")],
    instruction: Annotated[str, typer.Argument(metavar="INSTRUCTION", help="What to do with them.")],
    file: options.Attached = None,
    write: options.Write = False,
    pick: options.Pick = False,
    json: options.Json = False,
    follow: options.Follow = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    no_context: options.NoContext = False,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Rewrite lines of a file as you say. A diff is printed; the file changes only with --write.

    In place of a blank line, behind the last one, and in a file that is not there yet new code is written. All other
    lines stay, byte for byte. When the result does not parse the model is asked once more, and you are told. Functions,
    classes and files that the instruction names go along, files that it mentions as @PATH whole; and what .coder.md
    tells.
    """
    from dataclasses import replace

    from coder_tui.assistant.rewrite import rewrite
    from coder_tui.core.document import reference
    from coder_tui.core.prompt import Sampling

    if pick:
        picking.refuse_without_terminal()
    if not instruction.strip():
        raise UsageError("the instruction is empty")
    wanted = places.line_range(target)
    with Status() as status:
        here = runtime.enter(directory, runtime.flags(model, max_tokens, temperature, "chat"), near=wanted.path)
        document = _document(here, wanted)
        lines = _lines(here, document, wanted)
        if write or pick:
            changes.refuse_early(here, document, follow=follow)
        lines = replace(lines, attached=tuple(runtime.attached(here, file or [])))
        sampling = Sampling(temperature=0.0 if temperature is None else temperature, seed=seed)
        with (
            runtime.surroundings(here, wanted.path, wanted=not no_context) as surroundings,
            runtime.ready(here.settings, status, yes=yes) as ready,
        ):
            lines = replace(lines, surroundings=surroundings)
            found = rewrite(ready, lines, instruction, sampling, status.show)
            name = ready.info.name
        status.clear()
        change = _change(document, found.text)
        where = reference(str(wanted.path), lines.first + 1, lines.last + 1) if document.digest else str(wanted.path)
        is_change = _is_one(change)
        if pick and is_change:
            change = next(iter(picking.picked(here, [change])), _change(document, lines.text))
        if (write or pick) and _is_one(change):
            changes.write_back(here, change, follow=follow, reason=f"edit {where}", json=json)
        if json:
            output.write_json(_json(here, change, found, name))
        elif not (write or pick):
            changes.show(here, change)
        _tell(found, changed=is_change)


def _document(here: runtime.Place, wanted: LineRange) -> Document:
    """The file, or an empty one under a name that nothing near it has: else it is a slip of the hand."""
    import os

    from coder_tui.core.document import Document

    try:
        return runtime.read(wanted.path, here.settings)
    except DocumentError as error:
        if error.hint or wanted.first is not None or os.path.lexists(wanted.path):
            raise
    return Document("", wanted.path)


def _change(document: Document, text: str) -> Change:
    """That makes LF `text` of a document; of one that was never read, a new file."""
    from dataclasses import replace

    from coder_tui.edits.changes import spans
    from coder_tui.edits.changing import Change

    if not document.digest:
        return Change(replace(document, text=text), ())
    return Change(document, tuple(spans(document, text)))


def _is_one(change: Change) -> bool:
    return bool(change.replacements) or (not change.document.digest and bool(change.document.text))


def _lines(here: runtime.Place, document: Document, wanted: LineRange) -> Lines:
    from coder_tui.assistant.selection_edit import Lines
    from coder_tui.core.document import to_lf

    text = to_lf(document.text)
    count = text.count("\n") + (not text.endswith("\n"))
    first = 0 if wanted.first is None else wanted.first - 1
    last = count - 1 if wanted.first is None else (wanted.last or wanted.first) - 1
    if not (first == last == count and text.endswith("\n")):
        wanted.within(document)  # which refuses lines that are not there
    name = runtime.name_in(here.root, wanted.path)
    return Lines(text, first, max(first, last), name, wanted.path.suffix.lstrip("."))


def _json(here: runtime.Place, change: Change, found: Rewritten, model: str) -> dict[str, object]:
    return {
        "diff": changes.diff_of(here, change),
        "changed": _is_one(change),
        "parses": not found.broken,
        "tries": found.tries,
        "removes": list(found.gone),
        "repeats": list(found.twice),
        "attachments": list(found.attached),
        "cuts": list(found.cuts),
        "usage": runtime.usage_json(found.usage),
        "model": model,
    }


def _tell(found: Rewritten, *, changed: bool) -> None:
    if found.attached and sys.stderr.isatty():
        output.note(f"with {', '.join(found.attached)}")
    for cut in found.cuts:
        output.note(f"note: {cut}")
    if not changed:
        output.note("the model would change nothing")
    elif found.broken:
        output.note("warning: the result does not parse, twice; look at it before you keep it")
    elif found.is_part:
        output.note("note: the model gave no more than some lines; they stand in place of those that begin alike")
    elif found.tries > 1:
        output.note("note: the first answer was no use; this is the second")
    if changed and found.gone:
        output.note(f"note: it takes away: {', '.join(found.gone)}")
    if changed and found.twice:
        output.note(f"note: the file defines already: {', '.join(found.twice)}")
