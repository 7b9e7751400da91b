"""The engine's process: messages on stdin and stdout, llama.cpp's log on stderr.

The reader thread takes messages as they come: it answers Tokenize and Stats, and turns Cancel into an interruption of
the decoder. The owner thread, the main one, loads and generates, one request after the other. When stdin ends, the
client is gone, and so is this process, whatever it was doing.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, BinaryIO

from coder_tui.core.errors import CoderError, WeightsError
from coder_tui.core.events import Delta, Event, Finished, PromptProgress, StopReason, Usage
from coder_tui.engine import messages as wire

if TYPE_CHECKING:
    from coder_tui.engine.loading import Weights


class Worker:
    """The state that the two threads share."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._sending = threading.Lock()
        self._work: queue.Queue[tuple[float, wire.Load | wire.Generate]] = queue.Queue()
        self._weights: Weights | None = None
        self._state = threading.Lock()
        """Guards `_running`, `_cancelled`, `_reason` and the decoder's flag together."""
        self._running: int | None = None
        self._cancelled: set[int] = set()
        self._reason = StopReason.CANCELLED
        self._building: threading.Thread | None = None
        """Builds the vocabulary of the weights; they must not be freed meanwhile."""
        self._tokenizing = threading.Lock()
        """Held by whoever tokenizes, and while weights are exchanged: none are freed under a tokenizing thread."""

    def send(self, message: wire.Message) -> None:
        try:
            with self._sending:
                self._sink.write(wire.encode(message))
                self._sink.flush()
        except BrokenPipeError:
            os._exit(0)

    def read(self) -> None:
        """The reader thread. However it ends, the process ends: without it nothing could be cancelled."""
        try:
            self._dispatch()
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(0)  # the client is gone: nobody needs a result, and llama.cpp may be in the middle of one

    def _dispatch(self) -> None:
        for line in self._source:
            message = wire.decode(line)
            if isinstance(message, wire.Cancel):
                self._interrupt(message.target, StopReason.CANCELLED)
            elif isinstance(message, wire.Tokenize):
                self._tokenize(message)
            elif isinstance(message, wire.Stats):
                self._stats(message)
            elif isinstance(message, wire.Load | wire.Generate):
                self._work.put((time.perf_counter(), message))

    def own(self) -> None:
        """The owner thread."""
        while True:
            arrived, message = self._work.get()
            try:
                if isinstance(message, wire.Load):
                    self._load(message)
                else:
                    self._generate(message, arrived)
            except CoderError as error:
                kind = "weights" if isinstance(error, WeightsError) else "engine"
                self.send(wire.Failed(message.id, str(error), error.hint, kind))

    def _load(self, message: wire.Load) -> None:
        from coder_tui.engine.loading import load

        with self._tokenizing:
            old, self._weights = self._weights, None
        if self._building is not None:
            self._building.join()
        if old is not None:
            old.close()
        started = time.perf_counter()
        self._weights = load(message.options)
        took = 1000 * (time.perf_counter() - started)
        self.send(self._weights.loaded(message.id, took))
        # Token healing needs it at the end of the first prompt: build it while that is evaluated.
        self._building = threading.Thread(target=self._weights.model.vocabulary, name="vocabulary", daemon=True)
        self._building.start()

    def _generate(self, message: wire.Generate, arrived: float) -> None:
        from coder_tui.engine.generate import Generation

        weights = self._weights
        if weights is None:
            self.send(wire.Failed(message.id, "no weights are loaded"))
            return
        with self._tokenizing:
            tokens = weights.model.tokens(message.prompt.segments)
        window = weights.decoder.context_tokens
        if not tokens:
            self.send(wire.Failed(message.id, "the prompt is empty"))
            return
        if len(tokens) >= window:
            text = f"the prompt has {len(tokens)} tokens, the window {window}"
            self.send(wire.Failed(message.id, text, kind="too-long"))
            return
        if not self._begin(message.id):
            self.send(wire.Done(message.id, StopReason.CANCELLED, Usage(prompt_tokens=len(tokens))))
            return
        timer = self._deadline(message, arrived)
        try:
            generation = Generation(weights.model, weights.decoder, arrived, lambda: self._reason)
            forced = message.prompt.forced.encode("utf-8", "replace")
            generation.run(
                tokens, forced, message.sampling, message.limits, lambda event: self._emit(message.id, event)
            )
        finally:
            self._end(message.id)
            if timer is not None:
                timer.cancel()

    def _emit(self, request: int, event: Event) -> None:
        if isinstance(event, Delta):
            self.send(wire.Text(request, event.text))
        elif isinstance(event, PromptProgress):
            self.send(wire.Progress(request, event.done, event.total))
        elif isinstance(event, Finished):
            self.send(wire.Done(request, event.reason, event.usage))

    def _begin(self, request: int) -> bool:
        """Whether the request may start: it has not been cancelled while it waited."""
        with self._state:
            if request in self._cancelled:
                self._cancelled.discard(request)
                return False
            self._running = request
            if self._weights is not None:
                self._weights.decoder.resume()
            return True

    def _end(self, request: int) -> None:
        with self._state:
            self._running = None
            self._cancelled = {other for other in self._cancelled if other > request}

    def _interrupt(self, request: int, reason: StopReason) -> None:
        with self._state:
            if self._running == request and self._weights is not None:
                self._reason = reason
                self._weights.decoder.interrupt()
            elif self._running is None or request > self._running:
                self._cancelled.add(request)

    def _deadline(self, message: wire.Generate, arrived: float) -> threading.Timer | None:
        """A timer that interrupts the request when its time is over; it works inside the prompt's evaluation too."""
        if message.limits.t_max_ms is None:
            return None
        left = message.limits.t_max_ms / 1000 - (time.perf_counter() - arrived)
        timer = threading.Timer(max(0.0, left), self._interrupt, (message.id, StopReason.DEADLINE))
        timer.daemon = True
        timer.start()
        return timer

    def _tokenize(self, message: wire.Tokenize) -> None:
        with self._tokenizing:
            tokens = None if self._weights is None else tuple(self._weights.model.tokens(message.segments))
        if tokens is None:
            self.send(wire.Failed(message.id, "no weights are loaded"))
        else:
            self.send(wire.Tokens(message.id, tokens))

    def _stats(self, message: wire.Stats) -> None:
        from coder_tui.engine.loading import report

        cached = len(self._weights.decoder.cached) if self._weights is not None else 0
        self.send(report(message.id, cached))


def main() -> None:
    """Take the pipes away from everything else that might print, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's to handle
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    worker = Worker(source, sink)
    import llama_cpp

    llama_cpp.llama_backend_init()
    threading.Thread(target=worker.read, name="reader", daemon=True).start()
    worker.own()


if __name__ == "__main__":
    main()
