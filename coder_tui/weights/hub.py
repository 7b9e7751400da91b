"""Fetching from the model hub over resumable HTTP requests; addresses and credentials are huggingface_hub's."""

from __future__ import annotations

import os
import re
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

from coder_tui import __version__
from coder_tui.core.errors import DownloadError
from coder_tui.weights.progress import Progress, Report, Step
from coder_tui.weights.sources import AGAIN, SourceUnavailableError, check_space

if TYPE_CHECKING:
    import ssl

    import httpx

    from coder_tui.weights.catalog import CatalogEntry
    from coder_tui.weights.partial import Partial

ANSWER_S = 8.0
"""An unreachable hub is given up after so many seconds, however many addresses it has."""
CONNECT_S = 5.0
READ_S = 30.0
ATTEMPTS = 5
"""Broken connections in a row, without much progress between them, that are borne."""
PAUSE_S = 1.0
"""Before the second attempt; doubled before each further one."""
_MUCH_PROGRESS = 1 << 20
_SIZE_SLACK = 1.05
"""A file whose size is only estimated may be larger than the estimate by this factor."""


class _WrongAnswerError(Exception):
    """An answer that another attempt may not give: an error of the server, a range that was not honoured."""


def fetch(entry: CatalogEntry, partial: Partial, report: Report) -> None:
    """Bring `partial` to the end of the file. Raises SourceUnavailableError, DownloadError, OSError."""
    import httpx

    report(Progress(Step.CONNECTING, partial.offset, entry.size_bytes, "hub"))
    url, headers = _request(entry)
    _probe(entry, url, headers)
    check_space(partial.directory, entry.size_bytes - partial.offset)
    failures, answered = 0, False
    with _client() as client:
        while True:
            before = partial.offset
            try:
                if _stream(client, url, headers, entry, partial, report):
                    return
                reason = "the answer ended too early"
            except (httpx.RequestError, _WrongAnswerError) as error:
                reason = _words(error)
            answered = answered or partial.offset > before
            failures = 1 if partial.offset - before >= _MUCH_PROGRESS else failures + 1
            if not answered and failures > 1:
                raise SourceUnavailableError(reason)
            if failures >= ATTEMPTS:
                raise DownloadError(f"the connection to the model hub was lost: {reason}", hint=AGAIN)
            note = f"the connection broke ({reason}), trying again" if failures == 1 else ""
            report(Progress(Step.CONNECTING, partial.offset, entry.size_bytes, "hub", note))
            time.sleep(PAUSE_S * 2 ** (failures - 1))


def _request(entry: CatalogEntry) -> tuple[str, dict[str, str]]:
    """Address and headers, as huggingface_hub has them: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE.

    Not its `build_hf_headers`: in 2.4 that asks the hub for a list to put into the User-Agent, without a time limit.
    """
    from huggingface_hub import constants, get_token, hf_hub_url

    if constants.HF_HUB_OFFLINE:
        raise SourceUnavailableError("HF_HUB_OFFLINE is set")
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    headers = {"User-Agent": f"coder-tui/{__version__}", "Accept-Encoding": "identity"}
    token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return hf_hub_url(entry.repo, entry.file, revision=entry.revision, endpoint=endpoint), headers


def _client() -> httpx.Client:
    import httpx

    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    return httpx.Client(timeout=timeout, follow_redirects=True, verify=_certificates())


@cache
def _certificates() -> ssl.SSLContext:
    """The system's certificates, where a company puts its own, and certifi's. SSL_CERT_FILE replaces both."""
    import ssl

    import certifi

    context = ssl.create_default_context()
    if "SSL_CERT_FILE" not in os.environ and "SSL_CERT_DIR" not in os.environ:
        context.load_verify_locations(certifi.where())
    return context


