"""The client of the worker process: starts it or joins one, loads weights, runs requests, and minds its death.

llama.cpp ends its process on a failed assertion, and a bad file can crash it. That ends the request at hand with
EngineDiedError; the next request starts a new process and loads the same weights.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from coder_tui.core.errors import CoderError, EngineDiedError, EngineError, PromptTooLongError, WeightsError
from coder_tui.core.events import Delta, Event, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine import messages as wire
from coder_tui.engine.link import Link
from coder_tui.engine.load_options import LoadOptions
from coder_tui.engine.process import WorkerProcess

_Reply = wire.Message | None
"""None: the process has ended."""


class LlamaEngine:
    """An engine in a process of its own. The process starts with the object, so that it comes up while a caller still
    looks at the weights; `load` waits for it.

    `join` gives a connection to one that others use too, or None; what cannot be had there is had from a process of its
    own."""

    def __init__(self, log_file: Path | None = None, join: Callable[[], Link | None] = lambda: None) -> None:
        self._log_file = log_file
        self._ids = itertools.count(1)
        self._options: LoadOptions | None = None
        self._loaded: wire.Loaded | None = None
        self._lock = threading.Lock()
        """Held while a new process takes the place of one that has ended, until it has the weights."""
        self._one_at_a_time = {purpose: threading.Lock() for purpose in Purpose}
        self._closed = False
        self.restarted: Callable[[CoderError], object] = lambda _: None
        """Is told why a process has ended, when another one takes its place."""
        self._process = join() or WorkerProcess(log_file)

    def window(self, purpose: Purpose) -> int:
        loaded = self.loaded
        return loaded.context_tokens if purpose is Purpose.CHAT else loaded.suggest_tokens

    @property
    def loaded(self) -> wire.Loaded:
        """What `load` led to. EngineError before it."""
        if self._loaded is None:
            raise EngineError("no weights are loaded")
        return self._loaded

    @property
    def pid(self) -> int:
        return self._process.pid

    def load(self, options: LoadOptions) -> wire.Loaded:
        """Load weights in place of those that are there. WeightsError when llama.cpp does not take the file."""
        self._options, self._loaded = options, None
        process = self._alive(reload=False)
        if not isinstance(process, WorkerProcess):
            with suppress(CoderError):
                return self._load_into(process)
            process.close()
            process = self._process = WorkerProcess(self._log_file)
        return self._load_into(process)

    def generate(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose = Purpose.SUGGEST
    ) -> ClientGeneration:
        """Start a request. It waits, when iterated, until the one of this purpose before it has returned."""
        return ClientGeneration(self, prompt, sampling, limits, purpose)

    def tokenize(self, *segments: Segment) -> list[int]:
        process = self._alive()
        reply = process.ask(wire.Tokenize(next(self._ids), segments))
        if isinstance(reply, wire.Tokens):
            return list(reply.tokens)
        raise error_of(reply, process)

    def count(self, texts: Sequence[str]) -> list[int]:
        process = self._alive()
        reply = process.ask(wire.Count(next(self._ids), tuple(texts)))
        if isinstance(reply, wire.Counts):
            return list(reply.counts)
        raise error_of(reply, process)

    def save_state(self, purpose: Purpose, path: Path, max_bytes: int, of: Sequence[Segment] = ()) -> int:
        message = wire.SaveState(next(self._ids), purpose, path.absolute(), max_bytes, tuple(of))
        return self._state(message)

    def restore_state(self, purpose: Purpose, path: Path) -> int:
        return self._state(wire.RestoreState(next(self._ids), purpose, path.absolute()))

    def _state(self, message: wire.SaveState | wire.RestoreState) -> int:
        process = self._alive()
        reply = process.ask(message)
        if isinstance(reply, wire.StateReport):
            return reply.tokens
        raise error_of(reply, process)

    def calibrate(self, threads: Sequence[int], *, flash: bool = False) -> wire.Calibrated:
        """Measure the model's speed with these numbers of threads, and with `flash` attention on and off. Raises
        EngineError when a request comes first."""
        process = self._alive()
        reply = process.ask(wire.Calibrate(next(self._ids), tuple(threads), flash))
        if isinstance(reply, wire.Calibrated):
            return reply
        raise error_of(reply, process)

    def stats(self) -> wire.StatsReport:
        """What the worker is and holds; works before any load."""
        process = self._alive(reload=False)
        reply = process.ask(wire.Stats(next(self._ids)))
        if isinstance(reply, wire.StatsReport):
            return reply
        raise error_of(reply, process)

    def close(self) -> None:
        """End the process, at once, whatever it does."""
        self._closed = True
        self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _alive(self, *, reload: bool = True) -> Link:
        """The process; a new one with the same weights when the old one has ended."""
        with self._lock:
            if self._process.ended and not self._closed:
                self.restarted(self._process.death())
                self._process.close()
                self._process = WorkerProcess(self._log_file)
                if reload and self._options is not None and not self._closed:
                    self._load_into(self._process)
            if self._closed:
                self._process.close()
                raise EngineError("the engine is closed")
            return self._process

    def _load_into(self, process: Link) -> wire.Loaded:
        options = self._options
        if options is None:
            raise EngineError("no weights are loaded")
        reply = process.ask(wire.Load(next(self._ids), options))
        if not isinstance(reply, wire.Loaded):
            error = error_of(reply, process)
            if isinstance(error, EngineDiedError) and not self._closed:
                raise WeightsError(f"llama.cpp crashed while loading {options.path.name}", hint=error.hint) from error
            raise error
        self._loaded = reply
        return reply

    def begin(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose
    ) -> tuple[int, Link, queue.Queue[_Reply]]:
        """For ClientGeneration: send the request, once the one before it has returned."""
        self._one_at_a_time[purpose].acquire()
        try:
            process = self._alive()
            request = next(self._ids)
            return request, process, process.send(wire.Generate(request, prompt, sampling, limits, purpose))
        except BaseException:
            self._one_at_a_time[purpose].release()
            raise

    def end(self, purpose: Purpose) -> None:
        """For ClientGeneration: the request has returned."""
        self._one_at_a_time[purpose].release()


def error_of(reply: _Reply, process: Link) -> CoderError:
    """The error that a reply other than the expected one stands for."""
    if reply is None:
        return process.death()
    if isinstance(reply, wire.Failed):
        kinds: dict[str, type[CoderError]] = {"weights": WeightsError, "too-long": PromptTooLongError}
        return kinds.get(reply.kind, EngineError)(reply.message, hint=reply.hint)
    return EngineError(f"the engine answered {type(reply).__name__} out of turn")


class ClientGeneration:
    """A request to the worker. See `engine.base.Generation`."""

    def __init__(
        self, engine: LlamaEngine, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose
    ) -> None:
        self._engine = engine
        self._request = (prompt, sampling, limits, purpose)
        self._state = threading.Lock()
        self._sent: tuple[int, Link] | None = None
        self._cancelled = False

    def cancel(self, choice: int | None = None) -> None:
        with self._state:
            self._cancelled = self._cancelled or choice is None
            sent = self._sent
        if sent is not None:
            sent[1].post(wire.Cancel(sent[0], choice))

    def __iter__(self) -> Iterator[Event]:
        if self._cancelled:  # before it was asked for: the worker, which may be quicker than a Cancel, is not bothered
            yield Finished(StopReason.CANCELLED, Usage())
            return
        request, process, replies = self._engine.begin(*self._request)
        finished = False
        try:
            with self._state:
                self._sent = (request, process)
                cancelled = self._cancelled
            if cancelled:
                self.cancel()
            while not finished:
                reply = replies.get()
                finished = not isinstance(reply, wire.Text | wire.Progress)
                yield _event(reply, process)
        finally:
            try:
                if not finished:  # the iteration was left early: no request may start before this one has returned
                    self.cancel()
                    while isinstance(replies.get(), wire.Text | wire.Progress):
                        pass
            finally:  # also when Ctrl-C comes while waiting: the worker keeps the order anyway
                process.forget(request)
                self._engine.end(self._request[3])


def _event(reply: _Reply, process: Link) -> Event:
    if isinstance(reply, wire.Text):
        return Delta(reply.text, reply.choice, reply.end)
    if isinstance(reply, wire.Progress):
        return PromptProgress(reply.done, reply.total, reply.is_short)
    if isinstance(reply, wire.Done):
        return Finished(reply.reason, reply.usage)
    raise error_of(reply, process)
