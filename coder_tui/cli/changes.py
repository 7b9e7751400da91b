"""Changes to files as commands make them: shown as a diff, written through `edits`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_tui.cli import output, runtime
from coder_tui.core.document import Document
from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from coder_tui.edits.changing import Change, Place


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

    document = change.document
    name = runtime.name_in(here.root, document.path) if document.path is not None else "stdin"
    after = write.replaced(document, change.replacements)
    if not output.out_is_terminal():
        output.write_bytes(diff.patch(name, document, after))
        return
    from rich.text import Text

    console = output.console()
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in plain(diff.unified(name, document.text, after)).splitlines():
        header = line.startswith(("+++", "---"))
        console.print(Text(line, "bold" if header else styles.get(line[:1], "")), soft_wrap=True)


def refuse_early(here: runtime.Place, document: Document, *, follow: bool) -> None:
    """Raises the WriteError that writing would end with, before anybody waits for a model."""
    from coder_tui.edits import write

    write.check(document, repository=here.root, follow=follow)


def place(here: runtime.Place, *, follow: bool = False) -> Place:
    """Where this command changes files, and the journal that keeps what they were."""
    from coder_tui.config import paths
    from coder_tui.edits.changing import Place
    from coder_tui.edits.journal import Journal

    return Place(Journal(paths.journal_dir()) if here.settings.journal.bytes else None, here.root, follow)


def write_back(here: runtime.Place, change: Change, *, follow: bool, reason: str) -> None:
    """Write the file. Raises WriteError; then its content is as it was."""
    from coder_tui.edits import changing

    there = place(here, follow=follow)
    changed = changing.apply(there, [change], reason=reason)
    for warning in changed.warnings:
        output.note(f"warning: {warning}")
    added = sum(text.count("\n") + 1 for _, text in change.replacements if text)
    taken = "; coder undo takes it back" if changed.record is not None else ""
    output.note(f"wrote {change.document.path} ({added} line{'s' if added != 1 else ''}{taken})")
    if there.journal is not None:
        there.journal.prune(here.settings.journal.bytes, here.settings.journal.days)
