"""What pulling and checking weights reports while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What is being done."""

    WAITING = "waiting"
    """Another process pulls the same model."""
    CONNECTING = "connecting"
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    """The sha256 is computed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """So far it has come. Sizes in bytes."""

    step: Step
    done: int = 0
    total: int = 0
    source: str = ""
    """`hub` or `index` while downloading."""
    note: str = ""
    """A line to tell the user once: a source that did not answer, a connection that broke."""


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Reports nothing."""
    del progress
