"""Changes to files as commands make them: shown as a diff, written through `edits`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coder_tui.cli import output, runtime
from coder_tui.core.document import Document
from coder_tui.core.errors import ChangedOnDiskError, WriteError
from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coder_tui.edits.changing import Change, Changed, Place

_TRIES = 5
"""Somebody may save a file again while a change is merged into it."""


def print_whole(change: Change) -> None:
    """The whole text after the change, on stdout: in a pipe the very bytes that would be written."""
    from coder_tui.edits import files, write

    after = write.replaced(change.document, change.replacements)
    if output.out_is_terminal():
        output.write(after)
    else:
        output.write_bytes(change.document.bom + files.encode(after, change.document))


def show(here: runtime.Place, change: Change) -> None:
    """A unified diff on stdout: coloured text on a terminal, the file's own bytes in a pipe, so that it applies."""
    from coder_tui.edits import diff, write

    if not output.out_is_terminal():
        before, is_new = _before(change)
        after = write.replaced(change.document, change.replacements)
        output.write_bytes(diff.patch(_name(here, change), before, after, is_new=is_new))
        return
    from rich.text import Text

    console = output.console()
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in plain(diff_of(here, change)).splitlines():
        header = line.startswith(("+++", "---"))
        console.print(Text(line, "bold" if header else styles.get(line[:1], "")), soft_wrap=True)


def diff_of(here: runtime.Place, change: Change) -> str:
    """The change as a unified diff."""
    from coder_tui.edits import diff, write

    before, is_new = _before(change)
    after = write.replaced(change.document, change.replacements)
    return diff.unified(_name(here, change), before.text, after, is_new=is_new)


def _before(change: Change) -> tuple[Document, bool]:
    """What was there, and whether the change makes a new file: its document has all of the new text."""
    document = change.document
    is_new = document.path is not None and not document.digest
    return (replace(document, text="") if is_new else document), is_new


def _name(here: runtime.Place, change: Change) -> str:
    path = change.document.path
    return runtime.name_in(here.root, path) if path is not None else "stdin"


def refuse_early(here: runtime.Place, document: Document, *, follow: bool) -> None:
    """Raises the WriteError that writing would end with, before anybody waits for a model."""
    from coder_tui.edits import write

    write.check(document, repository=here.root, follow=follow)


def place(here: runtime.Place, *, follow: bool = False) -> Place:
    """Where this command changes files, and the journal that keeps what they were."""
    from coder_tui.assistant.saving import place_of

    return replace(place_of(here.root, here.settings), follow=follow)


def write_back(here: runtime.Place, change: Change, *, follow: bool, reason: str, json: bool = False) -> None:
    """Write the file. Raises WriteError; then its content is as it was, and the change is shown: what the model was
    waited for is not lost. With `json` it is not, since stdout is for one object."""
    try:
        write_all(here, [change], follow=follow, reason=reason)
    except WriteError:
        if not json:
            show(here, change)
        raise


def write_all(here: runtime.Place, wanted: Sequence[Change], *, follow: bool, reason: str, session: str = "") -> None:
    """Write files, all or none; what has been saved anew meanwhile is merged, and said. Raises WriteError; then their
    content is as it was."""
    there = place(here, follow=follow)
    wanted, changed, merged = _applied(here, there, wanted, reason=reason, session=session)
    if merged:
        output.note(f"note: {', '.join(merged)} has changed since it was read; what you wrote there is kept")
    for warning in changed.warnings:
        output.note(f"warning: {warning}")
    taken = "; coder undo takes it back" if changed.record is not None else ""
    for change in wanted:
        texts = [text for _, text in change.replacements] or [change.document.text.removesuffix("\n")]
        added = sum(text.count("\n") + 1 for text in texts if text)
        output.note(f"wrote {change.document.path} ({added} line{'s' if added != 1 else ''}{taken})")


def _applied(
    here: runtime.Place, there: Place, wanted: Sequence[Change], *, reason: str, session: str
) -> tuple[Sequence[Change], Changed, Sequence[str]]:
    """(the changes as they were made, what came of them, the files that were merged)."""
    from coder_tui.edits import changing
    from coder_tui.edits.rebasing import onto_disk

    merged: dict[str, None] = {}
    for _ in range(_TRIES):
        try:
            return wanted, changing.apply(there, wanted, reason=reason, session=session), list(merged)
        except ChangedOnDiskError:
            wanted, names = onto_disk(wanted, max_bytes=here.settings.files.max_bytes)
            if not names:
                raise
            merged.update(dict.fromkeys(names))
    return wanted, changing.apply(there, wanted, reason=reason, session=session), list(merged)
