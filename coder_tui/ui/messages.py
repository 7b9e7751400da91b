"""What other threads tell the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from coder_tui.assistant.host import State
    from coder_tui.assistant.live import Report
    from coder_tui.assistant.talk_events import Event


@dataclass
class ModelTold(Message):
    """The model's state has changed."""

    state: State


@dataclass
class Suggested(Message):
    """Something came for the suggestion that was asked for."""

    report: Report


@dataclass
class Answered(Message):
    """Something came for the chat."""

    event: Event
