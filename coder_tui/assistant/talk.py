"""A conversation: what was said, what is attached, and an answer that is computed in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_tui.assistant.kept import Turns, chat_key
from coder_tui.assistant.reading_ahead import ReadingAhead
from coder_tui.assistant.talk_events import Event, Over, Reading, Said, Sending, Wrong
from coder_tui.core.errors import CoderError
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Prompt, Purpose, Sampling

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment, Fitted, Question
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.recorder import Recorder
    from coder_tui.assistant.surroundings import Surroundings
    from coder_tui.history.sessions import Said as Kept
    from coder_tui.prompts.chat import Message

_PATIENCE_S = 5.0
"""So long the app waits for an answer to end, when it ends itself."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked, and what there was before it."""

    text: str
    attachments: tuple[Attachment, ...]
    earlier: tuple[Message, ...]
    kept: int
    """Messages before it that are kept."""


class Talk:
    """One chat at a time, one answer at a time. Events come on a thread of its own."""

    def __init__(self, told: Callable[[Event], None]) -> None:
        self._told = told
        self.messages: tuple[Message, ...] = ()
        self.turns: tuple[Turn, ...] = ()
        """The questions that have an answer, or wait for it."""
        self.attachments: tuple[Attachment, ...] = ()
        """They go with the next question."""
        self.surroundings: Callable[[], Surroundings | None] = lambda: None
        """Where to look for what a question names."""
        self.recorder: Callable[[str], Recorder] | None = None
        """Begins to keep a chat with a model of that name; None keeps none."""
        self._kept: Recorder | None = None
        self._known = ""
        """What the user has been told of how chats are kept."""
        self._state = Turns(Purpose.CHAT)
        self._number = 0
        self._temperature = 0.0
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self._ahead = ReadingAhead()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being given."""
        return self._stop is not None

    @property
    def session(self) -> str:
        """The id of the chat that is kept; empty for none."""
        return self._kept.session if self._kept is not None else ""

    def is_current(self, number: int) -> bool:
        """Whether an event of that number is about the answer at hand."""
        return number == self._number

    def attach(self, attachment: Attachment) -> None:
        """Another text for the next question; one of the same name and place takes the old one's."""
        others = [
            one for one in self.attachments if (one.name, one.first_line) != (attachment.name, attachment.first_line)
        ]
        self.attachments = (*others, attachment)

    def drop(self, name: str = "") -> int:
        """Take attachments away: all, or those of a name; how many there were."""
        kept = tuple(one for one in self.attachments if name and one.name != name)
        count = len(self.attachments) - len(kept)
        self.attachments = kept
        return count

    def ask(self, ready: Ready, text: str, temperature: float | None = None) -> int:
        """Ask, with what is attached; the number of the answer. `end` or `fail` must follow its last event."""
        from coder_tui.assistant.chat import Question

        self.stop()
        self._ahead.stop(running=False)
        self._number += 1
        self._temperature = ready.settings.chat.temperature if temperature is None else temperature
        count = self._kept.count if self._kept is not None else 0
        self.turns = (*self.turns, Turn(text, self.attachments, self.messages, count))
        question = Question(text, self.attachments, self.messages, ready.settings.chat.system)
        self.attachments = ()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._answer, args=(ready, question, self._number, self._stop), name="chat", daemon=True
        )
        self._thread.start()
        return self._number

    def prepare(self, ready: Ready, text: str, attachments: Sequence[Attachment]) -> None:
        """Have the model read what a question is likely to send, as far as it is written: nothing while it answers."""
        if self.is_busy:
            return
        from coder_tui.assistant.chat import Question, fit

        question = Question(text, tuple(attachments), self.messages, ready.settings.chat.system)
        key = self.session

        def prompt() -> Prompt:
            whole = self._in_context(question, ready, wait=False)
            self._state.turn_to(ready.engine, ready.settings, chat_key(key))
            return fit(ready, whole, max_tokens=ready.settings.chat.max_tokens).prompt

        self._ahead.begin(ready.engine, prompt)

    def stop(self) -> None:
        """End the answer that is being given; its last event still comes."""
        if self._stop is not None:
            self._stop.set()
            self._ahead.stop()

    def end(self, event: Over) -> None:
        """The answer is there: it is part of the conversation. Of one without a word the attachments are back."""
        from coder_tui.prompts.chat import Message

        if event.number == self._number:
            self._stop = None
            if event.text:
                self.messages = (*event.messages, Message("assistant", event.text))
            else:
                self._take_back()

    def fail(self, event: Wrong) -> None:
        """There was none: the attachments are back for the next try."""
        if event.number == self._number:
            self._stop = None
            self._take_back()

    def _take_back(self) -> None:
        """What was attached meanwhile stays too."""
        *turns, last = self.turns
        meanwhile = self.attachments
        self.turns, self.attachments = tuple(turns), last.attachments
        for one in meanwhile:
            self.attach(one)

    def rewind(self, number: int) -> Turn:
        """Go back to before a question, by its place among the turns: what it was asked with is attached again. What
        came after it stays in the chat that is kept; the next question begins another."""
        turn = self.turns[number]
        self.turns, self.messages, self.attachments = self.turns[:number], turn.earlier, turn.attachments
        if self._kept is not None:
            self._kept = self._kept.before(turn.kept)
        return turn

    def resume(self, recorder: Recorder, said: Sequence[Kept]) -> None:
        """Go on with a chat that was kept."""
        from coder_tui.assistant.recorder import attachments, spoken

        self.new()
        self._kept = recorder
        recorder.count = len(said)
        self.messages = spoken(said)
        answers = [bool(one.text) for one in said[1:]] + [False]
        self.turns = tuple(
            Turn(one.text, attachments(one), spoken(said[:at]), at)
            for at, one in enumerate(said)
            if one.role == "user" and answers[at]
        )

    def new(self) -> None:
        """Begin anew."""
        self.stop()
        self._ahead.stop()
        self._kept = None
        self._number += 1
        self._stop = None
        self.messages, self.attachments, self.turns = (), (), ()

    def close(self) -> None:
        """End it, and keep what the model has read, for the next time. May take a moment."""
        self.stop()
        self._ahead.stop()
        if not self._ahead.wait(seconds=_PATIENCE_S):
            return
        if self._thread is not None:
            self._thread.join(timeout=_PATIENCE_S)
            if self._thread.is_alive():
                return
        self._state.keep()

    def _answer(self, ready: Ready, question: Question, number: int, stop: threading.Event) -> None:
        from coder_tui.assistant.chat import fit

        if self._kept is None and self.recorder is not None:
            self._kept = self.recorder(ready.info.name)
        kept = self._kept
        try:
            question = self._in_context(question, ready, wait=True)
            if kept is not None:
                self._state.turn_to(ready.engine, ready.settings, chat_key(kept.session))
            fitted = fit(ready, question, max_tokens=ready.settings.chat.max_tokens)
            if kept is not None:
                kept.asked(question.text, fitted.attachments)
            self._told(Sending(number, fitted.attachments))
            self._ahead.make_way(fitted.prompt)
            self._ahead.wait(lambda read: self._told(Reading(number, read.done, read.total)))
            self._told(self._stream(ready, fitted, number, stop, kept))
        except CoderError as error:
            self._told(Wrong(number, error))

    def _in_context(self, question: Question, ready: Ready, *, wait: bool) -> Question:
        from coder_tui.assistant.chat_context import with_context

        surroundings = self.surroundings()
        return question if surroundings is None else with_context(question, ready, surroundings, wait=wait)

    def _stream(self, ready: Ready, fitted: Fitted, number: int, stop: threading.Event, kept: Recorder | None) -> Over:
        from coder_tui.assistant.chat import answer

        raw = text = ""
        end = Finished(StopReason.CANCELLED, Usage())
        for event in answer(ready, fitted, Sampling(temperature=self._temperature)):
            if isinstance(event, Finished):
                end = event
            elif stop.is_set():
                break  # which closes the generator, and that ends the request
            elif isinstance(event, PromptProgress):
                self._told(Reading(number, event.done, event.total))
            elif isinstance(event, Delta):
                raw += event.text
                more, text = plain(raw)[len(text) :], plain(raw)  # of all of it: CR and LF may come apart
                if more:
                    self._told(Said(number, more))
                if kept is not None:
                    kept.said(text)
        cuts = fitted.cuts
        if kept is not None:
            kept.ended(text, end)
            self._state.holds(chat_key(kept.session), fitted.prompt)
            if kept.told != self._known:
                self._known = kept.told
                cuts = (*cuts, kept.told) if kept.told else cuts
        window = ready.engine.window(Purpose.CHAT)
        return Over(number, text, end.reason, end.usage, cuts, window, fitted.messages, fitted.cut_tokens)