def _probe(entry: CatalogEntry, url: str, headers: dict[str, str]) -> None:
    """Ask for the headers alone. In a thread: name resolution and a list of dead addresses know no common timeout."""
    import httpx

    answers: list[httpx.Response | str] = []

    def ask() -> None:
        try:
            with _client() as client:
                answers.append(client.head(url, headers=headers, follow_redirects=False))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            answers.append(_words(error))

    thread = threading.Thread(target=ask, daemon=True, name="hub probe")
    thread.start()
    thread.join(ANSWER_S)
    if not answers:
        raise SourceUnavailableError(f"no answer within {ANSWER_S:.0f} s")
    answer = answers[0]
    if isinstance(answer, str):
        raise SourceUnavailableError(answer)
    if answer.status_code >= 400 and answer.status_code not in {405, 501}:
        raise SourceUnavailableError(_status_words(answer.status_code))
    etag = answer.headers.get("x-linked-etag", "").strip('W/"')
    if re.fullmatch(r"[0-9a-f]{64}", etag) and etag != entry.sha256:
        raise SourceUnavailableError(f"it has another file under the name {entry.file}")


def _stream(
    client: httpx.Client, url: str, headers: dict[str, str], entry: CatalogEntry, partial: Partial, report: Report
) -> bool:
    """One request from `partial.offset` on. Returns whether the file is complete."""
    if partial.offset:
        headers = {**headers, "Range": f"bytes={partial.offset}-"}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416 and _is_all(answer, partial):
            return True
        total = _begin(answer, entry, partial)
        most = total if total is not None else int(entry.size_bytes * _SIZE_SLACK)
        for block in answer.iter_raw():
            if partial.offset + len(block) > most:
                partial.cut(0)
                raise DownloadError(f"the model hub sent more than the {most} bytes of {entry.file}")
            partial.write(block)
            report(Progress(Step.DOWNLOADING, partial.offset, total or entry.size_bytes, "hub"))
    return partial.offset == total if total is not None else True


def _begin(answer: httpx.Response, entry: CatalogEntry, partial: Partial) -> int | None:
    """Take an answer's headers; the size of the whole file if they tell it."""
    if answer.status_code == 416 and partial.offset:
        partial.cut(0)
        raise _WrongAnswerError("it refused to go on in the middle")
    if answer.status_code not in {200, 206}:
        raise _WrongAnswerError(_status_words(answer.status_code))
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise _WrongAnswerError("it sent the file compressed")
    if answer.status_code == 200:
        partial.cut(0)  # a server that ignores the range sends the file from its beginning
        length = answer.headers.get("content-length", "")
        total = int(length) if length.isdecimal() else None
    else:
        total = _ranged_total(answer, partial)
    if total is None:
        return entry.size_bytes if entry.size_exact else None
    off = total != entry.size_bytes if entry.size_exact else total > entry.size_bytes * _SIZE_SLACK
    if off:
        raise SourceUnavailableError(f"its {entry.file} has {total} bytes, the catalogue says {entry.size_bytes}")
    return total


def _ranged_total(answer: httpx.Response, partial: Partial) -> int | None:
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("content-range", ""))
    if match is None or int(match[1]) != partial.offset:
        partial.cut(0)
        raise _WrongAnswerError("it sent another piece than the one asked for")
    return int(match[2]) if match[2] != "*" else None


def _is_all(answer: httpx.Response, partial: Partial) -> bool:
    """Whether a refused range says that there is nothing behind the bytes that are there."""
    return partial.offset > 0 and answer.headers.get("content-range", "") == f"bytes */{partial.offset}"


def _status_words(status: int) -> str:
    known = {
        401: "it wants a login (set HF_TOKEN)",
        403: "it refuses access (set HF_TOKEN)",
        404: "it has no such file",
    }
    return known.get(status, f"it answers with status {status}")


def _words(error: Exception) -> str:
    """A few words, in one line, for what went wrong."""
    import httpx

    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {CONNECT_S:.0f} s"
    if isinstance(error, httpx.TimeoutException):
        return f"no data for {READ_S:.0f} s"
    return re.sub(r"^\[Errno -?\d+\] ", "", " ".join(str(error).split())).lower() or type(error).__name__
