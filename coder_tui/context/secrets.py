"""Credentials in source text: by the patterns that detect-secrets keeps, and by what is assigned to names that say so.

A model that runs on this machine tells nobody; but prompts can be sent to an engine that others run, and a suggestion
must not repeat a password into another file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from coder_tui.context import credential_forms

_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "access_key", "accesskey",
    "private_key", "credential")  # fmt: skip
"""Parts of names that say that a secret is assigned to them."""
_ASSIGNED = {
    word: re.compile(
        word + r"""[\w-]{0,20}["']?\s{0,4}(?::\s?\w{1,20}\s?)?(?::=|=>|[:=])\s{0,4}["'`]([^\s"'`${}<>%]{12,200})["'`]"""
    )
    for word in _WORDS
}
_UNQUOTED = re.compile(
    rf"""^[ \t-]*(?:export[ \t]+|set[ \t]+|<)?["']?[\w.-]*(?:{"|".join(_WORDS)}|passphrase|pwd)[\w.-]*["']?"""
    r"""(?:[ \t]*[:=][ \t]*|[ \t]+|>)["']?([^\s"'`${}<>()]{10,200})["']?(?:[ \t]*(?:[#,;].*|</.*))?$""",
    re.MULTILINE,
)
"""As settings files and shell scripts write it."""
_IN_AN_ADDRESS = re.compile(r"://[^\s:/@\"'<>]{0,60}:([^\s:/@\"'{}<>$%]{6,100})@")
_BARE_WORDS = frozenset({"", "bash"})
"""Languages in which a word may stand without quotes; in others it is a name."""


def lines(text: str, language: str = "") -> tuple[int, ...]:
    """0-based lines of an LF text that hold a credential. `language`: as `grammars.language_of` names it."""
    small = text.lower()
    spans = [match.span(1) for match in _assigned(small, language) if _is_random(match[1])]
    if "://" in text:
        spans += [match.span(1) for match in _IN_AN_ADDRESS.finditer(text) if _is_random(match[1], 6)]
    spans += credential_forms.found(text)
    found: set[int] = set()
    for start, end in spans:
        first = text.count("\n", 0, start)
        found.update(range(first, first + 1 + text.count("\n", start, end)))
    return tuple(sorted(found))


def _assigned(small: str, language: str) -> Iterator[re.Match[str]]:
    """What is assigned to a name that says that it is secret."""
    words = [word for word in _WORDS if word in small]
    for word in words:
        yield from _ASSIGNED[word].finditer(small)
    if language in _BARE_WORDS and (words or "passphrase" in small or "pwd" in small):
        yield from _UNQUOTED.finditer(small)


def _is_random(value: str, characters: int = 9) -> bool:
    """Letters and digits mixed, and hardly any twice: not a word, a path, or `xxxxxxxx`."""
    if len(set(value)) < characters or "/" in value[1:-1].rstrip("="):
        return False
    return sum(map(str.isalpha, value)) >= 3 and sum(map(str.isdigit, value)) >= 2
