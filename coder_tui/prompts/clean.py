"""What of a generated text is put into a hole.

`clean` is pure and causal: what it does with a line depends on the lines up to it only. So the text can be cleaned
while it is generated, and what has been returned once is never taken back: with `final` unset the result holds back
what a later rule could still remove (an unfinished line, blank lines at the end, copies that may become a circle, an
end that may turn out to be how the suffix begins).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coder_tui.core.document import to_lf
from coder_tui.core.plain import plain
from coder_tui.prompts import brackets, overlap, repeats
from coder_tui.prompts.indentation import leading, translate, width
from coder_tui.prompts.languages import Quotes
from coder_tui.prompts.markers import MARKER, MARKERS
from coder_tui.prompts.site import Facts, Mode, Site, facts

_CLOSING = re.compile(r"[)\]}]|</|(?:end|fi|done|esac|endif|endfor|endwhile|endfunction)\b")
_GOES_ON = re.compile(r"\{|(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|case|default)\b")
_PURE = re.compile(r"[)\]}]+[;,]*\s*$")
_CHAT = re.compile(
    r"(?:(?:sure|certainly|of course)[,!.].*"
    r"|here(?:'s| is| are)\b.*[:.]"
    r"|(?:the|this) (?:completed|missing|following|code|function) .*[:.]"
    r"|to (?:complete|fill|finish|implement) .*[:.])$",
    re.IGNORECASE,
)
"""The whole of a line with which instruct models begin an answer."""
_EXPLAINS = re.compile(
    r"explanation:|(?:this|the) (?:code|function|program|implementation|loop) (?:is|will|\w+s) .*[.:]$", re.IGNORECASE
)
"""A line with which they go on after the code."""
_END = re.compile(rf"{MARKER.pattern}|[ \t]{{100}}")
"""Markers, and a run of spaces in which small models get caught."""
_MOST_BLANKS = 4
"""At the beginning: after more of them nothing comes."""
_OTHER_FILE = re.compile(r"(?:#|//|--|<!-- )[\w./-]+\.\w{1,5}(?: -->)?$|diff --git ")
"""How the next file begins in what the model was trained on, or was sent."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a generated text."""

    text: str
    """To be put into the hole, LF line endings; empty when nothing of it is of use."""
    done: bool
    """Nothing that is generated from here on would be taken: the generation can be cancelled."""
    whole: bool = True
    """Whether the last line of the text is there as a whole; otherwise more of it may come."""


def clean(raw: str, site: Site, *, final: bool) -> Cleaned:
    """The part of `raw` (all that was generated so far, `site.forced` included) that belongs into the hole.

    With `final` unset more is to come: the text is then a prefix of every later result.
    """
    body, ended = _body(raw, site.forced, final=final)
    found = facts(site)
    lines = body.split("\n")
    scan = _Scan(found, site.max_lines)
    for line in lines if ended else lines[:-1]:
        scan.take(line)
        if scan.done:
            break
    if ended or scan.done:
        text, done, whole = _finished(scan, found), scan.done or ended, True
    else:
        (text, whole), done = _settled(scan, found), False
    blanks = "\n" * scan.blanks if site.keeps_blanks and text else ""
    return Cleaned(blanks + text, done, whole)


def _body(raw: str, forced: str, *, final: bool) -> tuple[str, bool]:
    """What was generated after `forced`, as text; and whether that is all there will be."""
    if raw.startswith(forced):
        raw = raw[len(forced) :]
    elif forced.startswith(raw):
        return "", final
    end = _END.search(raw)
    if end:
        return plain(to_lf(raw[: end.start()])), True
    if final:
        raw = raw[: len(raw) - _begun(raw)]
    return plain(to_lf(raw)), final


def _begun(raw: str) -> int:
    """Length of a marker at the end that was cut short."""
    for length in range(min(len(raw), 20), 3, -1):
        if any(marker.startswith(raw[-length:]) for marker in MARKERS):
            return length
    return 0


def _finished(scan: _Scan, found: Facts) -> str:
    text = "\n".join(scan.lines)
    if found.mode is Mode.SINGLE:
        text = overlap.trim(text, found.left, found.right, closes=scan.closes) if found.right else text
    else:
        text = overlap.trim(text.rstrip(), found.left, found.after, closes=scan.closes).rstrip()
    if not text.strip():
        return ""
    full = found.left + text
    words = len(re.findall(r"[^\W\d_]", full))
    return "" if "\n" not in text and words > 2 and full.strip() == found.above.strip() else text


def _settled(scan: _Scan, found: Facts) -> tuple[str, bool]:
    """What no rule can remove any more, and whether it ends with a whole line."""
    if found.mode is Mode.SINGLE or not scan.lines:
        return "", False
    lines = scan.lines[: len(scan.lines) - repeats.pending(scan.full)]
    text = "\n".join(lines).rstrip("\n")
    kept = text[: overlap.first(text, found.after)].rstrip()
    may_be_above = "\n" not in kept and found.above.strip().startswith((found.left + kept).strip())
    return ("", False) if may_be_above else (kept, kept == text)


