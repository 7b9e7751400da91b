"""Reading what a question will send, before it is asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from prompts.infos import QWEN

from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading_ahead import ReadingAhead
from coder_tui.assistant.talk import Talk
from coder_tui.assistant.talk_events import Event, Over, Reading, Said, Sending
from coder_tui.config.schema import Settings
from coder_tui.core.errors import EngineError
from coder_tui.core.events import Event as EngineEvent
from coder_tui.core.events import PromptProgress, StopReason
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling, Segment
from coder_tui.engine.scripted import ScriptedEngine, ScriptedGeneration

TIMEOUT_S = 20
LONG = "x = 1\n" * 100


class Slow(ScriptedEngine):
    """Reads, without answering, for as long as it is held."""

    def __init__(self, *answers: str) -> None:
        super().__init__(answers)
        self.begun: queue.Queue[str] = queue.Queue()
        self.go = threading.Event()
        self.cancelled: list[str] = []

    def generate(
        self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose = Purpose.SUGGEST
    ) -> ScriptedGeneration:
        return SlowReading(self, prompt, sampling, limits, purpose)


class SlowReading(ScriptedGeneration):
    def __init__(self, engine: Slow, *request: object) -> None:
        super().__init__(engine, *request)  # type: ignore[arg-type]
        self.slow, self.is_over = engine, threading.Event()
        self.text = "".join(segment.text for segment in request[0].segments)  # type: ignore[attr-defined]
        self.reads = not request[2].max_tokens  # type: ignore[attr-defined]

    def cancel(self, choice: int | None = None) -> None:
        super().cancel(choice)
        self.is_over.set()

    def __iter__(self) -> Iterator[EngineEvent]:
        if self.reads:
            self.slow.begun.put(self.text)
            yield PromptProgress(1, 2)
            while not self.slow.go.is_set() and not self.is_over.wait(0.005):
                pass
            if self.is_over.is_set():
                self.slow.cancelled.append(self.text)
        yield from super().__iter__()


def of(text: str) -> Callable[[], Prompt]:
    return lambda: Prompt((Segment(text),))


def test_what_goes_on_like_that_is_read_to_its_end_first() -> None:
    engine, ahead = Slow(), ReadingAhead()
    ahead.begin(engine, of(LONG + "wh"))
    assert engine.begun.get(timeout=TIMEOUT_S) == LONG + "wh"
    for question in ("wha", "what", "what is"):  # only the last of those that wait is read
        ahead.begin(engine, of(LONG + question))
    with pytest.raises(queue.Empty):
        engine.begun.get(timeout=0.1)
    engine.go.set()
    assert engine.begun.get(timeout=TIMEOUT_S) == LONG + "what is"
    assert ahead.wait(seconds=TIMEOUT_S)
    assert (engine.cancelled, engine.begun.empty()) == ([], True)


def test_another_text_does_not_wait() -> None:
    engine, ahead = Slow(), ReadingAhead()
    ahead.begin(engine, of(LONG))
    engine.begun.get(timeout=TIMEOUT_S)
    ahead.begin(engine, of("y" + LONG))
    assert engine.begun.get(timeout=TIMEOUT_S) == "y" + LONG
    assert engine.cancelled == [LONG]
    ahead.stop()
    assert ahead.wait(seconds=TIMEOUT_S)
    assert engine.cancelled == [LONG, "y" + LONG]


def test_what_fails_is_nobodys_business_yet() -> None:
    engine, ahead = Slow(), ReadingAhead()

    def failing() -> Prompt:
        raise EngineError("the engine is closed")

    ahead.begin(engine, failing)
    assert ahead.wait(seconds=TIMEOUT_S)
    engine.close()
    engine.go.set()
    ahead.begin(engine, of(LONG))
    assert ahead.wait(seconds=TIMEOUT_S)
    assert not ReadingAhead().stop()
    assert ReadingAhead().wait()


def talking(engine: ScriptedEngine) -> tuple[Talk, queue.Queue[Event], Ready]:
    events: queue.Queue[Event] = queue.Queue()
    return Talk(events.put), events, Ready(engine, QWEN, Settings())


def test_a_question_goes_on_with_what_is_being_read() -> None:
    engine = Slow("yes")
    talk, events, ready = talking(engine)
    talk.attach(Attachment("a.py", LONG))
    talk.prepare(ready, "wh", talk.attachments)
    assert "x = 1" in engine.begun.get(timeout=TIMEOUT_S)
    talk.prepare(ready, "what", talk.attachments)  # waits, and is not wanted any more then
    talk.ask(ready, "what is it?")
    assert isinstance(sending := events.get(timeout=TIMEOUT_S), Sending)
    assert [one.name for one in sending.attachments] == ["a.py"]
    engine.go.set()
    told = [events.get(timeout=TIMEOUT_S)]
    while not isinstance(told[-1], Over):
        told.append(events.get(timeout=TIMEOUT_S))
    assert told[-1].text == "yes"
    assert told[-1].usage.evaluated_tokens < 20 < told[-1].usage.prompt_tokens
    assert engine.cancelled == []
    assert engine.begun.empty()
    assert any(isinstance(one, Reading) for one in told)


def test_escape_ends_the_reading_too() -> None:
    engine = Slow("yes")
    talk, events, ready = talking(engine)
    talk.attach(Attachment("a.py", LONG))
    talk.prepare(ready, "", talk.attachments)
    engine.begun.get(timeout=TIMEOUT_S)
    talk.ask(ready, "what is it?")
    events.get(timeout=TIMEOUT_S)
    talk.stop()
    while not isinstance(event := events.get(timeout=TIMEOUT_S), Over):
        assert not isinstance(event, Said)
    assert event.reason is StopReason.CANCELLED
    assert len(engine.cancelled) == 1
    talk.end(event)
    assert [one.name for one in talk.attachments] == ["a.py"]
    talk.close()


def test_during_an_answer_and_after_the_end_nothing_is_read() -> None:
    engine = Slow("yes", "no")
    talk, events, ready = talking(engine)
    talk.ask(ready, "what?")
    talk.prepare(ready, "and", ())
    while not isinstance(event := events.get(timeout=TIMEOUT_S), Over):
        pass
    talk.end(event)
    assert engine.begun.empty()
    talk.prepare(ready, "and", ())
    engine.begun.get(timeout=TIMEOUT_S)
    talk.close()
    assert len(engine.cancelled) == 1
