"""Serves the app to a browser on this machine, and to nobody else.

Whoever can open the page can run programs as the user, so: it listens on 127.0.0.1 only; the page is shown to whoever
knows a token that is made anew for each run, and lives at a path that is made anew too, to which the cookie is bound
(cookies know no ports: a server of somebody else on another one would get it otherwise); requests that other pages
make are refused by their Origin, and other names of this machine by their Host (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from coder_tui.core.errors import CoderError

HOST = "127.0.0.1"
_COOKIE = "coder"
_PATIENCE_S = 5.0
"""Of the end: for browsers that do not close their connections."""
_MOST_CELLS = 1000


def serve(command: Sequence[str], title: str, port: int, listening: Callable[[str], None]) -> None:
    """Serve a Textual program until Ctrl+C; port 0 takes one that is free. `listening` is told the address with its
    token. Raises CoderError where the port is taken."""
    try:
        opened = socket.create_server((HOST, port))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CoderError(f"port {port} cannot be used: {reason}", hint="--port 0 takes one that is free") from None
    server = AppServer(command, title, opened.getsockname()[1])
    listening(server.address)
    web.run_app(server.application(), sock=opened, print=None, access_log=None, shutdown_timeout=_PATIENCE_S)


class Program(AppService):
    """One run of the program. What was written on its way to the browser must have an end, whatever ends it."""

    async def run(self) -> None:
        await super().run()
        await self.remote_close()

    async def stop(self) -> None:
        """Ask it to end, and end it where it does not."""
        try:
            await asyncio.wait_for(self._stop(), _PATIENCE_S)
        except TimeoutError:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    async def _stop(self) -> None:
        await super().stop()
        if self._process is not None:
            await self._process.wait()


class AppServer(Server):
    """One program at a time: a page that is opened, or loaded anew, takes the place of the one before."""

    def __init__(self, command: Sequence[str], title: str, port: int) -> None:
        here = Path(__file__).parent
        words = f"exec {shlex.join(command)}"
        super().__init__(words, HOST, port, title, f"http://{HOST}:{port}", templates_path=here)
        self._token, self._key = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._place = f"/{secrets.token_urlsafe(8)}"
        self._shown: web.WebSocketResponse | None = None
        self._turn = asyncio.Lock()

    @property
    def address(self) -> str:
        """What to open. The token works for as long as the server runs."""
        return f"{self.public_url}/?token={self._token}"

    def application(self) -> web.Application:
        """With its routes, and a guard before them."""
        import aiohttp_jinja2
        import jinja2

        app = web.Application(middlewares=[self._guarded])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(self.templates_path), autoescape=True)
        app.add_routes(
            [
                web.get("/", self._enter),
                web.get(f"{self._place}/", self.handle_index, name="index"),
                web.get(f"{self._place}/page.js", self._script, name="script"),
                web.get(f"{self._place}/ws", self.handle_websocket, name="websocket"),
                web.static(f"{self._place}/static", self.statics_path, name="static"),
            ]
        )
        app.on_response_prepare.append(self._strict)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def on_shutdown(self, app: web.Application) -> None:
        """The program ends with the server."""
        del app
        if self._shown is not None:
            await self._shown.close()

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """The program, for as long as the page is there."""
        connection = web.WebSocketResponse(heartbeat=15)
        await connection.prepare(request)
        if self._shown is not None:
            await self._shown.close()
        async with self._turn:
            self._shown = connection
            service = Program(
                self.command, write_bytes=connection.send_bytes, write_str=connection.send_str,
                close=_closing(connection), download_manager=self.download_manager,
            )  # fmt: skip
            await service.start(*(_cells(request, name) for name in ("width", "height")))
            try:
                await self._process_messages(connection, service)
            finally:
                await service.stop()
        return connection

    async def _script(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(Path(self.templates_path) / "page.js")

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        """The token buys the cookie. It is not in the address of the page that is shown then."""
        if not _same(request.query.get("token", ""), self._token):
            raise web.HTTPForbidden(text="The address needs the token that `coder --web` has printed.")
        response = web.HTTPSeeOther(f"{self._place}/")
        response.set_cookie(_COOKIE, self._key, path=self._place, httponly=True, samesite="Strict")
        return response

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host != f"{HOST}:{self.port}":
            raise web.HTTPForbidden(text=f"This is {self.public_url}, under no other name.")
        origin = request.headers.get("Origin")
        if origin != self.public_url and (origin is not None or request.path.endswith("/ws")):
            raise web.HTTPForbidden(text="Another page has asked for this.")
        if request.path != "/" and not _same(request.cookies.get(_COOKIE, ""), self._key):
            raise web.HTTPForbidden(text="Open the address that `coder --web` has printed.")
        return await handler(request)

    async def _strict(self, request: web.Request, response: web.StreamResponse) -> None:
        """Nothing from elsewhere is loaded, nothing is told to elsewhere, and no page may frame this one."""
        del request
        socket_url = self.public_url.replace("http:", "ws:")
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
            f"img-src 'self' data:; connect-src 'self' {socket_url}; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"


def _closing(connection: web.WebSocketResponse) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        await connection.close()

    return close


def _cells(request: web.Request, name: str) -> int:
    return min(max(1, to_int(request.query.get(name, ""), 80)), _MOST_CELLS)


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())
