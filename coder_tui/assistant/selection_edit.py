"""Changing selected lines on instruction: what the model is asked, and what comes of its answer."""

from __future__ import annotations

from coder_tui.assistant import anchoring
from coder_tui.assistant.applying import applied, exchanges
from coder_tui.assistant.chat import Attachment, Question
from coder_tui.context import syntax
from coder_tui.core.errors import CoderError
from coder_tui.edits.answers.parse import code_of

_ASK = (
    "Rewrite the code above as follows: {instruction}\n"
    "Answer with the rewritten code in one code block and nothing else. Keep what need not change."
)


def question(path: str, language: str, lines: str, first: int, instruction: str) -> Question:
    """What the model is asked. `lines` (LF) begin with line `first` (0-based)."""
    return Question(_ASK.format(instruction=instruction), (Attachment(path or "code", lines, first, language),))


def result(text: str, lines: tuple[int, int], answer: str, path: str = "") -> str:
    """LF `text`, of the file `path`, with its lines (first, last; 0-based) as the answer has them: of what it may mean
    that which parses best. Raises CoderError without code in it."""
    code = code_of(answer)
    if code is None or not code.strip():
        raise CoderError("the model gave no code", hint="say it in other words, or select fewer lines")
    if exchanges(code):
        return applied(text, code, path=path, lines=lines)
    best: tuple[int, str] | None = None
    failure: CoderError | None = None
    inner = anchoring.within(text, lines)
    for meant in anchoring.kept(code, text, inner, path):
        try:
            found = applied(text, meant, path=path, lines=inner)
        except CoderError as error:  # what follows the selection may be what was left out
            failure = failure or error
            continue
        wrong = syntax.errors(found, path)
        if best is None or wrong < best[0]:
            best = (wrong, found)
    if best is None:
        raise failure or CoderError("the model gave no code")
    return best[1] if text else f"{best[1]}\n"  # an empty file has no end of the last line to keep
