"""Committing what is staged, with the user's own git: hooks, signing and settings as usual."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain

_SAID_LINES = 6


def commit(root: Path, message: str) -> str:
    """Commit; what git says of it, in a line. For a program that owns the terminal: git gets none to ask on. Raises
    CoderError, with the end of what git and its hooks said; what is staged stays as it was."""
    if not message.strip():
        raise CoderError("the message is empty; nothing was committed")
    with tempfile.TemporaryDirectory(prefix="coder-commit-") as folder:
        path = Path(folder) / "COMMIT_EDITMSG"
        path.write_text(f"{message.strip()}\n", encoding="utf-8", errors="replace")
        try:
            done = subprocess.run(
                ["git", "-C", str(root), "commit", "--file", str(path)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "GIT_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0"},
            )
        except OSError as error:
            raise CoderError(f"git cannot be started: {(error.strerror or str(error)).lower()}") from None
    said = [line for line in plain(done.stdout.decode("utf-8", "replace")).split("\n") if line.strip()]
    if done.returncode:
        told = "\n".join(said[-_SAID_LINES:])
        raise CoderError(f"git did not commit; what is staged is as it was\n{told}".rstrip())
    return said[0] if said else "committed"
