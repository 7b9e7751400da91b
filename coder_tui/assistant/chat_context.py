"""What of a repository goes along with a question: pinned files and those that it mentions, definitions that it names,
and the instructions that the repository has for chats."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from coder_tui.assistant.chat import Attachment, Question
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context import exclude, mentions
from coder_tui.context.exclude import RefusedError
from coder_tui.context.knowledge import Knowledge
from coder_tui.core.prompt import Purpose

_INSTRUCTION_CHARS = 8000
_INDEX_S = 3.0
"""An answer takes longer, and without its subject it is worth nothing; a suggestion would not wait."""
_NAMED = 3
_PART_OF_WINDOW = 4
"""Definitions that nobody has asked for get one part in so many of the window."""


def with_context(question: Question, ready: Ready, surroundings: Surroundings) -> Question:
    """The question with what it is about in front."""
    surroundings.wait(_INDEX_S)
    wish = surroundings.wish
    with surroundings.known() as known:
        given = {one.name for one in question.attachments}
        meant = mentions.files(question.text, sorted(known.tree.paths))
        mentioned = _whole(known, [path for path in meant.files if path not in given])
        refused = tuple(_refused(meant, known, given))
        given |= {one.name for one in mentioned}
        mentioned = [*_whole(known, [path for path in wish.pinned if path not in given]), *mentioned]
        given |= {*wish.pinned, *wish.excluded}
        found = _defined(question.text, known, given, ready)
    system = "\n\n".join(text for text in (question.system, instructions(surroundings.root)) if text)
    return replace(question, attachments=(*found, *mentioned, *question.attachments), system=system, refused=refused)


def instructions(root: Path) -> str:
    """What `.coder.md` says; empty when there is none."""
    with suppress(OSError, RefusedError):
        return exclude.read(root, mentions.INSTRUCTIONS)[0][:_INSTRUCTION_CHARS].strip()
    return ""


def _refused(meant: mentions.Mentioned, known: Knowledge, given: Collection[str]) -> Iterator[str]:
    """Why files that are mentioned do not go along. Not every word behind an `@` is a file."""
    for mention, paths in meant.several.items():
        shown = ", ".join(paths[:_NAMED]) + (" ..." if len(paths) > _NAMED else "")
        yield f"@{mention} could be {len(paths)} files: {shown}"
    for mention in meant.unknown:
        if mention not in given and (reason := known.refusal(mention)):
            yield f"@{mention} is not sent: {reason}"


def _whole(known: Knowledge, paths: Sequence[str]) -> list[Attachment]:
    texts = ((path, known.text(path)) for path in paths)
    return [_attachment(path, whole, 0) for path, whole in texts if whole]


def _defined(text: str, known: Knowledge, given: set[str], ready: Ready) -> Sequence[Attachment]:
    room = ready.engine.window(Purpose.CHAT) // _PART_OF_WINDOW
    found: list[Attachment] = []
    for piece in mentions.pieces(text, known):
        room -= ready.count(piece.text)
        if room < 0:
            break
        if piece.path not in given:
            found.append(_attachment(piece.path, piece.text + "\n", piece.first_line))
    return found


def _attachment(path: str, text: str, first_line: int) -> Attachment:
    return Attachment(path, text, first_line, PurePosixPath(path).suffix[1:])
