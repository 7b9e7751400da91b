"""Lines that stand for code which a model has left out."""

from __future__ import annotations

import re
from collections.abc import Collection

_OPEN = r"(?:#|//|/\*|--|<!--|;|%|\{/\*|\"{3}|\(\*)"
_CLOSE = r"(?:\*/\}?|-->|\"{3}|\*\))?"
_NOUNS = (
    r"(?:code|methods?|functions?|lines|implementations?|imports?|logic|contents?|class(?:es)?|definitions?|body|"
    r"fields?|properties|attributes|tests?|routes?|rules?|statements?|settings|declarations?|styles|elements|markup)"
)
_KEEP = r"(?:(?:keep|leave|include|insert|add|and|with|same|continue)\s+)*"
_REST = r"(?:the |your )?(?:rest|remainder)"
_STAYS = (
    r"(?:(?:is|are|remains?|stays?|goes|go|will|should|can|be|left|kept)\s+)*(?:the )?"
    r"(?:unchanged|same|here|as (?:is|before)|omitted|untouched|intact|unmodified)\b.*"
)
_KNOWN = (
    r"(?:the |your |any |all )*(?:remaining|existing|previous|other|original|same|current|old)\s+"
    rf"(?:\w+ ){{0,2}}{_NOUNS}\b"
    rf"|(?:the |your |all )*(?:\w+ )?(?:{_NOUNS}|everything(?: else)?)\b.{{0,20}}\b(?:unchanged|omitted|as before"
    r"|stays? the same|remains? the same|(?:goes|go) here)\b"
    rf"|more {_NOUNS} (?:here|follows?|below)\b"
    r"|your code here\b"
)
_STATE = (
    r"(?:unchanged|(?:same )?as (?:before|above)|omitted(?: for brevity)?|stays the same|remains? the same"
    r"|no changes?)\b"
)
_WORDS = rf"{_KEEP}(?:{_REST} of (?:the |your |this )?\w+|{_KNOWN}|{_STATE})"
"""In a comment that has dots or brackets too."""
_END = r"[\s.…,;)\]}>*/=~-]*$"
_PLAIN = (
    rf"{_KEEP}(?:"
    rf"{_REST} of (?:the |your |this )?(?:[\w-]+\s)?[\w-]+(?:\s+{_STAYS})?{_END}"
    rf"|{_REST}(?:\s+{_STAYS})?{_END}"
    rf"|(?:{_KNOWN})[^\n]{{0,60}}$"
    rf"|{_STATE}(?:\s+(?:code|here|for brevity|below|above|lines?|parts?|from\b.*))?{_END}"
    rf"|(?:and so on|etc|snip){_END})"
)
"""In one that has none: these may be words of a sentence."""
_ELIDED = re.compile(
    rf"^\s*{_OPEN}\s*(?:\.{{3,}}|…|⋮)(?:.*?(?:\.{{3,}}|…))?\s*{_CLOSE}\s*$"  # `# ...`, `// ... existing code ...`
    rf"|^\s*(?:\.{{3,}}|…|⋮)\s*$"
    rf"|^\s*{_OPEN}\s*(?:\.{{3,}}|…)\s*\(?(?:.{{0,40}})?(?:{_WORDS}).*$"
    rf"|^\s*(?:pass\s+|\.{{3}}\s+)?{_OPEN}[\s\[(<.…=~*-]*(?:{_PLAIN})"
    rf"|^\s*{_OPEN}?\s*\[(?:\s*\.{{3}}\s*|[^\]\n]*(?:{_WORDS})[^\]\n]*)\]\s*{_CLOSE}\s*$"
    rf"|^\s*(?:pass|\{{|return)?\s*{_OPEN}\s*(?:implementation|code|add|insert|put|place)\s"
    r"(?:goes |your |the )*\w*\s*here.*$",
    re.IGNORECASE,
)
_ELLIPSIS_STATEMENT = re.compile(r"^\s*\.{3}\s*$")


def elided(text: str, before: str, *, stubs: bool = False) -> list[tuple[int, str]]:
    """(0-based line, the line) of `text` that stand for code left out; lines which `before` has too stand for
    themselves. With `stubs` an ellipsis as the only statement below a `def` is one of Python's and stands for itself.
    """
    old = {line.strip() for line in before.split("\n")}
    lines = text.split("\n")
    return [
        (at, line)
        for at, line in enumerate(lines)
        if _ELIDED.match(line) and line.strip() not in old and not (stubs and _is_stub(lines, at))
    ]


def is_elided(line: str, before: Collection[str] = ()) -> bool:
    """Whether a line stands for code left out; `before` are lines, stripped, that stand for themselves."""
    return bool(_ELIDED.match(line)) and line.strip() not in before


def _is_stub(lines: list[str], at: int) -> bool:
    if not _ELLIPSIS_STATEMENT.match(lines[at]):
        return False
    above = next((line for line in reversed(lines[:at]) if line.strip()), "")
    return above.rstrip().endswith(":") and above.lstrip().startswith(("def ", "async def ", "class "))
