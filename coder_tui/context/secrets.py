"""Credentials in source text: by the patterns that detect-secrets keeps, and by what is assigned to names that say so.

A model that runs on this machine tells nobody; but prompts can be sent to an engine that others run, and a suggestion
must not repeat a password into another file.
"""

from __future__ import annotations

import re
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
    "private_key": "PrivateKeyDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
}
"""Those of detect-secrets that know a credential by its form. The others guess by entropy or nearby words, which in
source code finds hashes, test data and documentation."""
_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "access_key", "accesskey", "private_key",
    "credential")  # fmt: skip
"""Parts of names that say that a secret is assigned to them."""
_ASSIGNED = {
    word: re.compile(
        word + r"""\w{0,20}["']?\s{0,4}(?::\s?\w{1,20}\s?)?(?::=|=>|[:=])\s{0,4}["'`]([^\s"'`${}<>%]{12,200})["'`]"""
    )
    for word in _WORDS
}
_MARKS = (
    "AKIA", "ASIA", "ABIA", "ACCA", "A3T", "AccountKey=", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-",
    "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-",
    "eyJ", "_authToken", "T3BlbkFJ", "PRIVATE KEY", "PuTTY-User", "pypi-AgE", "SG.", "xox", "hooks.slack.com",
    "sq0csp-", "k_live_",
)  # fmt: skip
"""A text without these, and without what the next two find, has none of the patterns' credentials: that takes a tenth
of the time."""
_TELEGRAM = re.compile(r":[0-9A-Za-z_-]{35}")
_DISCORD = re.compile(r"\.[\w-]{6}\.[\w-]{27}")


def lines(text: str) -> tuple[int, ...]:
    """0-based lines of an LF text that hold a credential."""
    small = text.lower()
    starts = {
        match.start(1)
        for word, pattern in _ASSIGNED.items()
        if word in small
        for match in pattern.finditer(small)
        if _is_random(match[1])
    }
    if any(mark in text for mark in _MARKS) or "aws" in small or _TELEGRAM.search(text) or _DISCORD.search(text):
        starts.update(match.start() for pattern in _patterns() for match in pattern.finditer(text))
    return tuple(sorted({text.count("\n", 0, start) for start in starts}))


def _is_random(value: str) -> bool:
    """Letters and digits mixed, and hardly any twice: not a word, a path, or `xxxxxxxx`."""
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    return letters >= 4 and digits >= 2 and len(set(value)) >= 10 and "/" not in value[1:-1].rstrip("=")


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    from importlib import import_module

    found: list[re.Pattern[str]] = []
    for module, name in _DETECTORS.items():
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found.extend(detector.denylist)
    return tuple(found)
