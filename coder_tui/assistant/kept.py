"""What a model has read, kept for later: `coder infill` twice on a file reads it once, a chat that is opened again goes
on where it was.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.errors import EngineError
from coder_tui.core.prompt import Prompt, Purpose, Segment
from coder_tui.engine.base import Engine

_LARGEST_PART = 3
"""A state larger than this part of all that is allowed is not kept: it would push out all others. A model of 1.3B
parameters without grouped queries takes 270 MB for a file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A KV state on disk."""

    purpose: Purpose
    key: str
    """What those have in common who are likely to read the same: the model and the file, or the chat. Empty: nobody
    has read anything of it yet."""
    then: Callable[[], str] | None = None
    """The key under which it is kept afterwards, where that is another one; empty keeps nothing."""
    of: tuple[Segment, ...] = ()
    """The prompt that was read, where others may have been read since."""

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
                engine.save_state(self.purpose, path, chosen.state_bytes // _LARGEST_PART, self.of)
        prune(paths.states_dir(), chosen.state_bytes, chosen.state_days)


def chat_key(session: str) -> str:
    """Of what a model has read of a chat; the model is not in it: a chat has one state, that of its last model."""
    return f"session {session}" if session else ""


def file_key(model: str, path: Path) -> str:
    """Of what a model has read of a file for somebody who types in it."""
    return f"typing {model} {path}"


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


class Turns:
    """Which text an engine has in its KV cache, for somebody who goes from one chat, or file, to another: what was read
    of the one is kept, what was read of the other before is restored. Its calls wait for the engine."""

    def __init__(self, purpose: Purpose, pause_s: float = 0.0) -> None:
        """A text that was kept is not kept again for `pause_s`: what is new of it until then is read again instead,
        which is less than to write all of it."""
        self._purpose, self._pause_s = purpose, pause_s
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._settings = Settings()
        self._key = ""
        """Whose text is in the cache; empty where it is to be kept for nobody."""
        self._of: tuple[Segment, ...] = ()
        """Its prompt, where that is known."""
        self._kept_at: dict[str, float] = {}

    def turn_to(self, engine: Engine, settings: Settings, key: str) -> int:
        """This text is going to be read (empty: one that is not kept, or not yet): what was read of the one before is
        kept, what was read of this one earlier is restored. Tokens that need not be read again."""
        with self._lock:
            if engine is self._engine and key == self._key:
                return 0
            if time.monotonic() - self._kept_at.get(self._key, -self._pause_s) >= self._pause_s:
                self.keep()
            self._engine, self._settings, self._key = engine, settings, ""
            return Kept(self._purpose, key).restore(engine, settings)

    def holds(self, key: str, prompt: Prompt | None = None) -> None:
        """The cache holds this text, whatever it held before; with its prompt also when others have used the cache
        since."""
        with self._lock:
            self._key = key if self._engine is not None else ""
            self._of = prompt.segments if prompt is not None else ()

    def keep(self) -> None:
        """Write down what is in the cache, as the program is about to leave it."""
        with self._lock:
            if self._engine is not None and self._key:
                Kept(self._purpose, self._key, of=self._of).save(self._engine, self._settings)
                self._kept_at[self._key] = time.monotonic()
                self._key = ""


def _path(purpose: Purpose, key: str) -> Path:
    name = hashlib.blake2b(f"{purpose} {key}".encode("utf-8", "surrogateescape"), digest_size=16)
    return paths.states_dir() / f"{name.hexdigest()}.kv"
