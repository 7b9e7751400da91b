"""The app in a browser: who may use it, and a morning's work in headless Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from cli.running import environment
from playwright.sync_api import Page, sync_playwright

TIMEOUT_S = 60
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "QQ" * 11 + "==",
}


class Served:
    """`coder --web` and the address that it has printed."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program
        assert program.stdout is not None
        self.address = program.stdout.readline().strip()
        self.origin, _, self.token = self.address.partition("/?token=")

    def enter(self) -> tuple[str, dict[str, str]]:
        """(the page's address, its cookie), as a browser gets them."""
        answer = httpx.get(self.address)
        assert answer.status_code == 303
        return self.origin + answer.headers["Location"], dict(answer.cookies)


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def served(work: Path, tiny_qwen: Path) -> Iterator[Served]:
    words = ["--web", "calc.py", "--line", "9", "--model", str(tiny_qwen)]
    program = subprocess.Popen(
        [sys.executable, "-m", "coder_tui", *words], cwd=work, env=environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        yield Served(program)
    finally:
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=TIMEOUT_S)


def test_nobody_comes_in_without_the_token(served: Served) -> None:
    page, cookie = served.enter()
    for address, more in (
        (served.origin, {}),
        (f"{served.origin}/?token=x", {}),
        (f"{served.origin}/?token=%ff", {}),
        (page, {}),
        (f"{page}ws", {**UPGRADE, "Origin": served.origin}),
        (f"{page}static/js/textual.js", {}),
        (page, {"Cookie": "coder=x"}),
    ):
        assert httpx.get(address, headers=more).status_code == 403, address
    shown = httpx.get(page, cookies=cookie)
    assert shown.status_code == 200
    assert served.token not in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    (kept,) = httpx.get(served.address).headers.get_list("Set-Cookie")
    assert "HttpOnly" in kept
    assert "SameSite=Strict" in kept
    assert f"Path={page.removeprefix(served.origin).rstrip('/')}" in kept


def test_other_pages_and_other_names_are_refused(served: Served) -> None:
    page, cookie = served.enter()
    for more in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
        assert httpx.get(page, headers=more, cookies=cookie).status_code == 403, more
    for more in (UPGRADE, {**UPGRADE, "Origin": "http://127.0.0.1:1"}):
        assert httpx.get(f"{page}ws", headers=more, cookies=cookie).status_code == 403, more
    with socket.socket() as other:  # bound to one address, not to all of this machine
        assert other.connect_ex(("127.0.0.2", int(served.origin.rpartition(":")[2]))) != 0


def test_a_port_that_is_taken(work: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["--web", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(
            [sys.executable, "-m", "coder_tui", *words], cwd=work, env=environment(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be used: address already in use" in done.stderr


class Browser:
    """A page, and what the program has sent it since it was loaded."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.sent = b""
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda opened: opened.on("framereceived", self._take))

    def _take(self, data: bytes | str) -> None:
        self.sent += data if isinstance(data, bytes) else data.encode()

    def until(self, is_so: Callable[[], object]) -> None:
        until(lambda: self.page.wait_for_timeout(50) or is_so())

    def until_shown(self, *words: bytes) -> None:
        """Until the program has drawn some words, which come one by one, and takes keys."""
        self.until(lambda: all(word in self.sent for word in words))
        self.until(lambda: self.page.evaluate("document.activeElement.className") == "xterm-helper-textarea")


@pytest.mark.skipif(_CHROMIUM is None, reason="chromium is not installed")
def test_a_file_is_changed_in_a_browser(served: Served, work: Path) -> None:
    before = (work / "calc.py").read_text()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        browser = Browser(opened.new_page())
        keyboard = browser.page.keyboard
        browser.page.goto(served.address)
        browser.until_shown(b"calc.py", b"9:1")
        keyboard.press("F8")
        browser.until_shown(b"are off")
        keyboard.type("[b]é")
        keyboard.press("Control+s")
        browser.until(lambda: (work / "calc.py").read_text() == f"{before}[b]é")
        keyboard.type("more")
        browser.until(lambda: list(Path(os.environ["CODER_STATE_DIR"], "recovery").rglob("*")))
        browser.sent = b""
        browser.page.reload()
        browser.until_shown(b"Discard")
        browser.page.wait_for_timeout(1000)
        keyboard.press("Enter")
        browser.until_shown("●".encode())
        keyboard.press("Control+s")
        browser.until(lambda: (work / "calc.py").read_text() == f"{before}[b]émore")
        keyboard.press("Control+q")
        browser.page.wait_for_selector("#ended", state="visible")
        opened.close()
    assert all(url.startswith(f"{served.origin}/") for url in browser.asked)
    until(lambda: not psutil.Process(served.program.pid).children(recursive=True))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_app_ends_with_its_server(served: Served, end: signal.Signals) -> None:
    page, cookie = served.enter()
    address = page.removeprefix("http://")
    host, _, path = address.partition("/")
    name, _, port = host.partition(":")
    words = {**UPGRADE, "Host": host, "Origin": served.origin, "Cookie": f"coder={cookie['coder']}"}
    with socket.create_connection((name, int(port))) as connection:
        head = "".join(f"{key}: {value}\r\n" for key, value in words.items())
        connection.sendall(f"GET /{path}ws?width=80&height=24 HTTP/1.1\r\n{head}\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 101")
        server = psutil.Process(served.program.pid)
        until(lambda: connection.recv(4096) and server.children(recursive=True))
        programs = server.children(recursive=True)
        served.program.send_signal(end)
        _, alive = psutil.wait_procs(programs, timeout=TIMEOUT_S)
        assert alive == []
