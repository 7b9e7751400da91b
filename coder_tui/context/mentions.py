"""What a question names: files, with `@path` or by their names, and code by names that a repository may define.

Only the text of the question is looked at here; `subjects.py` finds out what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coder_tui.context.symbols import IDENTIFIER

INSTRUCTIONS = ".coder.md"
"""At the root of a repository: what its owner wants a model to know before a chat."""

_MENTION = re.compile(r"(?<![\w@])@([\w./\-+]*[\w/])(?::([0-9]{1,9})(?:-([0-9]{1,9}))?)?")
_FILE = re.compile(r"(?<![\w@./\\\-+])((?:[\w\-+.]+/)*[\w\-+.]*\w\.[A-Za-z]\w{0,7})(?![\w/(])")
_CODE = re.compile(r"`([^`\n]+)`|\b(\w+\.\w[\w.]*|\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)|\b(\w+)\s*\(")
"""Names as people write them in a question: in backticks, with a dot, an underscore or a capital inside, or called."""
_KIND = (
    "class|function|method|decorator|struct|interface|enum|trait|type|macro|constant|variable|component|hook|exception"
)
_PLAIN = (
    re.compile(rf"\b(?:{_KIND})\s+(\w+)", re.IGNORECASE),
    re.compile(rf"\b(\w+)\s+(?:{_KIND})\b", re.IGNORECASE),
    re.compile(r"\b(?:does|did|explain|describe|calls?|calling|uses?|using)\s+(\w+)", re.IGNORECASE),
    re.compile(r"\b(\w+)\s+(?:works?|do|does|returns?|raises?|fails?)\b", re.IGNORECASE),
    re.compile(r"(?<=[\w,;:] )([A-Z]\w+)"),
)
"""Places at which a plain word may be a name: beside what it is, as what is asked about, or with a capital."""
_KINDS = re.compile(r"\b(?:class(?:es)?|functions?|methods?|variables?|constants?)\b", re.IGNORECASE)
_NO_NAMES = frozenset(
    """
    a about above add after all also an and any are as at be been before below but by called can code could create
    describe did do does done each else every exist exists explain few file files find first fix following for from
    get gets give given had happen happens has have here how if implement in into is it its just last like line
    lines make many may me mean means more most my need new next no not of off on one only or other our out over own
    part please project repository same should show so some such than that the their them then there these they this
    those to too two under up us use used uses using very was way we well were what when where which while who whose
    why will with without work works would write you your
    """.split()  # noqa: SIM905 - as a list it would take a line for each word
)
_OF_ANY_CODE = frozenset(
    """
    array arrays bash best between bool boolean bug bugs byte bytes change convert data dict dictionary difference
    differences error errors example float go good idea int integer integers java javascript keyword language list lists
    loop loops map name names number numbers object objects operator place php program programming python reverse rust
    set sets snippet sort string strings text tuple tuples type types typescript value values word words
    """.split()  # noqa: SIM905
)
"""A question that has no other words is about programming as such."""
_REPOSITORY = re.compile(
    r"\b(?:this|the|our|my)\s+(?:\w+\s+)?"
    r"(?:project|repo|repository|codebase|code\s+base|package|library|app|application|program|tool)\b",
    re.IGNORECASE,
)
_THIS_FILE = re.compile(r"\b(?:this|the|current|whole|entire)\s+(?:file|module|script|document)\b", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:this|these|those|here|above|below|it|selected|selection)\b", re.IGNORECASE)
_ASKS = re.compile(r"\s*(?:what|how|which|when|why)\b", re.IGNORECASE)
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\dA-Za-z_]+")
_ENDINGS = (
    (("ies", "y"), ("s", "")),
    (("ing", ""), ("ied", "y"), ("ed", "")),
    (("er", ""),),
    (("e", ""), ("y", "i")),
    (("our", "or"), ("is", "iz"), ("ys", "yz")),
)
"""What becomes of endings, in turn; the first that fits. A small part of Porter's rules (An algorithm for suffix
stripping, 1980), and at last British spelling becomes that of most code."""
_STEM_CHARS = 3
_STEMS = 12


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a question mentions with `@`, each once."""

    files: tuple[str, ...]
    """By their path, or the end of one where that is enough."""
    several: Mapping[str, Sequence[str]]
    """Ends of paths with the files that have them."""
    unknown: tuple[str, ...]
    """Whatever else has a word behind an `@`."""
    lines: Mapping[str, tuple[int, int]]
    """Of files of which no more is mentioned, `@path:A-B`: the first line and the last, 0-based."""


