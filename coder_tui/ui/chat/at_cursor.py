"""The code at the cursor, which goes along with a question that has nothing else attached, and what the model reads
while a question is being written."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from coder_tui.core.errors import CoderError
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.telling import in_thread

if TYPE_CHECKING:
    from textual.timer import Timer

    from coder_tui.assistant.chat import Attachment
    from coder_tui.assistant.here import Cursor
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.talk import Talk

_PAUSE_S = 0.3
"""Between two keys of somebody who is thinking."""


class AtCursor:
    """Looks at the editor whenever somebody has stopped typing in the prompt."""

    def __init__(self, panel: ChatPanel, talk: Talk, editors: Editors) -> None:
        self._panel, self._talk, self._editors = panel, talk, editors
        self.ready: Ready | None = None
        self.here: Attachment | None = None
        """What would go along now."""
        self._dropped: Attachment | None = None
        """What the user does not want to go along, as long as it is that."""
        self._timer: Timer | None = None

    def later(self) -> None:
        """Something has changed: look when that has been so for a moment."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._panel.set_timer(_PAUSE_S, self._look_now)

    def _look_now(self) -> None:
        if self._panel.prompt.has_focus:
            self._panel.run_worker(self._prepare(), group="here", exclusive=True, exit_on_error=False)

    async def _prepare(self) -> None:
        question, ready = self._panel.prompt.content.strip(), self.ready
        await self.look(question)
        if ready is not None and ready is self.ready and not question.startswith("/"):
            self._talk.prepare(ready, question, self.attachments)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What goes along with a question asked now."""
        return self._talk.attachments or ((self.here,) if self.here is not None else ())

    async def take(self, question: str, *, as_it_stands: bool = False) -> bool:
        """Attach it to a question that has nothing else, unless the chat has it already. With `as_it_stands` only the
        code itself, also what was sent before. Whether something is attached now."""
        from coder_tui.assistant.here import is_outline

        await self.look(question, again=as_it_stands)
        if self.here is not None and not (as_it_stands and is_outline(self.here)):
            self._talk.attach(self.here)
            self.here = None
        return bool(self._talk.attachments)

    async def look(self, question: str, *, again: bool = False) -> None:
        """Find what stands at the cursor, for a question; with `again` also what was sent or dropped before."""
        cursor, ready, found = self._cursor(), self.ready, None
        if cursor is not None and ready is not None and ready.settings.chat.here == "on":
            from coder_tui.assistant.here import here

            with suppress(CoderError):  # whoever asks is told
                found = await in_thread(lambda: here(cursor, question, ready))
        self.here = found if again or (found != self._dropped and not self._is_known(found)) else None
        self.show()

    def _is_known(self, found: Attachment | None) -> bool:
        """Whether the chat has it already."""
        from coder_tui.assistant.here import is_part

        sent = (one for turn in self._talk.turns for one in turn.attachments)
        return found is not None and any(is_part(found, one) for one in sent)

    def _cursor(self) -> Cursor | None:
        from coder_tui.assistant.here import Cursor

        file = self._editors.active
        if file is None or self._talk.attachments:
            return None
        area = file.area
        selected = None if area.selection.is_empty else area.selected_lines()
        return Cursor(area.content, file.path_name or file.name, area.cursor_location[0], selected)

    def show(self) -> None:
        """What goes along, in the panel."""
        self._panel.attached(self._talk.attachments, None if self._talk.attachments else self.here)
        self._panel.run_worker(self._count(), group="count", exit_on_error=False)

    async def _count(self) -> None:
        attachments, ready = self.attachments, self.ready
        count = 0
        if attachments and ready is not None:
            count = await in_thread(lambda: sum(ready.count(one.text) for one in attachments))
        if attachments == self.attachments:
            self._panel.meter.say(attached=count)

    def drop(self, name: str = "") -> bool:
        """Do not send it, nor one of that name; whether there was any."""
        if self.here is None or self._talk.attachments or (name and name != self.here.name):
            return False
        self._dropped, self.here = self.here, None
        self.show()
        return True
