"""All pieces of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coder_tui.core.document import to_lf
from coder_tui.core.errors import ChangeError
from coder_tui.edits.answers import diffs, names, search_replace
from coder_tui.edits.answers.fences import Fenced, fenced
from coder_tui.edits.answers.pieces import Code, Piece

_NO_FILE = ("console", "shell-session", "terminal", "output", "stdout", "plaintext", "log", "pycon")
"""What such a fence holds is shown, not written."""
_SHELL = ("bash", "sh", "shell", "zsh", "cmd", "powershell", "bat")
_KINDS = {
    word: words.split()[0]
    for words in (
        "py python python3 pyi", "js javascript jsx mjs cjs node", "ts typescript tsx mts", "go golang", "rs rust",
        "sh bash shell zsh console", "rb ruby", "cs csharp c#", "cpp c++ cc cxx hpp h hh", "c", "java", "php", "html",
        "css", "json", "yaml yml", "toml", "sql", "md markdown", "xml", "make makefile", "dockerfile", "kt kotlin",
        "swift", "ini cfg",
    )
    for word in words.split()
}  # fmt: skip
_LONGEST = 4_000_000
"""Characters of an answer."""


def parsed(answer: str) -> list[Piece]:
    """What an answer wants changed, in its order; nothing for one that only talks. Search/replace blocks come before
    all else, then diffs, then blocks of code. Raises ChangeError where one of them is broken."""
    text = to_lf(answer).removeprefix("\ufeff")
    if len(text) > _LONGEST:
        raise ChangeError(f"the answer has {len(text)} characters, more than {_LONGEST}")
    if search_replace.looks_like(text):
        return list(search_replace.parsed(text))
    blocks = list(fenced(text))
    found: list[Piece] = []
    for at, block in enumerate(blocks):
        if at and not block.is_closed and not block.info:
            break  # a closing fence too many
        found += _pieces(block)
    if not blocks and diffs.looks_like(text.split("\n")):
        lines = text.split("\n")
        first = next(
            at
            for at, line in enumerate(lines)
            if line.startswith(("diff ", "@@")) or (line.startswith("--- ") and lines[at + 1 :][:1] != [""])
        )
        found += diffs.parsed(lines[first:])
    if not found and any(diffs.looks_like(lines) for lines in (text.split("\n"), *(one.lines for one in blocks))):
        raise ChangeError("the diff in the answer marks nothing as put in or taken away", hint="ask again")
    return found


def code_of(answer: str) -> str | None:
    """The longest code block of an answer; None without one."""
    return max(("".join(f"{line}\n" for line in one.lines) for one in fenced(to_lf(answer))), key=len, default=None)


def kind(language: str) -> str:
    """One name for those that a language has in fences and as suffix; empty for none that is known."""
    return _KINDS.get(language.lower(), "")


def _pieces(block: Fenced) -> list[Piece]:
    language, name = names.in_info(block.info)
    name = name or names.above(block.above)
    lines: Sequence[str] = block.lines
    if language in ("diff", "patch", "udiff") or diffs.looks_like(lines):
        return diffs.parsed(lines, name)
    if language in _NO_FILE or not any(line.strip() for line in lines):
        return []
    if not name and language in _SHELL and _is_session(lines):
        return []
    first = names.in_comment(lines[0])
    if first and (not name or first.endswith(name) or name.endswith(first)):
        name, lines = name or first, _without_name(lines)
    heading = "".join(f"{line}\n" for line in block.lines[: len(block.lines) - len(lines)])
    return [Code(name, "".join(f"{line}\n" for line in lines), language, block.is_closed, heading)]


def _without_name(lines: Sequence[str]) -> Sequence[str]:
    """Without the comment that only names the file, and a blank line behind it."""
    return lines[2:] if len(lines) > 2 and not lines[1].strip() else lines[1:]


def _is_session(lines: Sequence[str]) -> bool:
    """Whether lines of a shell are commands to type rather than a script."""
    full = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    typed = (
        r"\$ |(?:sudo |python3? |pip3? |npm |npx |yarn |pnpm |cargo |go |git |cd |mkdir |make\b|pytest|node |coder )"
    )
    return len(full) <= 6 and all(re.match(typed, line) for line in full)