def files(question: str, paths: Sequence[str]) -> Mentioned:
    """Which of the paths a question mentions."""
    mentioned = _MENTION.findall(question)
    found = _ending_with((name for name, _, _ in mentioned), paths)
    sure = {mention: same[0] for mention, same in found.items() if len(same) == 1}
    several = {mention: same for mention, same in found.items() if len(same) > 1}
    unknown = tuple(mention for mention, same in found.items() if not same)
    parts: dict[str, set[tuple[int, int]]] = {}
    for mention, first, last in mentioned:
        if mention in sure:
            parts.setdefault(sure[mention], set()).add((int(first or 0) - 1, int(last or first or 0) - 1))
    lines = {path: next(iter(ones)) for path, ones in parts.items() if len(ones) == 1 and (-1, -1) not in ones}
    return Mentioned(tuple(dict.fromkeys(sure.values())), several, unknown, lines)


def named_files(question: str, paths: Sequence[str]) -> list[str]:
    """Files that a question names without an `@`, each once: those that no other could be meant for."""
    found = _ending_with(_FILE.findall(question), paths)
    return list(dict.fromkeys(same[0] for same in found.values() if len(same) == 1))


def _ending_with(names: Iterable[str], paths: Iterable[str]) -> dict[str, list[str]]:
    """The path that each of these names is, or else those that end with it. A question may be a log with thousands of
    names, and a repository have as many files."""
    wanted = dict.fromkeys(names)
    ends = {name.rpartition("/")[2] for name in wanted}
    near: dict[str, list[str]] = {}
    for path in paths if wanted else ():
        end = path.rpartition("/")[2]
        if end in ends:
            near.setdefault(end, []).append(path)
    found: dict[str, list[str]] = {}
    for name in wanted:
        same = near.get(name.rpartition("/")[2], [])
        found[name] = [path for path in same if path == name] or [path for path in same if path.endswith(f"/{name}")]
    return found


def names(question: str) -> list[str]:
    """The names of code in a question, in their order, each once."""
    found: dict[str, None] = {}
    for match in _CODE.finditer(question):
        for name in IDENTIFIER.findall(match[1] or match[2] or match[3]):
            found[name] = None
    return list(found)


def plain_names(question: str) -> list[str]:
    """Words of a question that may be names of code too, where the repository has such: in their order, each once."""
    sure = set(names(question))
    found = {match.start(1): match[1] for place in _PLAIN for match in place.finditer(question)}
    words = (word for _, word in sorted(found.items()))
    return [
        word for word in dict.fromkeys(words) if len(word) > 1 and word.lower() not in _NO_NAMES and word not in sure
    ]


def all_names(text: str) -> tuple[str, ...]:
    """Whatever may be the name of a file or of code in it."""
    mentioned = (match[0] for match in _MENTION.finditer(text))
    return (*mentioned, *_FILE.findall(text), *names(text), *plain_names(text))


def is_about_repository(question: str) -> bool:
    """Whether a question speaks of the repository as a whole."""
    return _REPOSITORY.search(question) is not None


def is_about_file(question: str) -> bool:
    """Whether a question speaks of the file at hand as a whole."""
    return _THIS_FILE.search(question) is not None


def points_at_something(question: str) -> bool:
    """Whether it speaks of something that is there to be seen."""
    return _POINTS.search(question) is not None


def stems(question: str) -> list[str]:
    """The stems of those words of a question that say something, each once; none of one about programming as such."""
    words = _words(question)
    return [] if _OF_ANY_CODE.issuperset(words) else list(dict.fromkeys(map(stem, words)))[:_STEMS]


def is_about_programming(question: str) -> bool:
    """Whether it would be the same question anywhere: `what is the difference between a list and a tuple?`"""
    words = _words(question)
    asks = _ASKS.match(question) is not None and not points_at_something(question)
    return asks and bool(words) and _OF_ANY_CODE.issuperset(words)


def _words(question: str) -> list[str]:
    """Those that say something."""
    said = (word for word in parts(_KINDS.sub(" ", question)) if len(word) >= _STEM_CHARS)
    return [word for word in said if word not in _NO_NAMES]


def stem(word: str) -> str:
    """What the forms of a word in lower case have in common, as far as a few rules for English tell: that of `queries`
    and `query` is `queri`, that of `formatted` and `formatter` `format`."""
    for endings in _ENDINGS:
        for ending, instead in endings:
            bare = word.removesuffix(ending)
            if bare != word and len(bare) >= _STEM_CHARS:
                word = bare + instead
                break
    return word[:-1] if len(word) > _STEM_CHARS and word[-1] == word[-2] else word


def parts(text: str) -> Iterable[str]:
    """The words of a text in lower case, those inside of names too: `parseArgs` has two."""
    return (part.lower() for part in _HUMPS.findall(text))
