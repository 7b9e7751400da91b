"""What a question will send is read by the model while the question is being written: the answer then begins sooner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from coder_tui.core.errors import CoderError
from coder_tui.core.events import PromptProgress
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.kv import common_prefix

if TYPE_CHECKING:
    from coder_tui.engine.base import Engine, Generation

_SAME_PART = 0.8
"""So much of what is being read must be wanted for it to go on: a batch that is broken off has to be read again, and
somebody who types a word a second would never get beyond the first."""


class ReadingAhead:
    """One prompt at a time, in a thread of its own. What has been read when it ends is in the KV cache."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        """Guards what follows."""
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        """Set when the reading begun last is no longer wanted."""
        self._text = ""
        self._generation: Generation | None = None
        """What is being read."""
        self._told: Callable[[PromptProgress], None] | None = None

    def begin(self, engine: Engine, prompt: Callable[[], Prompt]) -> None:
        """Read what `prompt` makes, which is called in the thread. What is being read is read to its end first, if it
        is nearly the same."""
        with self._lock:
            self._over.set()
            over, before = threading.Event(), self._thread
            self._over = over
            self._thread = threading.Thread(
                target=self._read, args=(engine, prompt, over, before), name="chat ahead", daemon=True
            )
            self._thread.start()

    def _read(
        self, engine: Engine, prompt: Callable[[], Prompt], over: threading.Event, before: threading.Thread | None
    ) -> None:
        wanted: Prompt | None = None
        with suppress(CoderError):  # whoever asks is told
            wanted = prompt()
            if not over.is_set():
                self.make_way(wanted)
        if before is not None:
            before.join()
        if wanted is None or over.is_set():
            return
        generation = engine.generate(wanted, Sampling(), Limits(max_tokens=0), Purpose.CHAT)
        with self._lock:
            self._text, self._generation = _text(wanted), generation
            if over.is_set():
                generation.cancel()
        with suppress(CoderError):
            for event in generation:
                if isinstance(event, PromptProgress) and (told := self._told) is not None:
                    told(event)
        with self._lock:
            self._text, self._generation = "", None

    def make_way(self, prompt: Prompt) -> None:
        """End what is being read soon, unless nearly all of it belongs to this prompt."""
        with self._lock:
            if self._generation is not None:
                same = common_prefix(self._text, _text(prompt))
                if same < _SAME_PART * len(self._text):
                    self._generation.cancel()

    def stop(self, *, running: bool = True) -> None:
        """Begin no more, and end soon what is `running`."""
        with self._lock:
            self._over.set()
            if running and self._generation is not None:
                self._generation.cancel()

    def wait(self, told: Callable[[PromptProgress], None] | None = None, seconds: float | None = None) -> bool:
        """Until it has ended; whether it has. Meanwhile `told` is told how far it is."""
        self._told = told
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        self._told = None
        return thread is None or not thread.is_alive()


def _text(prompt: Prompt) -> str:
    return "".join(segment.text for segment in prompt.segments)
