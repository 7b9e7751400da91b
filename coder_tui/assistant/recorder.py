"""Keeping a chat as it goes on: questions when they are asked, answers while they arrive."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from coder_tui.assistant.chat import Attachment, turn
from coder_tui.core.errors import HistoryError
from coder_tui.core.events import Finished, StopReason
from coder_tui.history.sessions import Attached, Said, Sessions
from coder_tui.prompts.chat import Message

_FLUSH_S = 0.5
"""A kill loses no more of an answer than what came in this time."""


@dataclass(slots=True)
class Recorder:
    """One chat. A failure to keep it never ends the chat: it is told in `trouble`."""

    sessions: Sessions | None
    """None keeps nothing."""
    root: str = ""
    model: str = ""
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    session: str = ""
    """Of a chat that goes on; empty until the first question of a new one."""
    trouble: str = ""
    """Why the chat is not kept any more, for the user."""
    count: int = 0
    """Messages of the chat that are kept."""
    _begins_like: tuple[str, int] = ("", 0)
    """The chat whose first messages this one will begin with, and how many."""
    hint: str | None = None
    """What mends it."""
    _answer: int = 0
    _text: str = ""
    _timer: threading.Timer | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def told(self) -> str:
        """What the user must know of how it is kept; empty for nothing."""
        return self.trouble or (self.sessions.notice if self.sessions is not None else "")

    @property
    def earlier(self) -> tuple[Message, ...]:
        """What was said before, as the model read it. Raises HistoryError."""
        if self.sessions is None or not self.session:
            return ()
        return spoken(self.sessions.messages(self.session))

    def before(self, count: int) -> Recorder:
        """What keeps a chat that begins with the first messages of this one and goes another way: both are kept."""
        begins = (self.session, count) if self.session and count else ("", 0)
        return Recorder(self.sessions, self.root, self.model, self.settings, count=begins[1], _begins_like=begins)

    def asked(self, text: str, attachments: Sequence[Attachment]) -> None:
        """A question; the answer begins."""
        if self.sessions is None:
            return
        attached = tuple(Attached(one.name, one.text, one.first_line, one.language) for one in attachments)
        try:
            if not self.session and self._begins_like[0]:
                self.session = self.sessions.fork(*self._begins_like)
            if not self.session:
                self.session = self.sessions.new(root=self.root, model=self.model, settings=self.settings)
            self.sessions.add(self.session, Said("user", text, attached))
            self._answer = self.sessions.add(self.session, Said("assistant", "", is_whole=False))
            self.count += 2
        except HistoryError as error:
            self._give_up(error)

    def said(self, text: str) -> None:
        """All that has come of the answer so far."""
        with self._lock:
            self._text = text
            if self.sessions is not None and self._answer and self._timer is None:
                # A timer, and not the next piece of the answer: a model may pause for longer.
                self._timer = threading.Timer(_FLUSH_S, self._flush)
                self._timer.daemon = True
                self._timer.start()

    def _flush(self) -> None:
        with self._lock:
            self._timer = None
            if self.sessions is None or not self._answer:
                return
            try:
                self.sessions.update(self._answer, self._text, is_whole=False)
            except HistoryError as error:
                self._give_up(error)

    def ended(self, text: str, finished: Finished | None) -> None:
        """The answer is all there, or has been stopped; None where it was broken off."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self.sessions is None or not self._answer:
                return
            is_whole = finished is not None and finished.reason is not StopReason.CANCELLED
            usage = asdict(finished.usage) if finished is not None else None
            try:
                self.sessions.update(self._answer, text, is_whole=is_whole, usage=usage)
            except HistoryError as error:
                self._give_up(error)
            self._answer = 0

    def _give_up(self, error: HistoryError) -> None:
        self.trouble, self.hint = f"{error}; this chat is not kept any more", error.hint
        self.sessions, self._answer = None, 0


def spoken(said: Sequence[Said]) -> tuple[Message, ...]:
    """What was said, as a model reads it."""
    found: list[Message] = []
    for one in said:
        if one.role == "user":
            found.append(turn(one.text, attachments(one)))
        elif one.text:
            found.append(Message("assistant", one.text))
    return _in_turn(found)


def attachments(said: Said) -> tuple[Attachment, ...]:
    """What went with a question."""
    return tuple(Attachment(one.name, one.text, one.first_line, one.language) for one in said.attachments)


def _in_turn(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Questions and answers in turn, as templates want them: a question without an answer is left out."""
    found: list[Message] = []
    for message in messages:
        if message.role == "user" and found and found[-1].role == "user":
            found.pop()
        if message.role == "user" or (found and found[-1].role == "user"):
            found.append(message)
    if found and found[-1].role == "user":
        found.pop()
    return tuple(found)
