"""A model hub on loopback that can be told to misbehave."""

from __future__ import annotations

import random
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = random.Random(7).randbytes(200_000)


class Hub:
    """Serves CONTENT under every path."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.status = 200
        self.head_status = 200
        self.breaks: list[int] = []
        """Offsets at which the connection is closed, one for each request."""
        self.holds: list[int] = []
        """Offsets at which the answer stops until `go`, one for each request."""
        self.held, self.go = threading.Event(), threading.Event()
        self.ranges = True
        self.shift = 0
        """Added to where the answer says that its range begins."""
        self.etag = ""
        self.compressed = False
        self.redirect = ""
        """Where the first answer sends the client; empty answers at once."""
        self.requests: list[dict[str, str]] = []
        hub_of_handler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                hub_of_handler.answer_head(self)

            def do_GET(self) -> None:
                hub_of_handler.answer_get(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that was killed is no news."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer_head(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(self.head_status)
        if self.etag:
            handler.send_header("X-Linked-Etag", f'"{self.etag}"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def answer_get(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append({"path": handler.path, **dict(handler.headers.items())})
        if self.redirect and not handler.path.startswith("/storage"):
            handler.send_response(302)
            handler.send_header("Location", self.redirect)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        begin = int(match[1]) if match and self.ranges else 0
        ranged = bool(match) and self.ranges and self.status == 200
        if begin >= len(self.content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(self.content)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206 if ranged else self.status)
        handler.send_header("Content-Length", str(len(self.content) - begin))
        if ranged:
            span = f"bytes {begin + self.shift}-{len(self.content) - 1}/{len(self.content)}"
            handler.send_header("Content-Range", span)
        if self.compressed:
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        end = len(self.content)
        if self.breaks:
            end = self.breaks.pop(0)
            handler.close_connection = True
        elif self.holds:
            end = self.holds.pop(0)
        try:
            handler.wfile.write(self.content[begin:end])
            handler.wfile.flush()
            if end < len(self.content) and not handler.close_connection:
                self.held.set()
                self.go.wait(20)
                handler.wfile.write(self.content[end:])
        except OSError:
            handler.close_connection = True
