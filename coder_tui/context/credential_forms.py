"""Credentials that are known by their form.

The first list holds the patterns of detect-secrets 1.5 (Yelp, Apache-2.0) word for word; a test compares them with its
installed version. They are written down here because importing it takes 200 ms, more than many a command. Its other
detectors guess by entropy or nearby words, which in source code finds hashes, test data and documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_NAMED = re.IGNORECASE | re.VERBOSE
FROM_DETECT_SECRETS: tuple[tuple[str, int, str], ...] = (
    ("A3T ABIA ACCA AKIA ASIA", 0, r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"),
    ("AccountKey=", 0, r"AccountKey=[a-zA-Z0-9+\/=]{88}"),
    ("ghp_ gho_ ghu_ ghs_ ghr_", 0, r"(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{36}"),
    ("glpat- gldt- glft- glsoat- glrt-", 0, r"(glpat|gldt|glft|glsoat|glrt)-[A-Za-z0-9_\-]{20,50}(?!\w)"),
    ("GR1348941", 0, r"GR1348941[A-Za-z0-9_\-]{20,50}(?!\w)"),
    ("glcbt-", 0, r"glcbt-([0-9a-fA-F]{2}_)?[A-Za-z0-9_\-]{20,50}(?!\w)"),
    ("glimt-", 0, r"glimt-[A-Za-z0-9_\-]{25}(?!\w)"),
    ("glptt-", 0, r"glptt-[A-Za-z0-9_\-]{40}(?!\w)"),
    ("glagent-", 0, r"glagent-[A-Za-z0-9_\-]{50,1024}(?!\w)"),
    ("gloas-", 0, r"gloas-[A-Za-z0-9_\-]{64}(?!\w)"),
    ("eyJ", 0, r"eyJ[A-Za-z0-9-_=]+\.[A-Za-z0-9-_=]+\.?[A-Za-z0-9-_.+/=]*?"),
    ("_authToken", 0, r"\/\/.+\/:_authToken=\s*((npm_.+)|([A-Fa-f0-9-]{36})).*"),
    ("T3BlbkFJ", 0, r"sk-[A-Za-z0-9-_]*[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("pypi-AgE", 0, r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9-_]{70,}"),
    ("pypi-AgE", 0, r"pypi-AgENdGVzdC5weXBpLm9yZw[A-Za-z0-9-_]{70,}"),
    ("SG.", 0, r"SG\.[a-zA-Z0-9_-]{22}\.[a-zA-Z0-9_-]{43}"),
    ("xox XOX", re.IGNORECASE, r"xox(?:a|b|p|o|s|r)-(?:\d+-)+[a-z0-9]+"),
    ("hooks.slack.com", _NAMED, r"https://hooks\.slack\.com/services/T[a-zA-Z0-9_]+/B[a-zA-Z0-9_]+/[a-zA-Z0-9_]+"),
    ("sq0csp-", 0, r"sq0csp-[0-9A-Za-z\\\-_]{43}"),
    ("k_live_", 0, r"(?:r|s)k_live_[0-9a-zA-Z]{24}"),
    ("", 0, r"\d{8,10}:[0-9A-Za-z_-]{35}"),
    ("", 0, r"[MNO][a-zA-Z\d_-]{23,25}\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}"),
    (
        "aws AWS Aws",
        re.IGNORECASE,
        r"aws.{0,20}?(?:key|pwd|pw|password|pass|token).{0,20}?[\'\"]([0-9a-zA-Z/+]{40})[\'\"]",
    ),
)
"""(marks, flags, pattern): a text without any of the marks, separated by spaces, holds none of these."""
_MORE = (
    ("AIza", r"\bAIza[\w-]{35}"),
    ("sk-", r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}"),
    ("hf_", r"\bhf_[A-Za-z0-9]{30,}"),
    ("github_pat_", r"\bgithub_pat_\w{22,}"),
    ("ya29.", r"\bya29\.[\w-]{20,}"),
    ("GOCSPX-", r"\bGOCSPX-[\w-]{20,}"),
    ("dop_v1_", r"\bdop_v1_[0-9a-f]{40,}"),
    ("AGE-SECRET-KEY-1", r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    ("shpat_", r"\bshpat_[0-9a-f]{32}"),
    ("dckr_pat_", r"\bdckr_pat_[\w-]{20,}"),
    ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("PuTTY-User-Key-File-", r"PuTTY-User-Key-File-\d"),
)
_KEY = (
    r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----BEGIN ).)*?-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----)?"
)
"""All of its lines, where it ends."""
_COLON, _DOTS = re.compile(r":[0-9A-Za-z_-]{35}"), re.compile(r"\.[\w-]{6}\.[\w-]{27}")
"""In the two patterns that have no mark: looking for these first takes a tenth of the time."""
_FORMS = tuple(
    (tuple(marks.split()), re.compile(pattern, flags))
    for marks, flags, pattern in (*FROM_DETECT_SECRETS, *((marks, 0, pattern) for marks, pattern in _MORE))
    if marks
)
_ANCHORS = "A_-JGx"
"""A mark is looked for by the first of these that it has, all marks with that one at once: one look at a text for each
of these characters takes a fifth of the time of one for each mark."""
_UNMARKED = tuple(re.compile(pattern, flags) for marks, flags, pattern in FROM_DETECT_SECRETS if not marks)
_PRIVATE_KEY = re.compile(_KEY)


def _looks(marks: Iterable[str]) -> Iterator[re.Pattern[str]]:
    """Patterns, one of which is in each text with one of the marks in it, and in no other."""
    at: dict[str, list[str]] = {}
    for mark in marks:
        anchor = next((one for one in _ANCHORS if one in mark), mark[0])
        head, _, tail = mark.partition(anchor)
        at.setdefault(anchor, []).append(f"(?<={re.escape(head + anchor)}){re.escape(tail)}")
    return (re.compile(f"{re.escape(anchor)}(?:{'|'.join(ways)})") for anchor, ways in at.items())


MARKS = tuple(mark for marks, _ in _FORMS for mark in marks)
_LOOKS = tuple(_looks(MARKS))


def has_mark(text: str) -> bool:
    """Whether a text has one of the marks."""
    return any(look.search(text) for look in _LOOKS)


def found(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each credential in a text, in code points."""
    if has_mark(text):
        for marks, pattern in _FORMS:
            if any(mark in text for mark in marks):
                yield from (match.span() for match in pattern.finditer(text))
    if "PRIVATE KEY" in text:
        yield from (match.span() for match in _PRIVATE_KEY.finditer(text))
    if _COLON.search(text) or _DOTS.search(text):
        for pattern in _UNMARKED:
            yield from (match.span() for match in pattern.finditer(text))
