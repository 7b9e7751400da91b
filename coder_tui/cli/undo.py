"""`coder undo` and `coder redo`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import changes, options, output, runtime
from coder_tui.core.errors import CoderError

if TYPE_CHECKING:
    from coder_tui.edits.changing import Place
    from coder_tui.edits.journal import Record

Id = Annotated[str | None, typer.Argument(metavar="ID", help="Of a change, or its beginning; without it the latest.")]
All = Annotated[bool, typer.Option("--all", "-a", help="Of all repositories and folders, not only of this one.")]
_SHORT = 6
"""What `--list` shows of an id."""


def register(app: typer.Typer) -> None:
    lines = (
        "coder undo               the latest change here",
        "coder undo --list",
        "coder undo 3f2a1c        an earlier one",
        "coder undo --list --all  also of other repositories",
    )
    app.command("undo", epilog=options.examples(*lines))(undo)
    app.command("redo", epilog=options.examples("coder redo               what was taken back last"))(redo)


def undo(
    id: Id = None,  # noqa: A002 - what users see
    list_: Annotated[bool, typer.Option("--list", help="Show what can be taken back instead.")] = False,
    all_: All = False,
    json: options.Json = False,
    directory: options.Directory = None,
) -> None:
    """Take back what coder wrote into files. An earlier change can be taken back alone, where later ones leave its
    lines alone; what you have changed since stays, or it is refused with the reason.
    """
    from coder_tui.edits import changing
    from coder_tui.edits.journal import State

    here = runtime.enter(directory)
    place, records = _open(here, all_=all_)
    if list_:
        _show(records, json=json)
        return
    found = _chosen(records, id, State.DONE, "there is nothing to take back here")
    changed = changing.undo(place, found)
    _told("took back", found, changed.warnings, json=json)


def redo(
    id: Id = None,  # noqa: A002 - what users see
    all_: All = False,
    json: options.Json = False,
    directory: options.Directory = None,
) -> None:
    """Make a change again that was taken back."""
    from coder_tui.edits import changing
    from coder_tui.edits.journal import State

    place, records = _open(runtime.enter(directory), all_=all_)
    found = _chosen(records, id, State.UNDONE, "nothing has been taken back here")
    changed = changing.redo(place, found)
    _told("made again", found, changed.warnings, json=json)


def _open(here: runtime.Place, *, all_: bool) -> tuple[Place, list[Record]]:
    """The journal, with what was interrupted taken back, and the changes here, the latest first; all of them with
    `all_`."""
    from coder_tui.edits import changing

    place = changes.place(here)
    if place.journal is None:
        raise CoderError("no journal is kept", hint="coder config unset journal.bytes")
    with place.journal.locked():
        for told in changing.recover(place.journal):
            output.note(f"note: {told}")
    if all_:
        return place, [one for one in place.journal.records() if not one.of]
    return place, place.journal.of(here.root, Path.cwd())


def _chosen(records: Sequence[Record], wanted: str | None, state: str, none: str) -> Record:
    if wanted is None:
        found = [one for one in records if one.state == state][:1]
    else:
        found = [one for one in records if one.id.startswith(wanted) or one.id[-_SHORT:].startswith(wanted)]
    if len(found) == 1 and found[0].state == state:
        return found[0]
    if not found:
        raise CoderError(none if wanted is None else f"there is no change {wanted} here", hint="coder undo --list")
    reason = f"{wanted} is the beginning of {len(found)} changes" if len(found) > 1 else f"{wanted} is {found[0].state}"
    raise CoderError(reason, hint="coder undo --list")


def _show(records: Sequence[Record], *, json: bool) -> None:
    if json:
        rows = [
            {
                "id": one.id,
                "time": one.time,
                "reason": one.reason,
                "state": one.state.value,
                "session": one.session or None,
                "files": [file.path for file in one.files],
            }
            for one in records
        ]
        output.write_json({"changes": rows})
        return
    if not records:
        output.note("nothing has been written here")
    for one in records:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.time))
        names = ", ".join(Path(file.path).name for file in one.files)
        state = "" if one.state == "done" else f" ({one.state})"
        output.write_row(f"{one.id[-_SHORT:]}  {when}  ", f"{one.reason}  {names}{state}")


def _told(what: str, record: Record, warnings: Sequence[str], *, json: bool) -> None:
    for warning in warnings:
        output.note(f"warning: {warning}")
    if json:
        output.write_json({"id": record.id, "reason": record.reason, "files": [file.path for file in record.files]})
        return
    names = ", ".join(Path(file.path).name for file in record.files)
    output.note(f"{what}: {record.reason} ({names})")
