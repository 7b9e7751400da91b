"""Which tree-sitter grammar reads which file, and the queries that find its symbols and imports (`queries/*.scm`), and
what is to be coloured in it (those that the grammars bring along, and `queries/colours/*.scm`).

A grammar is loaded when the first file of its language is read. tree-sitter's objects belong to the thread that made
them, so each thread has its own.
"""

from __future__ import annotations

import posixpath
import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Parser, Query


@dataclass(frozen=True, slots=True)
class _Grammar:
    package: str
    suffixes: str
    function: str = "language"
    """Of the package, that returns the grammar."""
    queries: str = ""
    """Name of its query file, if not the language's own."""
    colours: str = "highlights"
    """Its own query files for colours, in their order: what comes later wins. `package:name` is another grammar's,
    on which it builds; a name with `+` is one of ours."""


_JS = "tree_sitter_javascript:highlights"
_GRAMMARS = {
    "python": _Grammar("tree_sitter_python", "py pyi pyw", colours="highlights +python"),
    "javascript": _Grammar("tree_sitter_javascript", "js jsx mjs cjs", colours="highlights highlights-jsx"),
    "typescript": _Grammar("tree_sitter_typescript", "ts mts cts", "language_typescript", colours=f"{_JS} highlights"),
    "tsx": _Grammar("tree_sitter_typescript", "tsx", "language_tsx", "typescript", f"{_JS} {_JS}-jsx highlights"),
    "java": _Grammar("tree_sitter_java", "java"),
    "c": _Grammar("tree_sitter_c", "c h"),
    "cpp": _Grammar(
        "tree_sitter_cpp", "cc cpp cxx hh hpp hxx cu cuh ino", colours="tree_sitter_c:highlights highlights"
    ),
    "csharp": _Grammar("tree_sitter_c_sharp", "cs", colours="+csharp"),
    "go": _Grammar("tree_sitter_go", "go"),
    "rust": _Grammar("tree_sitter_rust", "rs"),
    "php": _Grammar("tree_sitter_php", "php phtml", "language_php"),
    "bash": _Grammar("tree_sitter_bash", "sh bash"),
    "ruby": _Grammar("tree_sitter_ruby", "rb"),
}
_BY_SUFFIX = {suffix: name for name, grammar in _GRAMMARS.items() for suffix in grammar.suffixes.split()}
_RELATED = {"cpp": "c", "tsx": "javascript", "typescript": "javascript"}
_IS_CPP = re.compile(
    r"^\s*(?:class \w+|namespace\b|template\s*<|(?:public|private|protected):|using \w)|\bstd::", re.MULTILINE
)
_RUNS = dict.fromkeys(("bash", "sh", "zsh", "dash"), "bash")
_RUNS |= {"python": "python", "node": "javascript", "php": "php", "ruby": "ruby"}
_RUN_BY = re.compile(rf"\b({'|'.join(_RUNS)})[\d.]*(?:\s|$)")
_PATHS = 131_072
"""Of a large repository: they are asked about again and again."""
_LOADED = threading.local()


@lru_cache(maxsize=_PATHS)
def language_of(path: str) -> str:
    """The name of the language whose grammar reads a file, by the file's name; empty when there is none."""
    return _BY_SUFFIX.get(posixpath.splitext(path)[1][1:].lower(), "")


def language_for(path: str, text: str) -> str:
    """The same, by the text where the name does not tell: a header may be C++, a script says in its first line what
    runs it."""
    if path.endswith(".h") and _IS_CPP.search(text):
        return "cpp"
    language = language_of(path)
    if language or not text.startswith("#!") or posixpath.splitext(path)[1]:
        return language
    run_by = _RUN_BY.search(text.partition("\n")[0])
    return _RUNS[run_by[1]] if run_by else ""


@lru_cache(maxsize=_PATHS)
def family_of(path: str) -> str:
    """As `language_of`, with one name for languages whose files use each other; the suffix where there is no
    grammar."""
    language = language_of(path)
    return _RELATED.get(language, language) or posixpath.splitext(path)[1].lower()


def loaded(language: str) -> tuple[Parser, Query]:
    """A language's parser and queries, this thread's own. Raises KeyError for an unknown language."""
    known: dict[str, tuple[Parser, Query]] = getattr(_LOADED, "known", {})
    if language not in known:
        from tree_sitter import Language, Parser, Query

        grammar = _GRAMMARS[language]
        made = Language(getattr(import_module(grammar.package), grammar.function)())
        known[language] = Parser(made), Query(made, _query_text(grammar.queries or language))
        _LOADED.known = known
    return known[language]


def is_loaded(language: str) -> bool:
    """Whether `colouring` has nothing to do but to give what it has."""
    return language in getattr(_LOADED, "colouring", ())


def colouring(language: str) -> tuple[Language, Query]:
    """A language's grammar and what is to be coloured in it, this thread's own. Raises KeyError for an unknown one."""
    known: dict[str, tuple[Language, Query]] = getattr(_LOADED, "colouring", {})
    if language not in known:
        from tree_sitter import Language, Query

        grammar = _GRAMMARS[language]
        made = Language(getattr(import_module(grammar.package), grammar.function)())
        query = Query(made, "\n".join(_colours_text(grammar.package, name) for name in grammar.colours.split()))
        for number in range(query.pattern_count):  # type: ignore[call-overload] # a property, which its stub has as a method
            if "local" in query.pattern_assertions(number):  # which names are local is for others to know
                query.disable_pattern(number)
        known[language] = made, query
        _LOADED.colouring = known
    return known[language]


def _colours_text(package: str, name: str) -> str:
    if name.startswith("+"):
        return _query_text(f"colours/{name[1:]}")
    home, _, file = name.rpartition(":")
    return files(home or package).joinpath("queries", f"{file}.scm").read_text(encoding="utf-8")


@cache
def _query_text(name: str) -> str:
    return files(__package__).joinpath("queries", f"{name}.scm").read_text(encoding="utf-8")
