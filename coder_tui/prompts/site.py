"""The place that a text is generated for, and what can be told of it before anything is generated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from coder_tui.core.document import Document, to_lf
from coder_tui.prompts import brackets
from coder_tui.prompts.indentation import leading, style, width
from coder_tui.prompts.languages import Language, language

NEAR = 20_000
"""Characters on either side of the hole that rules look at."""
FAR = 1_000_000
"""Characters before the hole in which strings and comments are looked for."""
_LATER_LINES = 12
_OPENS = re.compile(r"(?:[:{(\[,\\]|=>|\bthen|\bdo|\bbegin)\s*(?:(?:#|//|--).*)?$")


class Mode(Enum):
    """How much may be put into a hole."""

    SINGLE = "single line"
    """Code follows on the line: the rest of the line only."""
    MULTI = "several lines"


@dataclass(frozen=True, slots=True)
class Site:
    """A hole and its surroundings, in LF line endings."""

    prefix: str
    """Whole lines before the current one, from the beginning of the file where that can be: whether the hole is in a
    string or a comment cannot be told otherwise."""
    left: str
    """Of the current line, what stands before the hole."""
    right: str
    """Of the current line, what stands after the hole."""
    suffix: str
    """What follows `right`, beginning with the line end."""
    path: str = ""
    forced: str = ""
    """`Prompt.forced`: the end of `left`, with which the generated text begins."""
    max_lines: int = 0
    """0 sets no limit."""
    mode: Mode | None = None
    """None decides by what stands to the right: nothing but signs allows several lines."""
    keeps_blanks: bool = False
    """Blank lines with which a text begins on a blank line belong to it; else it begins behind them."""

    @classmethod
    def within(cls, document: Document, offset: int, path: str, forced: str) -> Site:
        """The place at an offset of a document."""
        before = to_lf(document.text[max(0, offset - FAR) : offset])
        lines, end, left = before.rpartition("\n")
        right, following, suffix = to_lf(document.text[offset : offset + NEAR]).partition("\n")
        return cls(lines + end, left, right, following + suffix, path, forced)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need, worked out once for a site."""

    language: Language
    left: str
    """Of the current line, without the lines before it, whatever part of the site had them."""
    after: str
    """All that follows the hole, near it."""
    before: str
    """All that stands before the hole, near it."""
    mode: Mode
    unit: str | None
    """One step of indentation of this file; None when it has none yet."""
    base: int | None
    """Columns that the current line is indented by; None when it is blank: the text decides."""
    deepest: int | None
    """Columns that a first line on a blank line can reasonably have; None without a limit."""
    above: str
    """The last line with something on it before the current one."""
    below: str
    """The next line with something on it after the current one."""
    later: tuple[str, ...]
    """The lines behind `below` that say something of their own: longer ones with several words, near the hole."""
    fences: bool
    """Whether a Markdown fence can be meant as text here."""
    openers: tuple[brackets.Opener, ...]
    closers: tuple[brackets.Closer, ...]

    begun: str
    """What opened the string or comment that the current line begins in, or nothing."""

    @property
    def right(self) -> str:
        """The rest of the current line."""
        return self.after.partition("\n")[0]

    @property
    def blank(self) -> bool:
        """Whether nothing but white space stands before the hole on its line."""
        return not self.left.strip()


@lru_cache(maxsize=16)
def facts(site: Site) -> Facts:
    """See Facts. Cached, since a stream of deltas is cleaned for one site."""
    text = site.prefix + site.left
    start = max(0, len(text) - NEAR)
    if start:
        start = text.find("\n", start) + 1
    before = text[start:]
    after = (site.right + site.suffix)[:NEAR]
    kind = language(site.path)
    lines, _, left = before.rpartition("\n")
    right, _, following = after.partition("\n")
    above = next((line for line in reversed(lines.split("\n")) if line.strip()), "")
    below = next((line for line in following.split("\n") if line.strip()), "")
    masker = brackets.Masker(kind, text[:start])  # from the very start: who begins in a docstring takes code for text
    masked = f"{masker.line(lines)}\n" if "\n" in before else ""
    begun = masker.open
    masked += masker.line(left)
    openers = tuple(brackets.open_before(masked))
    unit = "\t" if kind.tabs else style(f"{lines}\n{following}")
    return Facts(
        language=kind,
        left=left,
        after=after,
        before=before,
        mode=site.mode or (Mode.MULTI if re.fullmatch(r"\W*", right) else Mode.SINGLE),
        unit=unit,
        base=width(left) if left.strip() else None,
        deepest=_deepest(above, openers, unit),
        above=above,
        below=below,
        later=_telling(following, below),
        fences=kind.prose or "```" in before or "```" in after or masked.endswith(brackets.MASKED),
        openers=openers,
        closers=tuple(brackets.close_after(masker.line(after))),
        begun=begun,
    )


def _telling(following: str, below: str) -> tuple[str, ...]:
    lines = [line.rstrip() for line in following.split("\n") if line.strip()][:_LATER_LINES]
    return tuple(line for line in lines if line != below.rstrip() and len(line.strip()) >= 20 and len(line.split()) > 2)


def _deepest(above: str, openers: tuple[brackets.Opener, ...], unit: str | None) -> int | None:
    if not above or any(opener.bracket != "{" for opener in openers):
        return None
    step = width(f"{unit or '    '}x") if _OPENS.search(above) else 0
    return width(leading(above) + "x") + step
