"""`coder apply [FILE...]`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import changes, options, output, picking, runtime
from coder_tui.core.errors import CoderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coder_tui.edits.changing import Change


def register(app: typer.Typer) -> None:
    app.command(
        "apply",
        epilog=options.examples(
            "coder apply                            the last answer of the latest chat here, as a diff",
            "coder apply --write                    into the files; coder undo takes it back",
            "coder apply --pick                     hunk by hunk: taken, left, or edited first",
            "coder apply --session 3f2a1c9e --write",
            "pbpaste | coder apply stats.py         any model's answer; code that names no file is for stats.py",
        ),
    )(apply)


def apply(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="What code may be for that names no file.")
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="The last answer of this chat (coder sessions list).")
    ] = None,
    write: options.Write = False,
    pick: options.Pick = False,
    json: options.Json = False,
    follow: options.Follow = False,
    directory: options.Directory = None,
) -> None:
    """Make an answer's code a change of files: of what is piped in, else of the last answer here. No model is asked.

    Code blocks, unified diffs and search/replace blocks are understood, of one file or of several; a diff is printed,
    and the files change only with --write, all or none. Where it is not clear what belongs where, where code was left
    out, or where an answer wants to write outside of the repository, nothing is done and you are told.
    """
    from coder_tui.assistant.answer_changes import changes_of
    from coder_tui.assistant.surroundings import patterns

    if pick:
        picking.refuse_without_terminal()
    here = runtime.enter(directory)
    root = here.root or Path.cwd()
    piped = "" if session or sys.stdin.isatty() else runtime.read_stdin(here.settings).text
    answer, attached, chat = (piped, (), "") if piped.strip() else _said(here, session)
    candidates = [path.absolute() for path in files or ()] or [root / name for name in attached]
    found = changes_of(
        answer,
        root,
        candidates=candidates,
        exclude=patterns(here.settings.context.exclude),
        max_bytes=here.settings.files.max_bytes,
    )
    for note in found.notes:
        output.note(f"note: {note}")
    if pick and found.changes:
        found = replace(found, changes=tuple(picking.picked(here, found.changes)))
        write = True
    if write and found.changes:
        names = ", ".join(_name(here, one) for one in found.changes)
        changes.write_all(here, found.changes, follow=follow, reason=f"apply to {names}", session=chat)
    if json:
        output.write_json(_json(here, found.changes, found.notes, written=write and bool(found.changes)))
    elif not write:
        for one in found.changes:
            changes.show(here, one)
    if not found.changes:
        output.note("nothing was taken" if pick else "the answer would change nothing")


def _said(here: runtime.Place, session: str | None) -> tuple[str, Sequence[str], str]:
    """The last answer of a chat, the files that went with the question, the chat's id. Raises CoderError."""
    from coder_tui.cli.sessions import opened

    with opened() as sessions:
        latest = [sessions.find(session)] if session else sessions.all(str(here.root or ""), 1)
        said = sessions.messages(latest[0].id) if latest else []
    answers = [at for at, one in enumerate(said) if one.role == "assistant" and one.text.strip()]
    if not answers:
        raise CoderError("there is no answer to apply", hint="pipe one in, or ask first: coder chat -f FILE ...")
    last = said[answers[-1]]
    if not last.is_whole:
        raise CoderError("the last answer was cut off", hint="ask again: coder chat --continue ...")
    asked = next((one for one in reversed(said[: answers[-1]]) if one.role == "user"), None)
    root = here.root or Path.cwd()
    attached = [one.name for one in asked.attachments] if asked is not None else []
    return last.text, [name for name in dict.fromkeys(attached) if (root / name).is_file()], latest[0].id


def _json(here: runtime.Place, found: Sequence[Change], notes: Sequence[str], *, written: bool) -> dict[str, object]:
    return {
        "changed": bool(found),
        "written": written,
        "files": [_name(here, one) for one in found],
        "diff": "".join(changes.diff_of(here, one) for one in found),
        "notes": list(notes),
    }


def _name(here: runtime.Place, change: Change) -> str:
    path = change.document.path
    return runtime.name_in(here.root or Path.cwd(), path) if path is not None else ""
