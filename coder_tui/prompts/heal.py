"""Token healing: where to cut a text so that the tokens before the cut stay as they are, whatever is typed after it.

A cursor often stands inside what would be one token (`retu|rn`, a lone trailing space). Text behind the last safe
boundary is not tokenized but forced: the model is made to spell it again, in tokens that may go past its end.

Pre-tokenizers cut before BPE merges: GPT-2, Qwen2 and DeepSeek keep a word together with one space or sign before it,
runs of signs with one space before them, runs of digits and runs of white space; Qwen2 lets a run of signs take the
line ends behind it.
"""

from __future__ import annotations

import re
import unicodedata

MAX_FORCED = 48
"""Characters. Longer runs (deep indentation, generated names) cost more than they gain: each token is sampled alone."""

_LAST = re.compile(r"(?:[SP]?L+|S?N+|S?P+|S+)\Z")
_LINE_END = re.compile(r"(?:S?P+)?S*E[SE]*\Z")
_JOINERS = "\u200d\ufe0e\ufe0f"
"""Zero width joiner and variation selectors: what is on either side of them is one sign."""


def split(left: str) -> tuple[str, str]:
    """(kept, forced) of the text before a cursor: `kept + forced == left`, `forced` has at most 48 characters.

    When the last line is blank and others stand above it, the line ends before it are forced too.
    """
    tail = left[-2 * MAX_FORCED :]
    classes = _classes(tail)
    last = _LINE_END.search(classes) or _LAST.search(classes)
    start = last.start() if last else len(tail)
    while _joins(tail, start):
        start -= 1
    if len(tail) - start > MAX_FORCED:
        start = len(tail) - MAX_FORCED
        while _joins(tail, start):
            start += 1
    at = len(left) - len(tail) + start
    return left[:at], left[at:]


def _classes(text: str) -> str:
    """One letter for each character: L letter, N number, S space, E line end, P any other sign."""
    found: list[str] = []
    for character in text:
        if character in "\r\n":
            found.append("E")
        elif character.isspace():
            found.append("S")
        elif _extends(character) and found and found[-1] in "LNP":
            found.append(found[-1])
        else:
            kind = unicodedata.category(character)[0]
            found.append(kind if kind in "LN" else "P")
    return "".join(found)


def _extends(character: str) -> bool:
    """Whether the character changes the one before it: combining marks, selectors, skin tones."""
    return (
        unicodedata.category(character)[0] == "M" or character in _JOINERS or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _joins(text: str, at: int) -> bool:
    """Whether a cut here would part what is shown as one character."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff":
        return True
    return _extends(after) or before == "\u200d"
