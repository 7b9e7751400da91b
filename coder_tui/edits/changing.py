"""Changing files so that it can be taken back: through the journal, several files all or none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from coder_tui.config.atomic import clean
from coder_tui.core.document import Document, Span
from coder_tui.core.errors import ChangedOnDiskError, CoderError, WriteError
from coder_tui.edits import write
from coder_tui.edits.journal import Contents, Journal, Record, State, digest
from coder_tui.edits.merge import merge


@dataclass(frozen=True, slots=True)
class Change:
    """A document and what replaces some spans of it (LF text). One that was never read (no digest) is a new file."""

    document: Document
    replacements: tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was made."""

    record: Record | None
    """None where nothing is kept."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where changes are made."""

    journal: Journal | None
    """None keeps nothing: then a change of several files is not all or none when the program is killed."""
    root: Path | None
    """Of the repository."""
    follow: bool = False
    """Whether to write through links that lead out of it."""


def apply(place: Place, changes: Sequence[Change], *, reason: str, session: str = "") -> Changed:
    """Change files, all or none. Raises WriteError, ChangedOnDiskError; then every file is as it was."""
    if place.journal is None:
        contents = [_contents(change) for change in changes]
        return Changed(None, _put_all(contents, place))
    with place.journal.locked():
        recover(place.journal)
        contents = [_contents(change) for change in changes]
        return _make(place, place.journal, contents, reason=reason, session=session)


def undo(place: Place, record: Record) -> Changed:
    """Take a change back, also one among later ones where these do not touch the same lines. One that was written
    through a link is taken back through it.

    Raises WriteError, with the reason, when the user or a later change has changed those lines since.
    """
    journal = _journal(place)
    with journal.locked():
        turned = [_reversed(one) for one in journal.contents(record)]
        return _turn(place, journal, record, turned, State.UNDONE)


def redo(place: Place, record: Record) -> Changed:
    """Make a change again that was taken back. Raises as `undo`."""
    journal = _journal(place)
    with journal.locked():
        return _turn(place, journal, record, journal.contents(record), State.DONE)


def recover(journal: Journal) -> list[str]:
    """Take back what was interrupted, within `journal.locked`; what was done is told in lines for the user.

    A file that is neither what it was nor what it was to become has been written by somebody else since: it stays.
    """
    told: list[str] = []
    journal.clean()
    for place, record in enumerate(journal.records()):
        if place == 0 or record.state is State.BEGUN:
            for folder in {Path(file.path).parent for file in record.files}:
                clean(folder)
        if record.state is not State.BEGUN:
            continue
        now = {file.path: digest(_now(Path(file.path))) for file in record.files}
        if all(now[file.path] != file.before for file in record.files):
            journal.mark(record, State.DONE)
            continue
        with suppress(CoderError, OSError):
            _roll_back(journal.contents(record), Path(record.root) if record.root else None)
            mine = [file.path for file in record.files if now[file.path] not in (file.before, file.after)]
            if mine:
                journal.mark(record, State.DONE)
            else:
                journal.forget(record)
            told.append(f"a change that was interrupted has been taken back: {record.reason}{_but(record, mine)}")
    return told


def _but(record: Record, mine: Sequence[str]) -> str:
    if not mine:
        return ""
    names = ", ".join(mine)
    return f"; but {names} has been changed since and stays as it is (coder undo {record.id[-6:]} merges it)"


def _journal(place: Place) -> Journal:
    if place.journal is None:
        raise WriteError("no journal is kept (journal.bytes is 0): nothing can be taken back")
    return place.journal


def _turn(place: Place, journal: Journal, record: Record, wanted: Sequence[Contents], state: State) -> Changed:
    """From `before` to `after` of each file, merged into what it is now."""
    contents = [_merged(one) for one in wanted]
    root = Path(record.root) if record.root else None
    place = replace(place, root=root, follow=place.follow or record.follow)
    reason = f"{'undo' if state is State.UNDONE else 'redo'} of {record.reason}"
    changed = _make(place, journal, contents, reason=reason, session=record.session, of=record.id)
    with suppress(OSError):  # taking it back once more would find nothing to do
        journal.mark(record, state)
    return changed


