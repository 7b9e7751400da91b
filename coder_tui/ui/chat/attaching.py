"""What goes with the next question: the selection, files, lines of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.assistant.commands import named_files
from coder_tui.core.document import to_lf
from coder_tui.core.errors import DocumentError
from coder_tui.core.standins import released
from coder_tui.edits import files as reading
from coder_tui.ui.chat.at_cursor import AtCursor
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.telling import in_thread

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.assistant.talk import Talk


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that is asked when the answer at hand has ended."""

    text: str
    attachments: tuple[Attachment, ...]


class Attaching:
    """To a talk, shown in the panel."""

    def __init__(self, talk: Talk, launch: Launch, at_cursor: AtCursor) -> None:
        self._talk, self._launch, self._at_cursor = talk, launch, at_cursor

    def show(self) -> None:
        """What is attached now, and what it costs."""
        self._at_cursor.show()
        self._at_cursor.later()

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

    async def code(self, file: OpenFile) -> None:
        """What a command that needs code is about: what stands at the cursor of a file, or all of it."""
        if not await self._at_cursor.take("", as_it_stands=True):
            self.attach(file)

    async def what_is_meant(self, question: str, files: Sequence[str]) -> None:
        """The files that a question names with `@`, or else what stands at the cursor. Raises DocumentError."""
        for named in named_files(question, files):
            await self.add(named.path, named.lines)
        await self._at_cursor.take(question)

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
        if not self._talk.drop(name) and not self._at_cursor.drop(name) and name:
            raise DocumentError(f"{name} is not attached")
        self.show()
