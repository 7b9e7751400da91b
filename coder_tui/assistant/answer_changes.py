"""From an answer to one change of one or several files: all of it, or a refusal that says why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from coder_tui.assistant import applying, namesakes
from coder_tui.context import repository, syntax
from coder_tui.context.exclude import Rules
from coder_tui.core.document import Document, to_lf
from coder_tui.core.errors import ChangeError, CoderError
from coder_tui.edits import changes, files
from coder_tui.edits.answers import parse, paths
from coder_tui.edits.answers.fitting import exchanged
from coder_tui.edits.answers.pieces import Code, Piece, Removal
from coder_tui.edits.changing import Change

_MAY = ("", "generated or minified", "vendored")
"""Reasons for which a file is not sent to a model and may be written all the same."""
_FILES = 200
"""Of one answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer changes."""

    changes: tuple[Change, ...]
    """Those of files that would become another; none where all is as the answer wants it."""
    notes: tuple[str, ...] = ()
    """What the user should know."""


@dataclass
class _File:
    document: Document
    text: str
    """LF, with what was applied so far."""


@dataclass
class _Work:
    root: Path
    candidates: Sequence[Path]
    rules: Rules
    max_bytes: int
    listed: Sequence[str] | None = None
    open: dict[Path, _File] = field(default_factory=dict[Path, _File])
    notes: list[str] = field(default_factory=list[str])


def changes_of(
    answer: str, root: Path, *, candidates: Sequence[Path] = (), exclude: Sequence[str] = (), max_bytes: int = 1 << 24
) -> Answered:
    """What an answer changes in the repository (or folder) `root`. Pieces that name no file
    are for the one of `candidates` that defines what they define, or the only one.

    Nothing is written. Raises ChangeError for an answer without code, for a path that may not be written, for lines
    that are not there or there twice, and for code that was left out; DocumentError for files that cannot be read.
    """
    pieces = parse.parsed(answer)
    if not pieces:
        raise ChangeError("the answer has no code that could be applied", hint="ask for the code in a code block")
    work = _Work(root, candidates, Rules(root, exclude), max_bytes)
    for piece in _wanted(work, pieces):
        path = _path(work, piece)
        name = path.relative_to(root).as_posix()
        try:
            _apply(work, path, name, piece)
        except ChangeError as error:
            raise ChangeError(f"{name}: {error}", hint=error.hint) from None
    found = [_change(work, file) for file in work.open.values()]
    return Answered(tuple(one for one in found if one is not None), tuple(dict.fromkeys(work.notes)))


def _wanted(work: _Work, pieces: Sequence[Piece]) -> list[Piece]:
    """Without blocks of another language than the only file that they could be for: commands to type, say."""
    kept: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Code) and not piece.name and work.candidates and piece.language:
            language = parse.kind(piece.language)
            if language and language not in {parse.kind(one.suffix.lstrip(".")) for one in work.candidates}:
                work.notes.append(f"not applied: a block of {piece.language} that names no file")
                continue
        kept.append(piece)
    if not kept:
        raise ChangeError("no block of the answer names its file", hint="coder apply FILE")
    return kept


def _path(work: _Work, piece: Piece) -> Path:
    """The file that a piece is for. Raises ChangeError when that is none that may be written."""
    if not piece.name:
        chosen = _candidate(work, piece)
        named = repository.relative(chosen, work.root)
        here = work.root / named
        if os.path.realpath(chosen) != os.path.realpath(here):
            raise ChangeError(f"{chosen} is outside of the repository; nothing was changed")
    else:
        named = piece.name
    path = paths.inside(work.root, named)
    if not path.exists() and path not in work.open:
        path = _meant(work, path)
    reason = work.rules.reason(path.relative_to(work.root).as_posix())
    real = path.resolve()
    if reason in _MAY and real != path and real.is_relative_to(work.root.resolve()):
        reason = work.rules.reason(real.relative_to(work.root.resolve()).as_posix())
    if reason not in _MAY:
        raise ChangeError(f"the answer wants to write {named!r}: {reason}; nothing was changed")
    return path


def _candidate(work: _Work, piece: Piece) -> Path:
    """The file that a piece is for which names none. Raises ChangeError."""
    if len(work.candidates) == 1:
        return work.candidates[0]
    if isinstance(piece, Code):
        shared: list[tuple[int, int]] = []
        for at, path in enumerate(work.candidates):
            if path.exists():
                text = to_lf(files.read(path, max_bytes=work.max_bytes).text)
                defined = namesakes.defined(namesakes.facts(text, path.name))
                shared.append(((defined & namesakes.defined(namesakes.facts(piece.text, path.name))).total(), at))
        shared.sort(reverse=True)
        if shared and shared[0][0] and (len(shared) == 1 or shared[0][0] > shared[1][0]):
            return work.candidates[shared[0][1]]
    raise ChangeError("the answer does not say which file it is for", hint="coder apply FILE")


def _meant(work: _Work, path: Path) -> Path:
    """The file that a name means which is not there: the only one whose path ends like it, else a new one."""
    name = path.relative_to(work.root).as_posix()
    for one in work.candidates:
        if one.name == path.name:
            return paths.inside(work.root, repository.relative(one, work.root))
    if name.startswith(f"{work.root.name}/") and (inner := paths.inside(work.root, name.partition("/")[2])).exists():
        return inner
    if work.listed is None:
        try:
            work.listed = repository.files(work.root) if (work.root / ".git").exists() else ()
        except CoderError:
            work.listed = ()
    ending = [one for one in work.listed if one.endswith(f"/{name}")]
    if len(ending) != 1:
        return path
    work.notes.append(f"{name} is taken for {ending[0]}")
    return paths.inside(work.root, ending[0])


def _apply(work: _Work, path: Path, name: str, piece: Piece) -> None:
    if isinstance(piece, Removal):
        raise ChangeError("the answer takes the file away, which is left to you")
    if path not in work.open and len(work.open) >= _FILES:
        raise ChangeError(f"the answer changes more than {_FILES} files")
    file = work.open.get(path) or _opened(work, path)
    if isinstance(piece, Code):
        is_headed = bool(piece.heading) and file.text.startswith(piece.heading.split("\n")[0] + "\n")
        code = piece.heading + piece.text if is_headed else piece.text
        done = applying.placed(file.text, code, path=name)
        if not piece.is_closed and syntax.errors(done.text, name) > syntax.errors(file.text, name):
            raise ChangeError("the answer is cut off within the code", hint="ask again with a larger --max-tokens")
        work.notes += [f"{name}: {note}" for note in done.notes]
        text = done.text
    else:
        text = exchanged(file.text, piece)
    work.open[path] = replace(file, text=text)


def _opened(work: _Work, path: Path) -> _File:
    if not path.exists():
        return _File(Document("", path), "")
    document = files.read(path, max_bytes=work.max_bytes)
    return _File(document, to_lf(document.text))


def _change(work: _Work, file: _File) -> Change | None:
    document = file.document
    if document.path is None:
        return None
    name = document.path.relative_to(work.root).as_posix()
    before = to_lf(document.text)
    if syntax.errors(file.text, name) > syntax.errors(before, name):
        work.notes.append(f"{name} does not parse any more; look at it before you keep it")
    if not document.digest:
        return Change(replace(document, text=file.text), ()) if file.text else None
    replacements = tuple(changes.spans(document, file.text))
    return Change(document, replacements) if replacements else None
