"""Words of code, as far as they can be told without a parser: what is a name, a member, or in a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable

KEYWORDS = frozenset(
    """
    False None True and as assert async await break case catch char class const continue def default del do
    double elif else enum except export extends extern false final finally float fn for from func function
    global go if impl implements import in include int interface is lambda let long match mod mut namespace new
    nil nonlocal not null or package pass private protected pub public raise return self short signed sizeof
    static struct super switch template this throw throws true try type typedef typeof undefined union unsafe
    unsigned use using var virtual void volatile where while with yield str bool list dict set tuple string
    number any object byte
    """.split()  # noqa: SIM905
)
"""Of all languages: these are never names of a repository."""
LIBRARY = frozenset(
    """
    add all any append apply as_ref as_str bind call catch charAt clear clone close collect concat contains copy
    count delete each end endswith entries equals error exec extend filter find finally first flush forEach
    format get getName group hash hashCode index indexOf insert into isEmpty is_empty items iter join keys last
    len length lines lock log lower map match matches min max name next of ok open parse path pop print println
    push put read reduce remove replace reset resolve reverse run search send set shift size slice sort split
    start startswith stop strip sub substring test then toString to_owned to_string trim unwrap update upper
    value values wait write
    """.split()  # noqa: SIM905
)
"""Methods that standard libraries have: one class of the repository that has them too is seldom meant."""
_SLASHES = re.compile(r"^\s*(?:\*|/\*).*|(?:^|\s)//.*")
_COMMENT = re.compile(_SLASHES.pattern + r"|(?:^|\s)#.*")
_HASH_IS_COMMENT = ("python", "ruby", "bash", "php")
_OF_SELF = re.compile(r"\b(?:cls|parent|self|Self|static|this)(?:\.|->|::)(\w+)")
_MEMBER = re.compile(r"(?:\.|->|::)(\w+)")


def members(code: str) -> frozenset[str]:
    """Names of members, as far as a dot or an arrow before them tells: those that standard libraries have too only
    where they are said to be of the class itself."""
    return frozenset({*_MEMBER.findall(code)} - LIBRARY | {*_OF_SELF.findall(code)})


def without_comments(lines: Iterable[str], language: str) -> str:
    """The lines without what is a comment by its first characters; the inner lines of long ones may stay."""
    mark = _COMMENT if language in _HASH_IS_COMMENT else _SLASHES
    return "\n".join(mark.sub("", line) for line in lines)
