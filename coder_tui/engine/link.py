"""A client's connection to an engine's process: requests go out, replies come in by the id of their request."""

from __future__ import annotations

import contextlib
import queue
import threading
from abc import ABC, abstractmethod
from typing import IO

from coder_tui.core.errors import EngineDiedError, EngineError
from coder_tui.engine import messages as wire


class Link(ABC):
    """Replies are handed to whoever sent the request, from a thread."""

    def __init__(self) -> None:
        self._sink: IO[bytes] | None = None
        self._writing = threading.Lock()
        self._waiting: dict[int, queue.Queue[wire.Message | None]] = {}
        self._state = threading.Lock()
        self.ended = False
        self._closed = False
        """`close` came before it ended by itself."""

    @property
    @abstractmethod
    def pid(self) -> int:
        """Of the process at the other end."""

    @abstractmethod
    def close(self) -> None:
        """End it, at once."""

    @abstractmethod
    def death(self) -> EngineDiedError:
        """How it ended, as an error."""

    @abstractmethod
    def _cut(self) -> None:
        """It is of no more use: see that the other end learns of it. It may have ended already."""

    def _run(self, source: IO[bytes], sink: IO[bytes]) -> None:
        """Begin to take replies."""
        self._sink = sink
        threading.Thread(target=self._receive, args=(source,), name="engine-replies", daemon=True).start()

    def send(self, message: wire.Request) -> queue.Queue[wire.Message | None]:
        """Send a request; its replies come through the queue, None when the process has ended."""
        replies: queue.Queue[wire.Message | None] = queue.Queue()
        with self._state:
            if self.ended:
                replies.put(None)
                return replies
            self._waiting[message.id] = replies
        self.post(message)
        return replies

    def post(self, message: wire.Message) -> None:
        """Send what needs no reply. That the process has ended shows elsewhere."""
        sink = self._sink
        if sink is None:
            return
        with contextlib.suppress(OSError, ValueError), self._writing:
            sink.write(wire.encode(message))
            sink.flush()

    def ask(self, message: wire.Request) -> wire.Message | None:
        """Send a request and wait for its one reply."""
        try:
            return self.send(message).get()
        finally:
            self.forget(message.id)

    def forget(self, request: int) -> None:
        """No more replies to this request are wanted."""
        with self._state:
            self._waiting.pop(request, None)

    def _receive(self, source: IO[bytes]) -> None:
        """Hand out replies until the process ends, then tell everybody who still waits."""
        with contextlib.suppress(EngineError, OSError, ValueError), source:
            for line in source:
                self._deliver(wire.decode(line))
        self._cut()  # it closed its output or talks nonsense: either way it is of no more use
        with self._state:
            self.ended = True
            waiting = list(self._waiting.values())
        for replies in waiting:
            replies.put(None)

    def _deliver(self, message: wire.Message) -> None:
        with self._state:
            replies = self._waiting.get(getattr(message, "id", 0))
        if replies is not None:
            replies.put(message)
