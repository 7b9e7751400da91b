"""From token bytes to text that may be shown: whole characters only, and never a part of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class TextStream:
    """Feed bytes, get text. What could still become a stop string, or a whole character, is held back."""

    def __init__(self, stop_strings: Sequence[str] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = tuple(stop for stop in stop_strings if stop)
        self._held = ""
        self.stopped = False
        """A stop string was seen; everything from it on is dropped."""

    def feed(self, data: bytes) -> str:
        """The text that these bytes complete."""
        return self._release(self._decoder.decode(data))

    def finish(self) -> str:
        """What was held back at the end. An unfinished character at the very end is dropped: it never was text."""
        if self.stopped:
            return ""
        held, self._held = self._held, ""
        return held

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:  # the one that is complete first, so that the size of the pieces changes nothing
            self.stopped, self._held = True, ""
            return text[: min(found)[1]]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` are the beginning of `stop`."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
