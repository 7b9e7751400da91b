"""Changing selected lines on instruction: what the model is asked, and what comes of its answer."""

from __future__ import annotations

from coder_tui.assistant.applying import applied
from coder_tui.assistant.chat import Attachment, Question
from coder_tui.core.errors import CoderError
from coder_tui.edits.answers.parse import code_of

_ASK = (
    "Rewrite the code above as follows: {instruction}\n"
    "Answer with the rewritten code in one code block and nothing else. Keep what need not change."
)


def question(path: str, language: str, lines: str, first: int, instruction: str) -> Question:
    """What the model is asked. `lines` (LF) begin with line `first` (0-based)."""
    return Question(_ASK.format(instruction=instruction), (Attachment(path or "code", lines, first, language),))


def result(text: str, lines: tuple[int, int], answer: str) -> str:
    """LF `text` with its lines (first, last; 0-based) as the answer has them. Raises CoderError without code in it."""
    code = code_of(answer)
    if code is None or not code.strip():
        raise CoderError("the model gave no code", hint="say it in other words, or select fewer lines")
    return applied(text, code, lines=lines)
