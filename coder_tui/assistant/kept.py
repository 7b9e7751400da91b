"""What a model has read, kept for later: `coder infill` twice on a file reads it once, a chat that is opened again goes
on where it was.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.errors import EngineError
from coder_tui.core.prompt import Purpose
from coder_tui.engine.base import Engine

_LARGEST_PART = 4
"""A state larger than this part of all that is allowed is not kept: it would push out most of the others."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A KV state on disk."""

    purpose: Purpose
    key: str
    """What those have in common who are likely to read the same: the model and the file, or the chat. Empty: nobody
    has read anything of it yet."""
    then: Callable[[], str] | None = None
    """The key under which it is kept afterwards, where that is another one; empty keeps nothing."""

    @property
    def path(self) -> Path:
        return _path(self.purpose, self.key)

    def restore(self, engine: Engine, settings: Settings) -> int:
        """Tokens that need not be read again."""
        if self.key and settings.cache.state_bytes:
            with suppress(EngineError):  # if its process has died of it, the first request starts another
                return engine.restore_state(self.purpose, self.path)
        return 0

    def save(self, engine: Engine, settings: Settings) -> None:
        """Keep it, and make room for it."""
        from coder_tui.engine.state_file import prune

        key, chosen = self.then() if self.then is not None else self.key, settings.cache
        if key and chosen.state_bytes:
            with suppress(EngineError):  # the command has done what it was asked for
                path = _path(self.purpose, key)
                engine.save_state(self.purpose, path, chosen.state_bytes // _LARGEST_PART)
        prune(paths.states_dir(), chosen.state_bytes, chosen.state_days)


def chat_key(session: str) -> str:
    """Of what a model has read of a chat; the model is not in it: a chat has one state, that of its last model."""
    return f"session {session}" if session else ""


def chat_bytes(session: str) -> int:
    """Size on disk of what a model has read of a chat; 0 when nothing of it is there."""
    with suppress(OSError):
        return _path(Purpose.CHAT, chat_key(session)).stat().st_size
    return 0


def forget_chats(sessions: Collection[str]) -> None:
    """Remove what models have read of these chats."""
    for session in sessions:
        with suppress(OSError):
            _path(Purpose.CHAT, chat_key(session)).unlink(missing_ok=True)


class ChatState:
    """Which chat an engine has in its KV cache, for somebody who goes from chat to chat. Its calls wait for the
    engine."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._settings = Settings()
        self._session = ""
        """Whose text is in the cache; empty where it is to be kept for nobody."""

    def turn_to(self, engine: Engine, settings: Settings, session: str) -> int:
        """A question of this chat is going to be asked (empty: of one that has just begun): what was read of the chat
        before is kept, what was read of this one earlier is restored. Tokens that need not be read again."""
        with self._lock:
            if engine is self._engine and session == self._session:
                return 0
            self.keep()
            self._engine, self._settings = engine, settings
            return Kept(Purpose.CHAT, chat_key(session)).restore(engine, settings)

    def answered(self, session: str) -> None:
        """The cache holds a question of this chat and its answer."""
        with self._lock:
            self._session = session

    def keep(self) -> None:
        """Write down what is in the cache, as the program is about to leave the chat."""
        with self._lock:
            if self._engine is not None and self._session:
                Kept(Purpose.CHAT, chat_key(self._session)).save(self._engine, self._settings)
                self._session = ""


def _path(purpose: Purpose, key: str) -> Path:
    name = hashlib.blake2b(f"{purpose} {key}".encode("utf-8", "surrogateescape"), digest_size=16)
    return paths.states_dir() / f"{name.hexdigest()}.kv"
