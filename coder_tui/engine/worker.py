"""The engine's process: messages on stdin and stdout, llama.cpp's log on stderr.

A reader thread for each client takes messages as they come: it answers Tokenize, Count and Stats, and hands what needs
the weights to the scheduler. The owner thread, the main one, loads and generates. When stdin ends, the client is gone,
and so is this process, whatever it was doing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from coder_tui.core.errors import CoderError, WeightsError
from coder_tui.core.events import StopReason, Usage
from coder_tui.core.prompt import Purpose
from coder_tui.engine import messages as wire
from coder_tui.engine.binding import lean
from coder_tui.engine.scheduler import Scheduler, Task

if TYPE_CHECKING:
    from coder_tui.engine.generate import Generation
    from coder_tui.engine.loading import Weights


class Connection:
    """A client: where its messages come from, where they go, and its requests."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, lost: Callable[[], None]) -> None:
        self.source = source
        self.tasks: dict[int, Task] = {}
        """What it has asked for and has not been answered yet."""
        self._sink = sink
        self._lost = lost
        self._sending = threading.Lock()

    def send(self, message: wire.Message) -> None:
        try:
            with self._sending:
                self._sink.write(wire.encode(message))
                self._sink.flush()
        except (OSError, ValueError):
            self._lost()

    def fail(self, request: int, error: CoderError) -> None:
        kind = "weights" if isinstance(error, WeightsError) else "engine"
        self.send(wire.Failed(request, str(error), error.hint, kind))


