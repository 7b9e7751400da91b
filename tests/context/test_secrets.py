"""Credentials in a text: by their form, and by the names that they are assigned to."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context import credential_forms, secrets

# Put together here, so that no scanner takes this file for a leak.
TOKENS = {
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp_" + "a1B2c3D4" * 4 + "e5F6",
    "slack": "xoxb-" + "123456789012-abcdefABCDEF",
    "stripe": "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
    "pem": "-----BEGIN RSA PRIVATE" + " KEY-----",
    "telegram": "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
    "google": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "hub": "hf_" + "a1B2c3D4" * 4 + "e5",
    "engine": "sk-" + "ant-api03-a1B2c3D4e5F6a1B2c3D4e5F6a1B2",
    "fine-grained": "github_pat_" + "11ABCDEFG0a1B2c3D4e5F6_x",
    "address": "postgres://user:" + "s3cr3tPass@db.example.org/x",
}


@pytest.mark.parametrize("name", TOKENS)
def test_credentials_by_their_form(name: str) -> None:
    assert secrets.lines(f"x = 1\nvalue = {TOKENS[name]}\n") == (1,)


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "' + "a8f5f167f44f4964e6c998dee827110c" + '"',
        'DB_PASSWORD: str = "' + "Tr0ub4dor&3xyz" + '"',
        '"clientSecret": "' + "dGhpcyBpcyBzM2NyM3Q9" + '",',
        "const token = '" + "f3a9c1d27be84650" + "';",
        'secret := "' + "9f86d081884c7d65" + '"',
    ],
)
def test_credentials_by_the_name_that_they_are_assigned_to(line: str) -> None:
    assert secrets.lines(f"import os\n\n{line}\n") == (2,)


@pytest.mark.parametrize(
    "line",
    [
        'password = "hunter"',
        'token = os.environ["TOKEN"]',
        'password_label = "Enter your password here"',
        'SECRET_KEY = "${DJANGO_SECRET_KEY}"',
        'token_url = "https://example.org/oauth/token"',
        'api_key = "xxxxxxxxxxxxxxxxxxxxxxxx"',
        'csrf_token = "{{ csrf_token }}"',
        "for token in tokens: pass",
        'digest = "d41d8cd98f00b204e9800998ecf8427e"',
    ],
)
def test_code_about_secrets_has_none(line: str) -> None:
    assert secrets.lines(f"{line}\n") == ()


@pytest.mark.parametrize(
    "line",
    [
        "POSTGRES_PASSWORD: " + "s3cr3tPassw0rd",
        "export API_TOKEN=" + "f3a9c1d27be84650",
        "aws_secret_access_key = " + "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12",
        "db.password=" + "Tr0ub4dor&3xyz",
        "  <password>" + "Tr0ub4dor-3xyz</password>",
    ],
)
def test_settings_and_scripts_need_no_quotes(line: str) -> None:
    assert secrets.lines(f"# x\n{line}\n") == (1,)
    assert secrets.lines(f"# x\n{line}\n", "bash") == (1,)


@pytest.mark.parametrize(
    "line", ["token = next_token_v2_of_3", "password: TypeOfPassword22 = x", "token = tokens[i0_1_2_3_4]"]
)
def test_in_code_what_has_no_quotes_is_a_name(line: str) -> None:
    assert secrets.lines(f"{line}\n", "python") == ()


def test_all_lines_of_a_private_key_are_secret() -> None:
    body = "MIIEpAIBAAKCAQEA\nabcdefgh\n"
    key = "-----BEGIN RSA PRIVATE" + f" KEY-----\n{body}-----END RSA PRIVATE" + " KEY-----\n"
    assert secrets.lines(f"x = 1\nKEY = '''{key}'''\ny = 2\n") == (1, 2, 3, 4)
    assert secrets.lines("x = 1\n-----BEGIN PRIVATE" + " KEY-----\nabc\n") == (1,)


def test_known_forms_are_those_of_detect_secrets() -> None:
    """They are copied, as importing them takes long: what is new there must come here."""
    names = "aws:AWSKey azure_storage_key:AzureStorageKey discord:DiscordBotToken github_token:GitHubToken"
    names += " gitlab_token:GitLabToken jwt:JwtToken npm:Npm openai:OpenAI pypi_token:PypiToken sendgrid:SendGrid"
    names += " slack:Slack square_oauth:SquareOAuth stripe:Stripe telegram_token:TelegramBotToken"
    theirs = set()
    for module, _, name in (one.partition(":") for one in names.split()):
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), f"{name}Detector")
        theirs |= {(unescaped(pattern.pattern), pattern.flags) for pattern in detector.denylist}
    listed = credential_forms.FROM_DETECT_SECRETS
    assert {(unescaped(pattern), flags | re.UNICODE) for _, flags, pattern in listed} == theirs


PARTS = sorted({mark[start:] for mark in credential_forms.MARKS for start in (0, 1, len(mark) // 2)})


@given(st.lists(st.sampled_from([*PARTS, *(part[:-1] for part in PARTS), " ", "A", "_", "-"]), max_size=6).map("".join))
def test_marks_are_looked_for_together(text: str) -> None:
    assert credential_forms.has_mark(text) == any(mark in text for mark in credential_forms.MARKS)


@pytest.mark.parametrize("mark", credential_forms.MARKS)
def test_each_mark_is_found(mark: str) -> None:
    assert credential_forms.has_mark(f"x = '{mark}'")


def unescaped(pattern: str) -> str:
    return pattern.replace('\\"', '"').replace("\\'", "'")
