"""What goes along with an instruction on lines: files and definitions that it names, and what the repository has to say
to every chat."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from coder_tui.assistant.chat import Attachment, shared_out
from coder_tui.assistant.chat_context import INDEX_S, asked_for, fitting, instructions, unasked_tokens
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.selection_edit import Lines
from coder_tui.context import mentions
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.outlines import outlines
from coder_tui.context.subjects import Subject, in_file, subjects

_MENTIONED = 4
"""So many times as much as nobody has asked for."""


def informed(ready: Ready, lines: Lines, instruction: str) -> Lines:
    """The lines with all that goes along with them: who asks to call a function of another file means the one that is
    there, and a model that does not see it makes arguments up.

    Nothing is looked for by the words of an instruction alone, as it is for a question: they tell what to do here.
    """
    about = list(_beside(lines, instruction))
    surroundings = lines.surroundings
    if surroundings is None:
        return replace(lines, attached=(*lines.attached, *fitting(about, ready)))
    if mentions.all_names(instruction):
        surroundings.wait(INDEX_S)
    with surroundings.known() as known:
        given = {one.name for one in lines.attached} | {lines.path}
        mentioned, refused = asked_for(instruction, known, surroundings.wish, given)
        room = _MENTIONED * unasked_tokens(ready)
        forms = [one if ready.count(one.text) <= room else _outlined(one, known) for one in mentioned]
        chosen, cuts = shared_out(ready, forms, room, why="would take long to read and are left out")
        in_short = [one for one in mentioned if one not in forms]
        about += [found for one in in_short for found in in_file(instruction, one.name, one.text)]
        given |= {one.name for one in mentioned} | {*surroundings.wish.excluded}
        named = [one for one in subjects(instruction, known, only_named=True) if one.path not in given]
        about += _of_imports(named, known.imported(lines.path))
    attached = (*chosen, *lines.attached, *fitting(about, ready))
    return replace(lines, attached=attached, system=instructions(surroundings.root), refused=(*refused, *cuts))


def _outlined(one: Attachment, known: Knowledge) -> Attachment:
    """A file in short, if there is such a thing: a change of ten lines does not wait until 800 are read."""
    entry = known.entry(one.name)
    text = "\n".join(outlines(one.name, entry.facts.symbols)) if entry is not None else ""
    return replace(one, name=f"{one.name} (outline)", text=f"{text}\n", first_line=0) if text else one


def _of_imports(named: Sequence[Subject], imported: Collection[str]) -> Iterator[Subject]:
    """Of several with one name those that the file imports, where there are such."""
    names = {one.name for one in named if one.path in imported}
    yield from (one for one in named if one.path in imported or one.name not in names)


def _beside(lines: Lines, instruction: str) -> Iterator[Subject]:
    """Definitions of the same file, as it is being edited, that are no part of the lines nor around them."""
    for one in in_file(instruction, lines.path, lines.text):
        last = one.first_line + one.text.count("\n")
        if last < lines.first or lines.last < one.first_line:
            yield one
