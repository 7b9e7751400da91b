"""Credentials in source text: by the patterns that detect-secrets keeps, and by what is assigned to names that say so.

A model that runs on this machine tells nobody; but prompts can be sent to an engine that others run, and a suggestion
must not repeat a password into another file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_DETECTORS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "jwt": "JwtTokenDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
}
"""Those of detect-secrets that know a credential by its form. The others guess by entropy or nearby words, which in
source code finds hashes, test data and documentation."""
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
_IN_AN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,60}:([^\s:/@\"'{}<>$%]{6,100})@")
_MORE_FORMS = re.compile(
    r"\bAIza[\w-]{35}|\bsk-ant-[\w-]{20,}|\bsk-(?:proj-)?[A-Za-z0-9_-]{32,}|\bhf_[A-Za-z0-9]{30,}|\bgithub_pat_\w{22,}|"
    r"\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}|\bdop_v1_[0-9a-f]{40,}|\bAGE-SECRET-KEY-1[A-Z0-9]{50,}|"
    r"\bEAACEdEose0cBA\w+|\bshpat_[0-9a-f]{32}|\bdckr_pat_[\w-]{20,}|\bnpm_[A-Za-z0-9]{36}\b"
)
_MORE_MARKS = ("AIza", "sk-", "hf_", "github_pat_", "ya29.", "GOCSPX-", "dop_v1_", "AGE-SECRET", "EAACEd", "shpat_",
    "dckr_pat_", "npm_")  # fmt: skip
_MARKS = (
    "AKIA", "ASIA", "ABIA", "ACCA", "A3T", "AccountKey=", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-",
    "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-",
    "eyJ", "_authToken", "T3BlbkFJ", "PuTTY-User", "pypi-AgE", "SG.", "xox", "hooks.slack.com",
    "sq0csp-", "k_live_",
)  # fmt: skip
"""A text without these, and without what the next two find, has none of the patterns' credentials: that takes a tenth
of the time."""
_AWS = re.compile(r"aws.{0,20}(?:key|pwd|pw|password|pass|token)")
_TELEGRAM = re.compile(r":[0-9A-Za-z_-]{35}")
_DISCORD = re.compile(r"\.[\w-]{6}\.[\w-]{27}")
_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----)?", re.DOTALL
)
_BARE_WORDS = frozenset({"", "bash"})
"""Languages in which a word may stand without quotes; in others it is a name."""


def lines(text: str, language: str = "") -> tuple[int, ...]:
    """0-based lines of an LF text that hold a credential. `language`: as `grammars.language_of` names it."""
    small = text.lower()
    spans = [match.span(1) for match in _assigned(small, language) if _is_random(match[1])]
    if "://" in text:
        spans += [match.span(1) for match in _IN_AN_ADDRESS.finditer(text) if _is_random(match[1], 6)]
    if "PRIVATE KEY" in text:
        spans += [match.span() for match in _KEY.finditer(text)]
    if any(mark in text for mark in _MORE_MARKS):
        spans += [match.span() for match in _MORE_FORMS.finditer(text) if _is_random(match[0])]
    if _may_have_known_form(text, small):
        spans += [match.span() for pattern in _patterns() for match in pattern.finditer(text)]
    found: set[int] = set()
    for start, end in spans:
        first = text.count("\n", 0, start)
        found.update(range(first, first + 1 + text.count("\n", start, end)))
    return tuple(sorted(found))


def _may_have_known_form(text: str, small: str) -> bool:
    if any(mark in text for mark in _MARKS) or ("aws" in small and _AWS.search(small)):
        return True
    return bool(_TELEGRAM.search(text) or _DISCORD.search(text))


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


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    from importlib import import_module

    found: list[re.Pattern[str]] = []
    for module, name in _DETECTORS.items():
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found.extend(detector.denylist)
    return tuple(found)
