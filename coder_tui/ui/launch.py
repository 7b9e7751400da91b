"""What the app is started with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.assistant.host import Open
from coder_tui.config.keymap import Action, actions
from coder_tui.config.schema import Settings

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.assistant.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Launch:
    """Where, on what, and with which model."""

    directory: Path
    """Where the app works: the repository's root, or the directory that was named. Absolute."""
    root: Path | None
    """Of the repository, if it is one."""
    settings: Settings
    file: Path | None = None
    """To open; it need not exist."""
    line: int | None = None
    """1-based."""
    warnings: tuple[str, ...] = ()
    """Of the settings."""
    find_model: Callable[[Settings], Path] = field(default=lambda _: Path())
    """The weights that the settings mean. Raises NoModelError."""
    open_model: Open | None = None
    """In tests, what stands for loading weights."""
    log_file: Path | None = None
    workspace: Workspace | None = None
    """What is known of the directory; None knows nothing, and keeps no chats."""

    at_chat: bool = False
    """Whether the focus begins in the chat."""
    attachments: tuple[Attachment, ...] = ()
    """They go with the first question."""
    session: str = ""
    """The chat to go on with."""

    @property
    def table(self) -> tuple[Action, ...]:
        """The action table with the user's keys."""
        return actions(self.settings.keys)
