"""Starting the terminal app. What does nothing but open it, `coder` and `coder PATH`, does not wait for the commands
and their parser: they take a quarter of the time until the first picture."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.core.errors import UsageError

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.config.schema import Settings

NAME = "open"
"""Of the command that opens the app; `coder PATH` is short for it."""


@dataclass(frozen=True, slots=True)
class AtChat:
    """The app begins at its chat."""

    attachments: tuple[Attachment, ...] = ()
    """They go with the first question."""
    session: str = ""
    """Of the chat to go on with; empty for a new one."""


def opened_by(words: Sequence[str]) -> tuple[Path | None, int | None] | None:
    """(path, line) where these words of a command line do nothing but open the app on a terminal; None for all others,
    which the parser of the commands is for."""
    if not is_possible() or is_in_browser():
        return None
    line: int | None = None
    if len(words) > 2 and words[-2] == "--line" and words[-1].isascii() and words[-1].isdigit() and int(words[-1]):
        line, words = int(words[-1]), words[:-2]
    if not words:
        return None, line
    # No command's name has a dot or a slash in it.
    is_path = not words[0].startswith("-") and (os.sep in words[0] or "." in words[0])
    return (Path(words[0]), line) if len(words) == 1 and is_path else None


def is_possible() -> bool:
    """Whether there is a terminal to show the app on, or a browser that stands for one."""
    return is_in_browser() or (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty())


def is_in_browser() -> bool:
    """Whether `serve` has started this."""
    return "TEXTUAL_DRIVER" in os.environ


def place(path: Path | None) -> tuple[Path, Path | None]:
    """(the directory to work in, the file to open) of a path; both absolute. Raises UsageError."""
    given = (path or Path.cwd()).absolute()
    directory = given if given.is_dir() else given.parent
    if not directory.is_dir():
        raise UsageError(f"there is no directory {directory}")
    return directory, None if given.is_dir() else given


def run(path: Path | None = None, line: int | None = None, model: str | None = None) -> None:
    """Open the app on a directory or a file. Raises UsageError where there is no terminal."""
    from coder_tui.config import load
    from coder_tui.context import repository

    directory, file = place(path)
    if not is_possible():
        raise UsageError(
            "the app needs a terminal", hint='in scripts use the commands: coder chat "...", coder infill FILE:LINE'
        )
    root = repository.find_root(directory)
    loaded = load.load(root, {"model.name": model})

    start(root or directory, root, loaded.settings, file=file, line=line, warnings=loaded.warnings)


def start(
    directory: Path,
    root: Path | None,
    settings: Settings,
    *,
    file: Path | None = None,
    line: int | None = None,
    warnings: tuple[str, ...] = (),
    chat: AtChat | None = None,
) -> None:
    """Run the app until it ends."""
    from coder_tui.config import paths

    if is_in_browser():
        from coder_tui.ui.web.orphan import end_with_parent

        end_with_parent()
    else:
        for name in ("COLUMNS", "LINES"):  # exported, they would freeze the size: what the terminal says counts
            os.environ.pop(name, None)
    os.environ.setdefault("TEXTUAL_FPS", "120")  # a key waits for the next picture: 4 ms less
    from coder_tui.assistant.workspace import Workspace
    from coder_tui.ui import ending
    from coder_tui.ui.app import CoderApp
    from coder_tui.ui.launch import Launch

    workspace = Workspace(directory, root, settings)
    launch = Launch(directory, root, settings, file, line, warnings, _find, log_file=paths.log_file(),
        workspace=workspace, at_chat=chat is not None, attachments=chat.attachments if chat else (),
        session=chat.session if chat else "")  # fmt: skip
    if status := ending.run(CoderApp(launch)):
        sys.exit(status)


def _find(settings: Settings) -> Path:
    """The weights that the settings mean."""
    from coder_tui.cli.runtime import model_name
    from coder_tui.config import paths
    from coder_tui.weights import store

    return store.resolve(model_name(settings), paths.models_dir(settings.paths.models))
