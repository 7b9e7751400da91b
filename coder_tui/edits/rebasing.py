"""Changes of files that somebody has saved anew since they were read: merged into what the files are now."""

from __future__ import annotations

from collections.abc import Sequence

from coder_tui.core.document import to_lf
from coder_tui.core.errors import ChangedOnDiskError
from coder_tui.edits import changes, files, write
from coder_tui.edits.changing import Change
from coder_tui.edits.merge import conflicts, merge


def onto_disk(wanted: Sequence[Change], *, max_bytes: int) -> tuple[list[Change], list[str]]:
    """(the changes as of the files now, the names of those that have been written since they were read).

    Raises ChangedOnDiskError, with the lines, where the same ones were changed; DocumentError where a file is not there
    any more or no text.
    """
    merged: list[Change] = []
    names: list[str] = []
    for change in wanted:
        document = change.document
        if document.path is None or not document.digest:
            merged.append(change)
            continue
        now = files.read(document.path, max_bytes=max_bytes)
        if now.digest == document.digest:
            merged.append(change)
            continue
        base, ours = to_lf(document.text), to_lf(now.text)
        theirs = to_lf(write.replaced(document, change.replacements))
        text = merge(base, ours, theirs)
        if text is None:
            places = ", ".join(_place(*place) for place in conflicts(base, ours, theirs))
            raise ChangedOnDiskError(
                f"{document.path} has changed since it was read, and where it was to be changed: {places}; nothing was "
                "written",
                hint="run the same command again",
            )
        names.append(document.name)
        merged.append(Change(now, tuple(changes.spans(now, text))))
    return merged, names


def _place(first: int, last: int) -> str:
    """As users count lines."""
    return f"line {first + 1}" if last <= first else f"lines {first + 1}-{last + 1}"
