"""The current file, or the prompt of the chat, in the user's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported

from coder_tui.core.document import to_lf
from coder_tui.core.errors import CoderError
from coder_tui.ui.chat.prompt import Prompt
from coder_tui.ui.files import Files
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.telling import tell


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """What $VISUAL or $EDITOR name. Raises CoderError when they name nothing."""
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(variable, ""))
        except ValueError:
            raise CoderError(f"${variable} cannot be read: a quote is not closed") from None
        if words:
            return words
    raise CoderError("$EDITOR is not set", hint="export EDITOR=vi, for instance")


def prompt_outside(app: App[None], prompt: Prompt) -> None:
    """Have the prompt written in the user's editor; what it holds at the end is in the prompt, and not sent yet."""
    try:
        command = editor_command(os.environ)
        with tempfile.TemporaryDirectory(prefix="coder-prompt-") as folder:
            path = Path(folder) / "prompt.md"
            path.write_text(prompt.content, encoding="utf-8", errors="surrogateescape")
            with app.suspend():
                done = subprocess.run([*command, str(path)], check=False)
            if done.returncode == 0:
                prompt.put(to_lf(path.read_text(encoding="utf-8", errors="surrogateescape")).rstrip("\n"))
    except SuspendNotSupported:
        tell(app, CoderError("this terminal cannot be handed to another program"))
    except OSError as error:
        tell(app, CoderError(f"the editor cannot be used: {(error.strerror or str(error)).lower()}"))
    except CoderError as error:
        tell(app, error)


async def edited_outside(app: App[None], files: Files, file: OpenFile) -> None:
    """Save a file, open it in the user's editor, and take what that made of it."""
    try:
        command = editor_command(os.environ)
        if (file.modified or not file.document.digest) and not await files.save(file):
            return
        line = file.area.cursor_location[0] + 1
        with app.suspend():
            subprocess.run([*command, f"+{line}", str(file.path)], check=False)
        await files.reload(file)
    except SuspendNotSupported:
        tell(app, CoderError("this terminal cannot be handed to another program"))
    except OSError as error:
        tell(app, CoderError(f"cannot start {command[0]}: {(error.strerror or str(error)).lower()}"))
    except CoderError as error:
        tell(app, error)
