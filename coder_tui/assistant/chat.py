"""Chat: questions with attachments, fitted into the context window, answered as a stream of events.

What is cut when it does not all fit: first the oldest turns of the conversation, then the ends of attachments. They
share the room so that small ones stay whole and large ones get equal parts; cuts are between lines. The system text and
the last question are never cut: when they do not fit, PromptTooLongError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from coder_tui.assistant.counting import LONGEST
from coder_tui.assistant.opening import Ready
from coder_tui.core.document import reference
from coder_tui.core.errors import PromptTooLongError
from coder_tui.core.events import Event
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.prompts import chat, markers
from coder_tui.prompts.chat import Message

_DO_NOT_FIT = "do not fit the context window and are left out"
_LEAST_ANSWER_TOKENS = 256
"""Attachments are cut rather than leave less room than this for the answer."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that goes with a question."""

    name: str
    """What the model and the user know it by: a path, `staged changes`, `standard input`."""
    text: str
    """LF line endings."""
    first_line: int = 0
    """0-based line of its file where it begins."""
    language: str = ""
    """For the fence around it."""

    @property
    def reference(self) -> str:
        """Its name, with lines where it is a part."""
        if not self.first_line:
            return self.name
        return reference(self.name, self.first_line + 1, self.first_line + self.line_count)

    @property
    def line_count(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n"))


@dataclass(frozen=True, slots=True)
class Question:
    """All that is asked in one turn."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    earlier: tuple[Message, ...] = ()
    """The conversation so far, without the system text."""
    system: str = ""
    refused: tuple[str, ...] = ()
    """What it mentions and does not get, a line each, for the user."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A question that fits the window."""

    prompt: Prompt
    messages: tuple[Message, ...]
    """The turns that are sent, without the system text; the question is the last."""
    attachments: tuple[Attachment, ...]
    """Of the question, as far as they fit."""
    cuts: tuple[str, ...]
    """What was left out, a line each, for the user."""
    room: int
    """Tokens left for the answer."""
    cut_tokens: int = 0
    """Of what was left out."""


def fit(ready: Ready, question: Question, *, max_tokens: int) -> Fitted:
    """Bring a question to the size of the window. Raises PromptTooLongError."""
    window = ready.engine.window(Purpose.CHAT)
    answer = min(max_tokens, max(1, window // 4), _LEAST_ANSWER_TOKENS)
    bare = replace(question, attachments=(), earlier=())
    room = window - answer - _tokens(ready, bare)
    if room <= 0:
        raise PromptTooLongError(
            f"the question alone has about {window - answer - room} tokens, the window is {window}",
            hint="ask less at once, or set a larger model.context_tokens",
        )
    attachments, cuts = shared_out(ready, question.attachments, room)
    fitted = replace(question, attachments=attachments)
    dropped = 0
    while (tokens := _tokens(ready, fitted)) > window - answer and fitted.earlier:
        fitted = replace(fitted, earlier=fitted.earlier[2:])
        dropped += 2
    if (excess := tokens - (window - answer)) > 0 and room > excess:  # together they are not the sum of their parts
        attachments, cuts = shared_out(ready, question.attachments, room - excess)
        fitted = replace(question, attachments=attachments, earlier=())
        tokens = _tokens(ready, fitted)
    if tokens > window - answer:
        raise PromptTooLongError(
            f"what is asked has {tokens} tokens, the window is {window}", hint="attach less, or a part: -f FILE:A-B"
        )
    if dropped:
        cuts = (*cuts, f"the first {dropped} messages of this chat no longer fit the window and are left out")
    left_out = _size(ready, question) - _size(ready, fitted) if cuts else 0
    cuts = (*question.refused, *cuts)
    room = min(max_tokens, window - tokens)
    return Fitted(_prompt(ready, fitted), _turns(fitted), fitted.attachments, cuts, room, left_out)


def answer(ready: Ready, fitted: Fitted, sampling: Sampling) -> Iterator[Event]:
    """The answer as it is generated; ends with Finished."""
    limits = Limits(
        max_tokens=fitted.room,
        stop_tokens=markers.stop_tokens(ready.info),
        stop_strings=chat.stop_strings(ready.info, setting=ready.settings.prompts.chat),
    )
    yield from ready.engine.generate(fitted.prompt, sampling, limits, Purpose.CHAT)


def turn(text: str, attachments: Sequence[Attachment]) -> Message:
    """A question as the model reads it."""
    return Message("user", "\n\n".join([*(fenced(one) for one in attachments), text]))


def _turns(question: Question) -> tuple[Message, ...]:
    return (*question.earlier, turn(question.text, question.attachments))


def _prompt(ready: Ready, question: Question) -> Prompt:
    system = (Message("system", question.system),) if question.system else ()
    return chat.build([*system, *_turns(question)], ready.info, setting=ready.settings.prompts.chat)


def _tokens(ready: Ready, question: Question) -> int:
    return len(ready.engine.tokenize(*_prompt(ready, question).segments))


def _size(ready: Ready, question: Question) -> int:
    """Tokens of what may be left out."""
    texts = [fenced(one) for one in question.attachments] + [one.content for one in question.earlier]
    return sum(map(ready.count, texts))


def fenced(attachment: Attachment) -> str:
    """The text in a code fence that it does not contain."""
    fence = "```"
    while fence in attachment.text:
        fence += "`"
    last = attachment.first_line + attachment.line_count
    where = f" (lines {attachment.first_line + 1}-{last})" if attachment.first_line else ""
    end = "" if attachment.text.endswith("\n") else "\n"
    return f"{attachment.name}{where}:\n{fence}{attachment.language}\n{attachment.text}{end}{fence}"


def shared_out(
    ready: Ready, attachments: Sequence[Attachment], room: int, *, why: str = _DO_NOT_FIT
) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    """(attachments as far as so many tokens go, what is cut, and why). The smallest come first: what one does not need
    goes to the larger ones."""
    sizes = {index: ready.count(fenced(one)) + 2 for index, one in enumerate(attachments)}
    kept = dict(enumerate(attachments))
    cuts: list[str] = []
    for done, index in enumerate(sorted(sizes, key=lambda index: sizes[index])):
        share = room // (len(sizes) - done)
        if sizes[index] > share:
            kept[index], cut = _shorten(ready, kept[index], share)
            cuts.append(f"{cut} {why}")
            sizes[index] = ready.count(fenced(kept[index])) + 2
        room -= sizes[index]
    # Of one that is cut to nothing its name would mislead; an empty file is worth its name.
    return tuple(one for index, one in kept.items() if one.text or not attachments[index].text), tuple(cuts)


def _shorten(ready: Ready, attachment: Attachment, budget: int) -> tuple[Attachment, str]:
    """As many of the first lines as fit, by bisection."""
    lines = StringIO(attachment.text[:LONGEST]).readlines()
    low, high = 0, len(lines) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = ready.count(fenced(replace(attachment, text="".join(lines[:middle])))) + 2 <= budget
        low, high = (middle, high) if fits else (low, middle - 1)
    first, last = attachment.first_line + low + 1, attachment.first_line + attachment.line_count
    cut = f"{attachment.name}: lines {first}-{last}"
    return replace(attachment, text="".join(lines[:low])), cut
