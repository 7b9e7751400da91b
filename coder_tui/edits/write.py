"""Putting replacements into a file on disk: all of it or nothing, and every other byte as it was."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from coder_tui.config.atomic import clean, put_new, replace_file, staged_in, sync_directory
from coder_tui.core.document import LINE_END, Document, Span, to_lf, with_newline
from coder_tui.core.errors import ChangedOnDiskError, WriteError
from coder_tui.edits.files import encode, open_regular

_BLOCK = 1 << 20


def apply(
    document: Document, replacements: Sequence[tuple[Span, str]], *, repository: Path | None, follow: bool = False
) -> tuple[str, ...]:
    """Writes a document's file with some spans replaced by LF text; returns warnings for the user.

    The file keeps its encoding, byte order mark, line endings, mode, owner and extended attributes. It is refused when
    it is no longer what was read (ChangedOnDiskError), when it may not be written, or when it is reached through a link
    that leads out of `repository` (outside of one: out of the link's directory) and `follow` is not set. Every failure
    is a WriteError and leaves the old content. What another program writes between the last look at the file and the
    rename is found and put back (on Linux; elsewhere that moment remains); only a program that had opened the file
    before and writes into it afterwards writes into what is gone.
    """
    pieces = [document.bom, *(encode(piece, document) for piece in _pieces(document, replacements))]
    return put(_path(document), pieces, digest=document.digest, repository=repository, follow=follow)


def after(document: Document, replacements: Sequence[tuple[Span, str]]) -> bytes:
    """What `apply` would put into the file. Raises WriteError as it does."""
    return document.bom + b"".join(encode(piece, document) for piece in _pieces(document, replacements))


def put(
    path: Path, data: Iterable[bytes], *, digest: str, repository: Path | None, follow: bool = False
) -> tuple[str, ...]:
    """As `apply`, for bytes in place of the whole content; `digest` is the SHA-256 of what it must be now."""
    try:
        target, old = _writable(path, repository, follow=follow)
        replace_file(
            target,
            data,
            mode=0o600,
            prepare=lambda descriptor: _keep_metadata(descriptor, target, old),
            confirm=lambda now: _refuse_changed(path, digest, now),
        )
    except OSError as error:
        raise _failure(path, error) from error
    clean(target.parent)
    return tuple(_warnings(path, old, target))


def create(path: Path, data: bytes, *, repository: Path | None = None) -> None:
    """Make a file with all of its content, in a folder that is there or not. Raises WriteError when something of that
    name is there, or when it would lie outside of `repository`."""
    try:
        folder = path.parent.resolve()
        _refuse_new(path, repository)
        made = missing_folders(folder / path.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise WriteError(f"cannot create {folder}: a file has that name") from None
        staged = staged_in(folder)
        try:
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(descriptor)
            put_new(staged, folder / path.name)
        finally:
            with contextlib.suppress(OSError):  # the file is there, or why it is not is told already
                staged.unlink(missing_ok=True)
        for one in (folder, *(new.parent for new in made)):
            sync_directory(one)
        clean(folder)
    except FileExistsError:
        raise WriteError(f"{path} is there already", hint="choose another name") from None
    except OSError as error:
        raise WriteError(f"cannot create {path}: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise WriteError(f"cannot create {path}: its name cannot be one of a file") from None


def _refuse_new(path: Path, repository: Path | None) -> None:
    """Raises WriteError for a new file that may not be made, or cannot be as things stand."""
    folder = path.parent.resolve()
    if repository is not None and not folder.is_relative_to(repository.resolve()):
        raise WriteError(f"{path} is outside of the repository")
    there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    if not there.is_dir():
        raise WriteError(f"cannot create {path}: {there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise WriteError(f"cannot create {path}: permission denied")


def missing_folders(path: Path) -> list[Path]:
    """The folders above a file that are not there, the nearest first."""
    return list(takewhile(lambda folder: not os.path.lexists(folder), path.parents))


def remove(path: Path, *, digest: str, folders: int = 0) -> None:
    """Take a file away that is still what `digest` (SHA-256) says, and so many folders above it where nothing else is
    in them. Raises ChangedOnDiskError, WriteError; then it is as it was."""
    staged = staged_in(path.parent)
    try:
        _refuse_changed(path, digest, path)
        path.rename(staged)
        try:
            _refuse_changed(path, digest, staged)  # somebody may have written into it since the last look
            staged.unlink()
        except BaseException:
            with contextlib.suppress(FileExistsError):  # it has been made anew by now
                put_new(staged, path)
            raise
        finally:
            staged.unlink(missing_ok=True)
    except ChangedOnDiskError:
        raise ChangedOnDiskError(f"{path} has changed since; it stays as it is") from None
    except OSError as error:
        raise _failure(path, error) from error
    sync_directory(path.parent)
    with contextlib.suppress(OSError):
        for folder in list(path.parents)[:folders]:
            folder.rmdir()
            sync_directory(folder.parent)


def content(path: Path) -> bytes | None:
    """What a regular file holds; None when there is none. Raises OSError."""
    try:
        with os.fdopen(open_regular(path), "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def check(document: Document, *, repository: Path | None, follow: bool = False) -> None:
    """Raises the WriteError that `apply` would raise as things stand, or `create` for a document that was never read:
    to be known before a model is asked."""
    path = _path(document)
    if not document.digest:
        _refuse_new(path, repository)
        return
    try:
        _writable(path, repository, follow=follow)
    except OSError as error:
        raise _failure(path, error) from error


def replaced(document: Document, replacements: Sequence[tuple[Span, str]]) -> str:
    """The document's text, with its own line endings, after the replacements."""
    return "".join(_pieces(document, replacements))


def _pieces(document: Document, replacements: Sequence[tuple[Span, str]]) -> list[str]:
    """What was between the spans and what comes in their place, in turn. Raises ValueError when spans overlap."""
    pieces, end = [], 0
    for span, text in sorted(replacements, key=lambda item: item[0]):
        if not end <= span.start <= span.end <= len(document.text):
            raise ValueError(f"{span} overlaps another one or lies outside the text")
        pieces += [document.text[end : span.start], with_newline(to_lf(text), _newline_at(document, span.start))]
        end = span.end
    return [*pieces, document.text[end:]]


def _newline_at(document: Document, offset: int) -> str:
    """The line ending of the line that holds `offset`; its last line has none, there it is the one that most lines
    have."""
    text = document.text
    if text[max(0, offset - 1) : offset + 1] == "\r\n":
        offset -= 1
    ending = LINE_END.search(text, offset)
    return ending.group() if ending else document.newline


def _path(document: Document) -> Path:
    if document.path is None:
        raise WriteError("text from standard input cannot be written back", hint="name a file instead")
    return document.path


def _writable(path: Path, repository: Path | None, *, follow: bool) -> tuple[Path, os.stat_result]:
    """The file behind all links and what it is now. Raises WriteError when it may not be written."""
    target = _target(path, repository, follow=follow)
    return target, _refuse_protected(path, target)


def _target(path: Path, repository: Path | None, *, follow: bool) -> Path:
    """The file behind all links. Raises WriteError when they lead where nobody expects a change."""
    target = Path(os.path.realpath(path, strict=True))
    if follow:
        return target
    root = repository.resolve() if repository is not None else None
    here = Path(os.path.abspath(path))  # noqa: PTH100 - links must stay, Path.resolve follows them
    if root is not None and any(parent.resolve() == root for parent in here.parents):
        if not target.is_relative_to(root):
            place = "the repository"
        elif target != here and ".git" in target.relative_to(root).parts and ".git" not in here.parts:
            place = "the work tree"
        else:
            return target
    elif path.is_symlink() and not target.is_relative_to(path.parent.resolve()):
        place = "its directory"
    else:
        return target
    raise WriteError(
        f"{path} is reached through a link that leads out of {place}, to {target}", hint="--follow writes there"
    )


def _refuse_protected(path: Path, target: Path) -> os.stat_result:
    """What the file is now. Raises WriteError when it is not one to write to."""
    old = target.stat()
    if not stat.S_ISREG(old.st_mode):
        raise WriteError(f"cannot write {path}: it is not a regular file")
    # A rename asks for no permission on the file, and root has it always: the owner's bit is what the user meant.
    if not old.st_mode & stat.S_IWUSR or not _may(target, os.W_OK):
        raise WriteError(f"cannot write {path}: it is write-protected", hint=f"chmod u+w {path}")
    if not _may(target.parent, os.W_OK | os.X_OK):
        raise WriteError(
            f"cannot write {path}: its folder is write-protected, and the new file is put into it beside the old one",
            hint=f"chmod u+w {target.parent}",
        )
    return old


def _may(path: Path, rights: int) -> bool:
    return os.access(path, rights, effective_ids=os.access in os.supports_effective_ids)


def _refuse_changed(path: Path, expected: str, target: Path) -> None:
    digest = hashlib.sha256()
    with os.fdopen(open_regular(target), "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise ChangedOnDiskError(
            f"{path} has changed since it was read; nothing was written", hint="run the same command again"
        )


def _keep_metadata(descriptor: int, target: Path, old: os.stat_result) -> None:
    """Owner, extended attributes (access lists among them) and mode, as far as this user may set them."""
    mode = stat.S_IMODE(old.st_mode)
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except OSError:
            mode &= ~(stat.S_ISUID | stat.S_ISGID)  # they would give another user's rights away
            with contextlib.suppress(OSError):
                os.fchown(descriptor, -1, old.st_gid)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                with contextlib.suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(target, name))
    os.fchmod(descriptor, mode)


def _warnings(path: Path, old: os.stat_result, target: Path) -> Iterator[str]:
    """What could not stay as it was."""
    if old.st_nlink > 1:
        yield f"{path} had {old.st_nlink} names (hard links); the others keep the old content"
    with contextlib.suppress(OSError):
        new = target.stat()
        for what, before, now in (("owner", old.st_uid, new.st_uid), ("group", old.st_gid, new.st_gid)):
            if before != now:
                yield f"{path} has another {what} now ({now} in place of {before}): you may not give it back"


def _failure(path: Path, error: OSError) -> WriteError:
    if isinstance(error, FileNotFoundError):
        return ChangedOnDiskError(f"{path} is not there any more; nothing was written")
    reason = (error.strerror or str(error)).lower()
    return WriteError(f"cannot write {path}: {reason}; its content is as it was")
