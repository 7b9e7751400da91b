"""Names that are likelier than a model can tell: which tokens get a bonus at the next step (`core.prompt.Likely`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coder_tui.core.prompt import Likely

_WORD = re.compile(r"\w*\Z")
_MEMBER = (".", "->", "::")


@dataclass(frozen=True, slots=True)
class _Form:
    """A name in the tokens that spell it, by itself or behind a space."""

    tokens: Sequence[int]
    begun: Sequence[str]
    """What stands of the name before each of them."""
    is_spaced: bool


@dataclass(frozen=True, slots=True)
class _Name:
    pattern: re.Pattern[str]
    bonus: float
    forms: Sequence[_Form]


class Bias:
    """Bonuses while one request is answered; `follow` is told the tokens as they come."""

    def __init__(
        self,
        likely: Iterable[Likely],
        before: str,
        tokenize: Callable[[str], Sequence[int]],
        piece: Callable[[int], bytes],
    ) -> None:
        """`before` is the end of the prompt: the line at the cursor, or more."""
        self._names = [
            _Name(
                re.compile(rf"\b{re.escape(one.name)}\b"),
                one.bonus,
                [_form(one.name, lead, tokenize, piece) for lead in ("", " ")],
            )
            for one in likely
        ]
        self._line = last_line(before)

    def follow(self, piece: bytes) -> None:
        """A token with these bytes was generated. Behind the line at the cursor there are no bonuses any more: the
        further away, the less is known."""
        self._line, is_over = grown(self._line, piece)
        if is_over:
            self._names = []

    def bonuses(self) -> Mapping[int, float]:
        """By token, for the next one: where a word can begin, and while one of the names is being spelled. Not behind
        a dot, where members stand, and not for a name that the line has."""
        if not self._names:
            return {}
        line = self._line.decode("utf-8", "replace")
        before, word = _parted(line)
        found: dict[int, float] = {}
        for name in self._names:
            if name.pattern.search(line) is None:
                for token in _next(name.forms, before, word):
                    found[token] = max(name.bonus, found.get(token, 0.0))
        return found


def last_line(text: str) -> bytes:
    """Where a generation goes on: the line at the cursor, as far as it is there."""
    return text.rpartition("\n")[2].encode("utf-8", "replace")


def grown(line: bytes, piece: bytes) -> tuple[bytes, bool]:
    """(the line at the cursor with a token's bytes behind it, whether it is over). Blank lines before it are none."""
    line, end, rest = (line + piece).partition(b"\n")
    return (rest.rpartition(b"\n")[2] if end else line), bool(end and line.strip())


def _parted(line: str) -> tuple[str, str]:
    """(what stands before the word at the end of a line, that word)."""
    match = _WORD.search(line)
    start = match.start() if match else len(line)
    return line[:start], line[start:]


def _next(forms: Sequence[_Form], before: str, word: str) -> Iterator[int]:
    """The tokens that begin or continue a name."""
    is_member = before.rstrip().endswith(_MEMBER)
    going_on = [token for form in forms for token, begun in zip(form.tokens, form.begun, strict=True) if begun == word]
    if word and going_on and not is_member:
        yield from going_on
    elif word:  # it may be over
        yield from (form.tokens[0] for form in forms if form.is_spaced)
    elif not is_member:
        yield from (form.tokens[0] for form in forms if not form.is_spaced or before[-1:].strip())


def _form(name: str, lead: str, tokenize: Callable[[str], Sequence[int]], piece: Callable[[int], bytes]) -> _Form:
    tokens, begun, spelled = tokenize(lead + name), list[str](), b""
    for token in tokens:
        begun.append(spelled.decode("utf-8", "replace")[len(lead) :])
        spelled += piece(token)
    return _Form(tokens, begun, bool(lead))
