"""What a model has read, kept for the next command: `coder infill` twice on a file reads it once."""

from __future__ import annotations

import hashlib
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
    """A KV state of commands that are likely to read the same."""

    purpose: Purpose
    key: str
    """What they have in common: the model and the file, or the repository."""

    @property
    def path(self) -> Path:
        name = hashlib.blake2b(f"{self.purpose} {self.key}".encode("utf-8", "surrogateescape"), digest_size=16)
        return paths.states_dir() / f"{name.hexdigest()}.kv"

    def restore(self, engine: Engine, settings: Settings) -> int:
        """Tokens that need not be read again."""
        if settings.cache.state_bytes:
            with suppress(EngineError):  # if its process has died of it, the first request starts another
                return engine.restore_state(self.purpose, self.path)
        return 0

    def save(self, engine: Engine, settings: Settings) -> None:
        """Keep it, and make room for it."""
        from coder_tui.engine.state_file import prune

        chosen = settings.cache
        if chosen.state_bytes:
            with suppress(EngineError):  # the command has done what it was asked for
                engine.save_state(self.purpose, self.path, chosen.state_bytes // _LARGEST_PART)
        prune(paths.states_dir(), chosen.state_bytes, chosen.state_days)
