"""What of a repository a question in plain words is about: files and definitions that it names; where it names none,
what the repository says of itself, or definitions that have several of its words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coder_tui.context import grammars, mentions, secrets
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.outlines import ALL, ENCLOSING, doc_line, members_of, outline, outlines
from coder_tui.context.symbols import Symbol, read
from coder_tui.context.tree import is_test

_NAMES, _LOOKED_UP = 6, 200
"""So many names are taken, and so many are asked for at most: a question may have a log in it."""
_EVERYWHERE, _PLAIN_EVERYWHERE = 4, 2
"""A name that more files define says nothing, and a plain word does so sooner."""
_DEFINITIONS = 32
_OF_A_NAME, _MEMBERS = 2, 2
_HEAD_LINES = 30
"""Of a class before its first member: what it is for, as a rule."""
_SIGNATURE_LINES, _DOC_LINES = 16, 5
"""A docstring begins before the one, and is shortened to the other."""
_DOCSTRING = re.compile(r"\s*[rRuU]?(?:\"{3}|'{3})")
_README = re.compile(r"readme(?:\.\w+)?", re.IGNORECASE)
_README_LINES = 60
_FOUND = 3
_MOST_MATCHES = 400
_LEAST_WORDS = 2
_NAME, _PARENT, _DOC, _PATH = 3.0, 1.5, 1.5, 1.0
"""What a word weighs by where it stands."""
_OF_A_VALUE, _LONG_LINES = 0.7, 40
"""A value explains little, and a definition of so many lines half as much again as one of a few."""
_NEAR_THE_BEST = 0.6


_Found = tuple[str, Symbol, str]
"""(path, definition, reason)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a question is about."""

    path: str
    name: str
    """What it is in that file; empty for all of it."""
    first_line: int
    """0-based."""
    text: str
    """Its lines as they stand, LF line endings, none at its end."""
    outline: str
    """The same in short, as it may be written in its language; empty where there is no such thing."""
    reason: str


def subjects(question: str, known: Knowledge, *, attached: bool = False, only_named: bool = False) -> Iterator[Subject]:
    """The most telling first: of what a question names, members that have its other words, and classes last. Where
    something is `attached`, a question that says `this` or `here` means that; with `only_named` so does any other."""
    paths = mentions.named_files(question, sorted(known.tree.paths))
    said = question
    for path in paths:
        said = said.replace(path, " ").replace(path.rpartition("/")[2], " ")
    named = _named(said, known)
    members = _members(mentions.stems(said), paths, named, known)
    files = list(_files(paths, known))
    around = [one for one in named if one[1].kind in ENCLOSING]
    other = [one for one in named if one not in around]
    found = [*_where_they_are([*members, *other], known), *files, *_where_they_are(around, known)]
    yield from found
    if found or only_named:
        return
    if mentions.is_about_repository(question):
        yield from _readme(known)
    elif not (attached and mentions.points_at_something(question)):
        yield from _where_they_are(_described(question, known), known)


def in_file(said: str, path: str, text: str) -> Iterator[Subject]:
    """What the words of somebody name of a file that is open, from its LF text as it is now."""
    names = {*mentions.names(said), *mentions.plain_names(said)}
    language = grammars.language_for(path, text)
    found, lines = read(text, language).symbols, text.split("\n")
    for one in found if names else ():
        if one.name in names and one.kind != "value" and one.name != one.parent:
            subject = _subject(path, one, found, lines, f"definition of {one.name}, which is asked about")
            if not secrets.lines(subject.text, language):
                yield subject


def _files(paths: Sequence[str], known: Knowledge) -> Iterator[Subject]:
    for path in paths:
        entry, text = known.entry(path), known.text(path).rstrip("\n")
        if entry is None or not text or entry.secret_lines:
            continue
        yield Subject(path, "", 0, text, "\n".join(outlines(path, entry.facts.symbols)), "the question names it")


def _named(question: str, known: Knowledge) -> list[_Found]:
    """Definitions of names, tests last."""
    sure = mentions.names(question)
    wanted = [*sure, *mentions.plain_names(question)][:_LOOKED_UP]
    taken = 0
    found: list[_Found] = []
    for name in wanted:
        defined = known.definitions(name, _DEFINITIONS)
        defined = [one for one in defined if one[1].parent != name] or defined  # a constructor is not its class
        inside = [one for one in defined if one[1].parent in wanted]
        alone = [one for one in defined if not one[1].parent or one[1].kind == "function"]
        most = _EVERYWHERE if name in sure else _PLAIN_EVERYWHERE
        chosen = inside or (alone if len(alone) <= most else [])
        if not chosen or taken == _NAMES:
            continue
        taken += 1
        reason = f"definition of {name}, which is asked about"
        once = {(path, symbol.name, symbol.parent): symbol for path, symbol in chosen}  # overloads have several
        best = sorted(once, key=lambda one: is_test(one[0]))
        found += [(key[0], once[key], reason) for key in best[:_OF_A_NAME]]
    telling = [one for one in found if one[1].kind != "value"]  # `res` says little beside `res.send`
    return telling or found


def _members(stems: Sequence[str], paths: Sequence[str], named: Sequence[_Found], known: Knowledge) -> Iterator[_Found]:
    """Functions of the classes and files that a question names, whose name has other words of it: `how does a
    FileHandler rotate its files?` is about `rotate`."""
    names = [*(symbol.name for _, symbol, _ in named), *paths]
    said = {mentions.stem(word) for name in names for word in mentions.parts(name)}
    wanted = [stem for stem in stems if stem not in said]
    scopes = {(path, symbol.name) for path, symbol, _ in named if symbol.kind in ENCLOSING}
    inside = [
        (path, symbol)
        for path in dict.fromkeys([*paths, *(path for path, _ in scopes)] if wanted else [])
        if (entry := known.entry(path)) is not None
        for symbol in entry.facts.symbols
        if symbol.kind == "function" and (path in paths or (path, symbol.parent) in scopes)
    ]
    reason = "its name has words of the question"
    for path, symbol in _best(inside, dict.fromkeys(wanted, 1.0), _MEMBERS, in_name=True):
        yield path, symbol, reason


def _where_they_are(found: Iterable[_Found], known: Knowledge) -> Iterator[Subject]:
    for path, symbol, reason in found:
        yield from _defined(path, symbol, known, reason)


def _defined(path: str, symbol: Symbol, known: Knowledge, reason: str) -> Iterator[Subject]:
    """A definition where it is now."""
    entry = known.entry(path)
    if entry is None or known.has_secret(path, symbol.first_line, symbol.last_line):
        return
    symbols = entry.facts.symbols
    same = [one for one in symbols if (one.name, one.parent) == (symbol.name, symbol.parent)]
    if not same:
        return
    current = max(same, key=lambda one: one.last_line - one.first_line)
    all_lines = known.lines(path)
    of_type = [one for one in same if one.kind == "class" and current.kind == "extension"]
    for one in [*of_type[:1], current]:  # what a Rust type holds, and what it does
        first = doc_line(all_lines, one)
        if known.has_secret(path, first, one.last_line):
            continue
        yield _subject(path, one, symbols, all_lines, reason)


def _subject(path: str, symbol: Symbol, symbols: Sequence[Symbol], lines: Sequence[str], reason: str) -> Subject:
    first = doc_line(lines, symbol)
    name = f"{symbol.parent}.{symbol.name}" if symbol.parent else symbol.name
    text = "\n".join(lines[first : symbol.last_line + 1])
    return Subject(path, name, first, text, _in_short(path, symbol, symbols, lines), reason)


def _in_short(path: str, symbol: Symbol, symbols: Sequence[Symbol], lines: Sequence[str]) -> str:
    """Of a class what stands before its first method, and the signatures of its methods, or its fields where it has no
    methods; of a function all but most of its documentation, if that is long."""
    first, last = symbol.first_line, symbol.last_line
    if symbol.kind == "function":
        return _with_short_doc(lines[first : last + 1])
    members = members_of(symbol, symbols)
    inside = [one for one in members if one.kind == "function"]
    if symbol.kind not in ENCLOSING or not inside:
        return outline(path, symbol, members, most=ALL) if members and last - first > _HEAD_LINES else ""
    short = outline(path, symbol, inside, most=ALL)
    nested = (doc_line(lines, one) for one in symbols if one.kind != "value" and first < one.first_line <= last)
    head = lines[doc_line(lines, symbol) : min([*nested, first + _HEAD_LINES])]
    while head and not head[-1].strip():
        head = head[:-1]
    if symbol.doc and symbol.doc.split()[0] not in " ".join(head):  # its comment is too long
        head = [f"// {symbol.doc}", *head]
    rest = short.split("\n")[outline(path, symbol).count("\n") + 1 :]
    return "\n".join([*head, *rest])


def _with_short_doc(lines: Sequence[str]) -> str:
    """Python code with the first lines of its docstring; empty where that has not many more."""
    begins = next((at for at, line in enumerate(lines[:_SIGNATURE_LINES]) if _DOCSTRING.match(line)), None)
    if begins is None:
        return ""
    mark = '"""' if '"""' in lines[begins] else "'''"
    ends = next((at for at in range(begins + 1, len(lines)) if mark in lines[at]), begins)
    if mark in lines[begins].partition(mark)[2] or ends - begins <= 2 * _DOC_LINES:
        return ""
    return "\n".join([*lines[: begins + _DOC_LINES], *lines[ends:]])


def _readme(known: Knowledge) -> Iterator[Subject]:
    for path in sorted(known.tree.paths):
        if _README.fullmatch(path) and (lines := known.lines(path)) and not known.has_secret(path, 0, _README_LINES):
            text = "\n".join(lines[:_README_LINES]).rstrip("\n")
            yield Subject(path, "", 0, text, "", "what the repository says of itself")
            return


def _described(question: str, known: Knowledge) -> Iterator[_Found]:
    """Definitions whose name, documentation and place have words of the question: several of them, or else a rare one
    in the name. Rare words count for more than frequent ones."""
    stems = mentions.stems(question)
    if not stems:
        return
    counts, total, matches = known.described(stems, _LEAST_WORDS, _MOST_MATCHES)
    if not matches:
        counts, total, matches = known.described(stems, 1, _MOST_MATCHES)
    rare = {stem: math.log((1 + total) / (1 + count)) for stem, count in zip(stems, counts, strict=True)}
    if "test" not in stems:
        matches = [one for one in matches if not is_test(one[0])] or matches
    for path, symbol in _best(matches, rare, _FOUND):
        yield path, symbol, "its name and description have words of the question"


def _best(
    found: Iterable[tuple[str, Symbol]], rare: Mapping[str, float], most: int, *, in_name: bool = False
) -> Iterator[tuple[str, Symbol]]:
    best = Counter({one: _score(*one, rare, in_name=in_name) for one in found}).most_common(most)
    for one, score in best:
        if score and score >= _NEAR_THE_BEST * best[0][1]:
            yield one


def _score(path: str, symbol: Symbol, rare: Mapping[str, float], *, in_name: bool) -> float:
    """0 where too few of its words have one of the stems, or its name must have one and has none."""
    weighed: dict[str, float] = {}
    places = ((path, _PATH), (symbol.doc, _DOC), (symbol.parent, _PARENT), (symbol.name, _NAME))
    for text, weight in places:
        for stem in {mentions.stem(word) for word in mentions.parts(text)} & rare.keys():
            weighed[stem] = weight
    if (in_name or len(weighed) < _LEAST_WORDS) and _NAME not in weighed.values():
        return 0.0
    score = len(weighed) * sum(weight * rare[stem] for stem, weight in weighed.items())
    lines = symbol.last_line - symbol.first_line + 1
    return score * (_OF_A_VALUE if symbol.kind == "value" else 1 + min(1, lines / _LONG_LINES) / 2)
