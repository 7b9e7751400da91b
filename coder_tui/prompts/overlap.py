"""The end of a text that is already there after the hole."""

from __future__ import annotations

from coder_tui.prompts.brackets import PAIRS

MAX_OVERLAP = 2_000
"""Characters; the rest of a suffix is not what a model repeats."""
_QUOTES = "\"'`"


def first(text: str, after: str) -> int:
    """Offset from which on the text is how `after` begins: the longest such end, `len(text)` without one."""
    after = after[:MAX_OVERLAP]
    for start in range(max(0, len(text) - len(after)), len(text)):
        if after.startswith(text[start:]):
            return start
    return len(text)


def trim(text: str, left: str, after: str, *, closes: bool) -> str:
    """The text without its longest end that `after` begins with, where it is there twice and not by chance.

    `left` is the current line before the hole. `closes` says that the text rightly closes a bracket that stands open
    before the hole; then its closing brackets are not those of the suffix.
    """
    after = after[:MAX_OVERLAP]
    for start in range(max(0, len(text) - len(after)), len(text)):
        end = text[start:]
        if after.startswith(end) and _twice(text[:start], end, left, after.partition("\n")[0], closes):
            return text[:start]
    return text


def _twice(kept: str, end: str, left: str, right: str, closes: bool) -> bool:
    line = left + kept if "\n" not in kept else kept.rpartition("\n")[2]
    if not end.strip():
        return True
    whole = bool(right.strip()) and len(end) >= len(right.rstrip())
    if line and _word(line[-1]) and _word(end[0]) and not (whole and len(end) > 1):
        return False
    if end[0] in _QUOTES and line.count(end[0]) % 2 == 0:
        return False
    return not _closes(kept, end, outside=closes)


def _closes(kept: str, end: str, *, outside: bool) -> bool:
    """Whether a bracket in `end` closes one that the kept text opens (or, with `outside`, any before `end`)."""
    stack: list[bool] = []
    for own, text in ((True, kept), (False, end)):
        for character in text:
            if character in PAIRS.values():
                stack.append(own)
            elif character in PAIRS and (stack.pop() if stack else outside) and not own:
                return True
    return False


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"
