"""What prompts and cleaning need to know of a file's language: comments, strings, and whether it is prose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from coder_tui.core.lines import in_units
from coder_tui.core.plain import plain


class Quotes(Enum):
    """What a single quote or a backtick means, so that brackets in strings are not counted."""

    PYTHON = "python"
    """Both quotes make strings, tripled ones over several lines."""
    SCRIPT = "script"
    """Both quotes make strings, a backtick makes one over several lines: JavaScript."""
    CHARACTER = "character"
    """A single quote makes one character (C, Java) or a lifetime (Rust); a backtick a raw string (Go)."""
    PLAIN = "plain"
    """Both quotes make strings: shell, YAML, SQL."""


@dataclass(frozen=True, slots=True)
class Language:
    """One kind of file."""

    name: str
    comment: str = "#"
    """What begins a comment to the end of the line, or opens one."""
    comment_end: str = ""
    """What closes the comment again, where a line end does not."""
    quotes: Quotes = Quotes.PLAIN
    prose: bool = False
    """Written for readers: sentences, fences and lone brackets are part of the text."""
    brackets: bool = True
    """Whether brackets always come in pairs."""
    tabs: bool = False
    """Indented with tabs by rule, also where a file has no indented line yet."""
    preprocessor: bool = False
    """Lines that begin with `#` belong to no indentation."""
    by_blocks: bool = False
    """Statements belong to blocks by nothing but their indentation."""


PYTHON = Language("python", quotes=Quotes.PYTHON, by_blocks=True)
C = Language("c", "//", quotes=Quotes.CHARACTER, preprocessor=True)
GO = Language("go", "//", quotes=Quotes.CHARACTER, tabs=True)
CURLY = Language("curly", "//", quotes=Quotes.CHARACTER)
SCRIPT = Language("script", "//", quotes=Quotes.SCRIPT)
SHELL = Language("shell", "#", brackets=False)
MAKE = Language("make", "#", brackets=False, tabs=True)
HASH = Language("hash", "#")
YAML = Language("yaml", "#", brackets=False)
DASH = Language("dash", "--")
LISP = Language("lisp", ";", quotes=Quotes.CHARACTER)
PERCENT = Language("percent", "%", quotes=Quotes.CHARACTER, prose=True, brackets=False)
MARKUP = Language("markup", "<!-- ", " -->", brackets=False)
STYLE = Language("style", "/* ", " */")
PROSE = Language("prose", "<!-- ", " -->", prose=True, brackets=False)
TEXT = Language("text", "#", prose=True, brackets=False)
UNKNOWN = Language("unknown", "#", quotes=Quotes.CHARACTER, brackets=False)

_SUFFIXES: dict[Language, str] = {
    PYTHON: "py pyi pyw pyx",
    C: "c h cc cpp cxx hh hpp hxx cu cuh m mm ino",
    GO: "go",
    CURLY: "java rs cs kt kts scala swift dart php zig groovy gradle proto sol v sv d json5 jsonc glsl thrift fs",
    SCRIPT: "js jsx mjs cjs ts tsx mts cts vue svelte",
    SHELL: "sh bash zsh ksh fish dockerfile cmake",
    MAKE: "mk mak make",
    HASH: "rb pl pm r jl ex exs nim tcl ps1 toml cfg ini coffee tf awk graphql",
    YAML: "yaml yml",
    DASH: "sql lua hs elm ada adb ads vhd vhdl",
    LISP: "lisp cl el clj cljs scm rkt asm s",
    PERCENT: "tex sty erl",
    MARKUP: "html htm xml xhtml svg xsl xslt",
    STYLE: "css scss less",
    PROSE: "md markdown rmd",
    TEXT: "txt rst adoc org",
}
_BY_SUFFIX = {suffix: language for language, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_BY_NAME = {"makefile": MAKE, "gnumakefile": MAKE, "dockerfile": SHELL, "cmakelists.txt": SHELL, "justfile": SHELL}


def language(path: str) -> Language:
    """By the file's name; UNKNOWN when that says nothing."""
    file = PurePosixPath(path.lower())
    return _BY_NAME.get(file.name) or _BY_SUFFIX.get(file.suffix.lstrip("."), UNKNOWN)


def by_rule(code: str, path: str) -> str:
    """LF code with tabs where its language wants them, if its lines are indented by whole steps: models answer with
    spaces, with which a Makefile does not run."""
    return "\n".join(in_units(code.split("\n"), "\t")) if language(path).tabs else code


def header(path: str) -> str:
    """The line that names a file before its text, as DeepSeek Coder was trained on it: `#utils.py`."""
    kind = language(path)
    name = " ".join(plain(path).split("\n"))
    return f"{kind.comment}{name}{kind.comment_end}\n"
