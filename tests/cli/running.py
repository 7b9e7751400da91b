"""What running the command line means in tests: how it ended, what it printed, and helpers around it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from coder_tui.core.prompt import Segment
from coder_tui.engine.scripted import ScriptedEngine

ROOT = Path(__file__).parents[2]


@dataclasses.dataclass
class Result:
    """How a command ended and what it printed."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Run = Callable[..., Result]
Script = Callable[..., ScriptedEngine]


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "core.autocrlf=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, check=True)
    return done.stdout.decode()


def prompt_text(engine: ScriptedEngine, request: int = -1) -> str:
    """All of a prompt, special tokens as the vocabulary calls them."""
    return "".join(segment.text for segment in engine.requests[request][0].segments)


def asked_tokens(engine: ScriptedEngine, request: int = -1) -> int:
    """How many tokens were asked for, without those of the text that is generated again."""
    prompt, _, limits, _ = engine.requests[request]
    return limits.max_tokens - len(engine.tokenize(Segment(prompt.forced)))


def failed(result: Result, code: int = 1) -> str:
    """Check that a command failed as users are told of it; the `error:` line."""
    assert result.code == code, result
    assert result.out == b""
    first, *rest = result.err.splitlines()
    assert first.startswith("error: ")
    assert len(rest) <= 1
    assert not rest or rest[0].startswith("hint: ")
    return result.err


def command(*arguments: str | Path) -> Sequence[str]:
    """The command as a process of its own."""
    return [sys.executable, "-m", "coder_tui", *map(str, arguments)]


def spawn(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("env", environment())
    return subprocess.run(command(*arguments), capture_output=True, timeout=60, check=False, **options)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}
