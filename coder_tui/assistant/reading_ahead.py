"""What a question will send is read by the model while the question is being written: the answer then begins sooner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from coder_tui.core.errors import CoderError
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling

if TYPE_CHECKING:
    from coder_tui.engine.base import Engine, Generation


class ReadingAhead:
    """One prompt at a time, in a thread of its own. What has been read when it is stopped is in the KV cache."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._generation: Generation | None = None
        self._over = threading.Event()

    def begin(self, engine: Engine, prompt: Callable[[], Prompt | None]) -> None:
        """Read what `prompt` makes, which is called in the thread; the one before is stopped."""
        self.stop()
        over, before = threading.Event(), self._thread

        def read() -> None:
            if before is not None:
                before.join()
            with suppress(CoderError):  # whoever asks is told
                wanted = None if over.is_set() else prompt()
                if wanted is None:
                    return
                generation = engine.generate(wanted, Sampling(), Limits(max_tokens=0), Purpose.CHAT)
                with self._lock:
                    self._generation = generation
                    if over.is_set():
                        generation.cancel()
                for _ in generation:
                    pass

        self._over = over
        self._thread = threading.Thread(target=read, name="chat ahead", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it soon."""
        self._over.set()
        with self._lock:
            if self._generation is not None:
                self._generation.cancel()

    def wait(self, seconds: float | None = None) -> bool:
        """Until it has ended; whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
            return not self._thread.is_alive()
        return True
