"""What a chat tells while it gives an answer. Each event has the number of the answer that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.core.errors import CoderError
from coder_tui.core.events import StopReason, Usage

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.prompts.chat import Message


@dataclass(frozen=True, slots=True)
class Sending:
    """What goes to the model with the question is known."""

    number: int
    attachments: tuple[Attachment, ...]
    """As far as they fit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The prompt is being read."""

    number: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Said:
    """More of the answer: plain text, safe to show."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Over:
    """The answer has ended."""

    number: int
    text: str
    """All of it."""
    reason: StopReason
    usage: Usage
    cuts: tuple[str, ...]
    """What did not fit the window, for the user."""
    window: int
    """Tokens that the window holds."""
    messages: tuple[Message, ...] = ()
    """What was sent: the turns that fitted, the question last."""
    cut_tokens: int = 0
    """Of what did not fit."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the answer, a line each."""
        if self.reason is StopReason.CANCELLED:
            return (*self.cuts, "stopped")
        if self.reason in (StopReason.LENGTH, StopReason.WINDOW):
            return (*self.cuts, "the answer was cut off here: chat.max_tokens or the window is used up")
        return self.cuts


@dataclass(frozen=True, slots=True)
class Wrong:
    """There is no answer."""

    number: int
    error: CoderError


Event = Sending | Reading | Said | Over | Wrong
