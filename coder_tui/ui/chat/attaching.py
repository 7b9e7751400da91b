"""What goes with the next question: the selection, files, lines of files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.core.document import to_lf
from coder_tui.core.errors import DocumentError
from coder_tui.core.standins import released
from coder_tui.edits import files as reading
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.telling import in_thread

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.talk import Talk


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that is asked when the answer at hand has ended."""

    text: str
    attachments: tuple[Attachment, ...]


class Attaching:
    """To a talk, shown in the panel."""

    def __init__(self, panel: ChatPanel, talk: Talk, launch: Launch) -> None:
        self._panel, self._talk, self._launch = panel, talk, launch
        self.ready: Ready | None = None
        """Counts tokens."""

    def show(self) -> None:
        """What is attached now, and what it costs."""
        self._panel.attached(self._talk.attachments)
        self._panel.run_worker(self._count(), group="count", exit_on_error=False)

    async def _count(self) -> None:
        attachments, ready = self._talk.attachments, self.ready
        count = 0
        if attachments and ready is not None:
            count = await in_thread(lambda: sum(ready.count(one.text) for one in attachments))
        if attachments == self._talk.attachments:
            self._panel.meter.say(attached=count)

    def attach(self, file: OpenFile) -> None:
        """The selected lines of a file, or all of it."""
        from coder_tui.assistant.chat import Attachment

        area = file.area
        name, language = file.path_name or file.name, Path(file.name).suffix.lstrip(".")
        if area.selection.is_empty:
            attachment = Attachment(name, area.content, language=language)
        else:
            first, last = area.selected_lines()
            lines = "".join(f"{area.document.get_line(line)}\n" for line in range(first, last + 1))
            attachment = Attachment(name, released(lines), first, language)
        self._talk.attach(attachment)
        self.show()

    async def add(self, name: str, lines: tuple[int, int] | None = None) -> None:
        """A file, or lines of it. Raises DocumentError."""
        from coder_tui.assistant.chat import Attachment

        if not name:
            raise DocumentError("/add needs the path of a file")
        path = self._launch.directory / name
        limit = self._launch.settings.files.max_bytes
        document = await in_thread(partial(reading.read, path, max_bytes=limit))
        text, first = to_lf(document.text), 0
        if lines is not None:
            first = lines[0]
            text = "".join(f"{line}\n" for line in text.split("\n")[first : lines[1] + 1])
        self._talk.attach(Attachment(name, text, first, path.suffix.lstrip(".")))
        self.show()

    def drop(self, name: str = "") -> None:
        """Take attachments away: all, or those of a name. Raises DocumentError where there are none."""
        if not self._talk.drop(name) and name:
            raise DocumentError(f"{name} is not attached")
        self.show()