class _Scan:
    """Takes a text line by line until a rule says that it has left the hole."""

    def __init__(self, found: Facts, max_lines: int) -> None:
        self.lines: list[str] = []
        """What is kept. The first one goes on after what stands on the current line."""
        self.full: list[str] = []
        """The same with what stands on the current line before the first one."""
        self.done = False
        self._facts = found
        self._max_lines = max_lines
        self._base = found.base
        self.blanks = 0
        """Blank lines before the first one with something on it, whose indentation is then the whole of it."""
        self._deeper = False
        """A line stood deeper than the current one: its block was opened."""
        self._foreign = 0
        """Spaces to a step in the generated text, once a line has shown it."""
        self._fenced = False
        self._balance = brackets.Balance(found.openers, found.closers, strict=found.language.brackets)
        self._masker = brackets.Masker(found.language, "")
        self._masker.open = found.begun

    @property
    def closes(self) -> bool:
        """Whether the text closes a bracket that stands open before the hole."""
        return self._balance.closed > 0

    def take(self, line: str) -> None:
        first = not self.lines
        if first and self._chatter(line):
            return
        if first and self._facts.blank and not line.strip() and self._facts.mode is Mode.MULTI:
            self.blanks += 1
            self.done = self.blanks > _MOST_BLANKS
            return
        if first and self.blanks and width(line) < width(self._facts.left + "x"):
            self.done = True
            return
        line = self._indented(line, first=first)
        full = self._facts.left + line if first else line
        if self._stops(line, full, first=first):
            self.done = True
            return
        self._keep(line, full)

    def _chatter(self, line: str) -> bool:
        """Whether a line before the first one is talk, or opens a fence."""
        found = self._facts
        if found.fences or found.left.strip():
            return False
        if line.strip().startswith("```") and not self._fenced:
            self._fenced = True
            return True
        return not self._fenced and _CHAT.match(line.strip()) is not None

    def _indented(self, line: str, *, first: bool) -> str:
        """The line with the file's kind of white space, and without what is typed of it already."""
        found = self._facts
        if first and found.language.quotes is Quotes.PYTHON:
            line = re.sub(r"^`([^`]+)`$", r"\1", line)
        if first and not found.blank:
            return line if found.right else line.rstrip()
        space = leading(line)
        rest = line[len(space) :]
        if not self._foreign and space.startswith(" ") and len(space) in (2, 3, 4, 8):
            self._foreign = len(space) if len(space) in (2, 4) else 4
        space = translate(space, found.unit, self._foreign or 4)
        if first and found.left:
            space = self._untyped(space)
        if not rest.strip():
            return ""
        return space + (rest if first and found.right else rest.rstrip())

    def _untyped(self, space: str) -> str:
        """Models that are given the indentation of a blank line may write all of it again."""
        left = self._facts.left
        deepest = self._facts.deepest
        columns = width(space + "x")
        again = deepest is not None and width(left + "x") <= columns <= deepest < width(left + space + "x")
        return space[len(left) :] if again or self.blanks else space

    def _stops(self, line: str, full: str, *, first: bool) -> bool:
        """Whether the text leaves the hole before this line."""
        found = self._facts
        if not full.strip():
            return bool(self.full) and not self.full[-1].strip()
        if self._base is None:
            self._base = width(full)
        if not found.fences and line.strip().startswith("```"):
            return True
        if not found.language.prose and (found.blank or not first) and _OTHER_FILE.match(full):
            return True
        if not found.language.prose and not first and _EXPLAINS.match(full):
            return True
        if line.strip() and repeats.alike(full, found.below):
            return True
        if first and found.blank and full.rstrip() in found.later:
            return True  # the model has skipped the hole and goes on behind it
        return not first and self._leaves_block(full)

    def _leaves_block(self, full: str) -> bool:
        found, depth = self._facts, width(full)
        base = self._base or 0
        if self._masker.open or (found.language.preprocessor and full.startswith("#")):
            return False
        word = full.strip()
        if depth < base:
            return not (_PURE.match(word) and self._may_close(word))
        if depth > base:
            self._deeper = True
            return False
        if self._balance.in_statement or _CLOSING.match(word) or _GOES_ON.match(word):
            return False
        middle = bool(found.below) and width(found.below) >= base
        if found.blank:  # in the middle of a block one paragraph is enough: small models know no end
            return middle and not self.full[-1].strip()
        return self._deeper or middle

    def _may_close(self, word: str) -> bool:
        return self._balance.inside or self._balance.can_close(word[0])

    def _keep(self, line: str, full: str) -> None:
        found = self._facts
        masked = self._masker.line(full)
        surplus = None if found.language.prose else self._balance.surplus(masked[len(full) - len(line) :])
        if surplus is not None:
            line, self.done = line[:surplus].rstrip(), True
        cut = repeats.piece(line)
        if cut is not None:
            line, self.done = line[:cut], True
        if self.done and self.lines and not line.strip():
            return
        self.lines.append(line)
        self.full.append(full)
        keep = repeats.circle(self.full)
        if keep is not None:
            del self.lines[keep:], self.full[keep:]
            self.done = True
        if found.mode is Mode.SINGLE or len(self.lines) == self._max_lines:
            self.done = True