class Worker:
    """The weights, and what is asked of them."""

    def __init__(self) -> None:
        from coder_tui.engine.decoder import Flag

        self._flag = Flag()
        self._scheduler = Scheduler(self._flag.up, self._flag.down)
        self._weights: Weights | None = None
        self._tokenizing = threading.Lock()
        """Held by whoever tokenizes, and while weights are exchanged: none are freed under a tokenizing thread."""

    def serve(self, connection: Connection) -> None:
        """Take messages until there are no more; run it in a thread of its own."""
        try:
            for line in connection.source:
                self._dispatch(connection, wire.decode(line))
        finally:
            for task in list(connection.tasks.values()):
                self._scheduler.end(task, StopReason.CANCELLED)

    def own(self) -> None:
        """The owner thread: never returns."""
        self._scheduler.run()

    def _dispatch(self, connection: Connection, message: wire.Message) -> None:
        if isinstance(message, wire.Cancel):
            self._cancel(connection, message)
        elif isinstance(message, wire.Tokenize):
            self._tokenize(connection, message)
        elif isinstance(message, wire.Count):
            self._count(connection, message)
        elif isinstance(message, wire.Stats):
            self._stats(connection, message)
        elif isinstance(message, wire.Load):
            self._scheduler.add(Task(self._load(connection, message)))
        elif isinstance(message, wire.SaveState | wire.RestoreState):
            # Somebody who types waits for it as for a suggestion, which no answer of a chat keeps waiting.
            purpose = None if message.purpose is Purpose.CHAT else Purpose.SUGGEST
            self._scheduler.add(Task(self._keep(connection, message), purpose))
        elif isinstance(message, wire.Calibrate):
            task = Task(iter(()), Purpose.REFRESH)
            task.steps = self._calibrate(connection, message, task)
            self._scheduler.add(task)
        elif isinstance(message, wire.Generate):
            task = Task(iter(()), message.purpose)
            task.steps = self._answer(connection, message, task, time.perf_counter())
            connection.tasks[message.id] = task
            self._scheduler.add(task)

    def _cancel(self, connection: Connection, message: wire.Cancel) -> None:
        task = connection.tasks.get(message.target)
        if task is not None and message.choice is not None:
            task.enough.add(message.choice)
        elif task is not None:
            self._scheduler.end(task, StopReason.CANCELLED)

    def _load(self, connection: Connection, message: wire.Load) -> Iterator[None]:
        from coder_tui.engine.loading import load

        yield from ()
        with self._tokenizing:
            old, self._weights = self._weights, None
        if old is not None:
            old.close()
        started = time.perf_counter()
        try:
            weights = load(message.options, self._flag)
        except CoderError as error:
            connection.fail(message.id, error)
            return
        self._weights = weights
        connection.send(weights.loaded(message.id, 1000 * (time.perf_counter() - started)))

    def _keep(self, connection: Connection, message: wire.SaveState | wire.RestoreState) -> Iterator[None]:
        yield from ()
        if self._weights is None:
            connection.send(wire.StateReport(message.id, 0))
            return
        try:
            if isinstance(message, wire.SaveState):
                with self._tokenizing:
                    of = self._weights.model.encode(message.of, is_chat=message.purpose is Purpose.CHAT).tokens
                connection.send(self._weights.save(message, of))
            else:
                connection.send(self._weights.restore(message))
        except CoderError as error:
            connection.fail(message.id, error)

    def _calibrate(self, connection: Connection, message: wire.Calibrate, task: Task) -> Iterator[None]:
        """While nobody waits; given up for whoever does."""
        from coder_tui.engine.calibrate import Measured
        from coder_tui.engine.memory import Interrupted, WindowFull

        if self._weights is None:
            connection.send(wire.Failed(message.id, "no weights are loaded"))
            return
        measured = Measured()
        try:
            for _ in self._weights.calibrate(message, measured):
                if task.ended is not None:
                    raise Interrupted
                yield
        except (Interrupted, WindowFull):
            connection.send(wire.Failed(message.id, "there was something else to do"))
            return
        except CoderError as error:
            connection.fail(message.id, error)
            return
        best, batch_best = measured.threads, measured.batch_threads
        speeds = round(1 / measured.prompt[batch_best], 1), round(1 / measured.generate[best], 1)
        move_ms = None if measured.move_ms is None else round(measured.move_ms, 2)
        found = wire.Calibrated(
            message.id, best, batch_best, *speeds, round(measured.draft_cost, 3), move_ms, measured.flash_attention
        )
        connection.send(found)

    def _answer(self, connection: Connection, message: wire.Generate, task: Task, arrived: float) -> Iterator[None]:
        """A request in steps, the answers to it and their order."""
        try:
            yield from self._generate(connection, message, task, arrived)
        except CoderError as error:
            connection.fail(message.id, error)
        finally:
            del connection.tasks[message.id]

    def _generate(self, connection: Connection, message: wire.Generate, task: Task, arrived: float) -> Iterator[None]:
        from coder_tui.engine.generate import Generation
        from coder_tui.engine.job import Job, begun

        request, weights = message.id, self._weights
        if weights is None:
            connection.send(wire.Failed(request, "no weights are loaded"))
            return
        wanted = message.prompt
        with self._tokenizing:
            prompt = weights.model.encode(wanted.segments, is_chat=message.purpose is Purpose.CHAT)
            short = weights.model.encode(wanted.short.segments) if wanted.short is not None else None
        if task.ended is StopReason.CANCELLED:
            connection.send(wire.Done(request, StopReason.CANCELLED, Usage(prompt_tokens=len(prompt.tokens))))
            return
        lane = weights.lane(message.purpose)
        refusal = _refusal(len(prompt.tokens), lane.decoder.context_tokens)
        if refusal is not None:
            connection.send(wire.Failed(request, *refusal))
            return
        if wanted.short is not None and short is not None and lane.is_quicker(short, prompt, wanted.patience):
            prompt, wanted = short, wanted.short
        with self._tokenizing:
            job = Job(
                *begun(prompt, wanted.forced, weights.model), wanted.likely, message.sampling, message.limits,
                message.purpose, arrived, task.enough.__contains__, wanted.aside, wanted is not message.prompt,
            )  # fmt: skip
            generation = Generation(
                weights.model, lane, job, lambda: task.ended, lambda event: connection.send(wire.wired(request, event))
            )
        self._set_timers(message, task, generation, arrived)
        yield from generation.steps()
        if message.purpose is Purpose.CHAT and generation.tokens:
            with self._tokenizing:
                written = [*prompt.tokens[len(prompt.tokens) - prompt.last_tokens :], *generation.tokens]
                weights.model.remember(prompt.last + generation.text, written)

    def _set_timers(self, message: wire.Generate, task: Task, generation: Generation, arrived: float) -> None:
        """Let the request end when its time is over; that works inside the prompt's evaluation too."""

        def expire() -> None:
            self._scheduler.end(task, StopReason.DEADLINE)

        def expire_unless_begun() -> None:
            if not generation.has_begun:
                expire()

        limits = message.limits
        for milliseconds, action in ((limits.t_max_ms, expire), (limits.max_wait_ms, expire_unless_begun)):
            if milliseconds is not None:
                left = milliseconds / 1000 - (time.perf_counter() - arrived)
                timer = threading.Timer(max(0.0, left), action)
                timer.daemon = True
                timer.start()
                task.timers.append(timer)

    def _tokenize(self, connection: Connection, message: wire.Tokenize) -> None:
        with self._tokenizing:
            tokens = None if self._weights is None else tuple(self._weights.model.encode(message.segments).tokens)
        if tokens is None:
            connection.send(wire.Failed(message.id, "no weights are loaded"))
        else:
            connection.send(wire.Tokens(message.id, tokens))

    def _count(self, connection: Connection, message: wire.Count) -> None:
        with self._tokenizing:
            counts = None if self._weights is None else tuple(map(self._weights.model.count, message.texts))
        if counts is None:
            connection.send(wire.Failed(message.id, "no weights are loaded"))
        else:
            connection.send(wire.Counts(message.id, counts))

    def _stats(self, connection: Connection, message: wire.Stats) -> None:
        from coder_tui.engine.loading import report

        connection.send(report(message.id, self._weights))


def _refusal(tokens: int, window: int) -> tuple[str, str | None, str] | None:
    """Message, hint and kind of why a prompt of this length cannot be taken."""
    if not tokens:
        return "the prompt is empty", None, "engine"
    if tokens >= window:
        return f"the prompt has {tokens} tokens, the window {window}", None, "too-long"
    return None


def main() -> None:
    """Take the pipes away from everything else that might print, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's to handle
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    lean()
    import llama_cpp

    llama_cpp.llama_backend_init()
    worker = Worker()
    connection = Connection(source, sink, lost=lambda: os._exit(0))
    threading.Thread(target=_read, args=(worker, connection), name="reader", daemon=True).start()
    worker.own()


def _read(worker: Worker, connection: Connection) -> None:
    """Serve the one client. However that ends, the process ends: without it nothing could be cancelled."""
    try:
        worker.serve(connection)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        os._exit(0)  # nobody needs a result, and llama.cpp may be in the middle of one


if __name__ == "__main__":
    main()