def _merged(wanted: Contents) -> Contents:
    now = _now(wanted.path)
    if now == wanted.before:
        return wanted
    if now == wanted.after:
        return replace(wanted, before=now)
    if now is None or wanted.before is None or wanted.after is None:
        what = "is not there any more" if now is None else "has changed since"
        raise ChangedOnDiskError(f"{wanted.path} {what}; it stays as it is")
    base, ours, theirs = (data.decode("latin-1") for data in (wanted.before, now, wanted.after))
    text = merge(base, ours, theirs)
    if text is None:
        raise ChangedOnDiskError(
            f"{wanted.path}: the same lines have been changed since; it stays as it is",
            hint="take the later change back first, or edit the lines by hand",
        )
    return Contents(wanted.path, now, text.encode("latin-1"))


def _make(
    place: Place, journal: Journal, contents: Sequence[Contents], *, reason: str, session: str, of: str = ""
) -> Changed:
    """Written down, made, marked as done; on a failure everything is as it was."""
    try:
        record = journal.begin(contents, root=place.root, reason=reason, session=session, of=of, follow=place.follow)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise WriteError(f"the undo journal cannot be written: {said}; nothing was changed") from error
    try:
        warnings = _put_all(contents, place)
    except BaseException:
        with suppress(CoderError, OSError):
            # Where the way back failed too, the record is what the next start takes it back by.
            if not any(one.before != one.after and _now(one.path) == one.after for one in contents):
                journal.forget(record)
        raise
    with suppress(OSError):  # the next start finds that all files are what they were to become
        record = journal.mark(record, State.DONE)
    with suppress(OSError):
        journal.prune()
    return Changed(record, warnings)


def _put_all(contents: Sequence[Contents], place: Place) -> tuple[str, ...]:
    """All files or none."""
    warnings: list[str] = []
    try:
        for one in contents:
            warnings.extend(_put(one, place.root, follow=place.follow))
    except BaseException:
        _roll_back(contents, place.root, follow=place.follow)
        raise
    return tuple(warnings)


def _roll_back(contents: Sequence[Contents], root: Path | None, *, follow: bool = True) -> None:
    """Files that are what they were to become get back what they were."""
    for one in contents:
        if one.before != one.after and _now(one.path) == one.after:
            _put(_reversed(one), root, follow=follow)


def _put(one: Contents, root: Path | None, *, follow: bool) -> Sequence[str]:
    if one.before == one.after:
        return ()
    if one.before is None:
        write.create(one.path, one.after or b"", repository=root)
        return ()
    if one.after is None:
        write.remove(one.path, digest=digest(one.before), folders=one.folders)
        return ()
    return write.put(one.path, [one.after], digest=digest(one.before), repository=root, follow=follow)


def _contents(change: Change) -> Contents:
    """What a file is, which must be what was read, and what it becomes."""
    document = change.document
    if document.path is None:
        raise WriteError("text from standard input cannot be written back", hint="name a file instead")
    path = document.path.absolute()
    after = write.after(document, change.replacements)
    if not document.digest:
        return Contents(path, None, after, len(write.missing_folders(path)))
    now = _now(path)
    if digest(now) != document.digest:
        what = "is not there any more" if now is None else "has changed since it was read"
        raise ChangedOnDiskError(f"{document.path} {what}; nothing was written", hint="run the same command again")
    return Contents(path, now, after)


def _reversed(one: Contents) -> Contents:
    return replace(one, before=one.after, after=one.before)


def _now(path: Path) -> bytes | None:
    try:
        return write.content(path)
    except OSError as error:
        raise WriteError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
