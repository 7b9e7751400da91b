"""What of a repository goes along with a question: pinned files and those that it mentions, what it is about, and the
instructions that the repository has for chats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from coder_tui.assistant.chat import Attachment, Question
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.context import exclude, mentions
from coder_tui.context.exclude import RefusedError
from coder_tui.context.gather import Wish
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.subjects import Subject, subjects
from coder_tui.core.prompt import Purpose

_INSTRUCTION_CHARS = 8000
INDEX_S = 3.0
"""An answer takes longer, and without its subject it is worth nothing; a suggestion would not wait."""
_NAMED = 3
_PART_OF_WINDOW = 4
"""What nobody has asked for gets one part in so many of the window."""
_READING_S, _LEAST_TOKENS = 4.0, 512
"""And on a CPU what is read in this time."""
_FIRST_LINES = (48, 24, 12)
"""So many of something that is too long."""


def with_context(question: Question, ready: Ready, surroundings: Surroundings, *, wait: bool = True) -> Question:
    """The question with what it is about, behind what was chosen for it: that is known sooner. With `wait` the index is
    waited for, for a moment."""
    if wait:
        surroundings.wait(INDEX_S)
    with surroundings.known() as known:
        given = {one.name for one in question.attachments}
        chosen, refused = asked_for(question.text, known, surroundings.wish, given)
        given |= {one.name for one in chosen} | {*surroundings.wish.excluded}
        about = subjects(question.text, known, attached=bool(question.attachments))
        found = fitting((one for one in about if one.path not in given), ready)
    # What was sent earlier in the chat is still there.
    found = [one for one in found if not any(one.text in earlier.content for earlier in question.earlier)]
    system = "\n\n".join(text for text in (question.system, instructions(surroundings.root)) if text)
    return replace(question, attachments=(*chosen, *question.attachments, *found), system=system, refused=refused)


def asked_for(
    text: str, known: Knowledge, wish: Wish, given: Collection[str]
) -> tuple[list[Attachment], tuple[str, ...]]:
    """(files that are pinned or mentioned with `@`, or lines of them; why others that are mentioned do not go along).
    None that is `given`."""
    meant = mentions.files(text, sorted(known.tree.paths))
    pinned = [Attachment(path, known.text(path), 0, language(path)) for path in wish.pinned]
    parts = [_part(known, path, meant.lines.get(path)) for path in meant.files if path not in wish.pinned]
    chosen = [one for one in (*pinned, *parts) if one.text and one.name not in given]
    return chosen, tuple(_refused(meant, known, given))


def instructions(root: Path) -> str:
    """What `.coder.md` says; empty when there is none."""
    with suppress(OSError, RefusedError):
        return exclude.read(root, mentions.INSTRUCTIONS)[0][:_INSTRUCTION_CHARS].strip()
    return ""


def unasked_tokens(ready: Ready) -> int:
    """How much that nobody has asked for goes along with a question: what does not delay the answer for long."""
    most = ready.engine.window(Purpose.CHAT) // _PART_OF_WINDOW
    return most if ready.on_gpu else min(most, max(_LEAST_TOKENS, round(_READING_S * ready.prompt_speed)))


def _refused(meant: mentions.Mentioned, known: Knowledge, given: Collection[str]) -> Iterator[str]:
    """Why files that are mentioned do not go along. Not every word behind an `@` is a file."""
    for mention, paths in meant.several.items():
        shown = ", ".join(paths[:_NAMED]) + (" ..." if len(paths) > _NAMED else "")
        yield f"@{mention} could be {len(paths)} files: {shown}"
    for mention in meant.unknown:
        if mention not in given and (reason := known.refusal(mention)):
            yield f"@{mention} is not sent: {reason}"


def _part(known: Knowledge, path: str, lines: tuple[int, int] | None) -> Attachment:
    """Of a file, whole or so many lines."""
    first, last = lines or (0, 0)
    part = known.lines(path)[first : last + 1] if lines and first <= last else []
    if not part:
        return Attachment(path, known.text(path), 0, language(path))
    return Attachment(path, "".join(f"{line}\n" for line in part), first, language(path))


def fitting(about: Iterable[Subject], ready: Ready) -> list[Attachment]:
    """What a question is about, as far as there is room: the code itself rather than its outline."""
    room = unasked_tokens(ready)
    found: list[Attachment] = []
    for one in about:
        if any(one.text in other.text for other in found):
            continue
        for form in _forms(one):
            inside = [other for other in found if other.text in form.text]
            size = ready.count(form.text) - sum(ready.count(other.text) for other in inside)
            if size <= room:
                room -= size
                found = [*(other for other in found if other not in inside), form]
                break
    return found


def _forms(one: Subject) -> Iterator[Attachment]:
    """From the fullest to the shortest."""
    yield (short := Attachment(one.path, f"{one.text}\n", one.first_line, language(one.path)))
    if one.outline:
        of = f"{one.name} in short" if one.name else "outline"
        yield (short := Attachment(f"{one.path} ({of})", f"{one.outline}\n", 0, language(one.path)))
    lines = short.text.splitlines(keepends=True)
    for count in _FIRST_LINES:
        if count < len(lines):
            name = short.name if short.first_line else first_lines(short.name, count)
            yield replace(short, name=name, text="".join(lines[:count]))


def first_lines(name: str, count: int) -> str:
    """What the first lines of a file are called: its name alone would be that of all of it."""
    return f"{name} (the first {count} lines)"


def language(path: str) -> str:
    """For the fence around code of this file."""
    return PurePosixPath(path).suffix[1:]
