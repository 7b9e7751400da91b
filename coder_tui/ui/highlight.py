"""Colours for texts without a grammar while they are edited: Pygments' lexers, run on from the edited line only for as
long as it changes anything, and never longer than a key may take. No widget is in here.

A lexer's state at the beginning of a line is all that lexing goes on from. It is kept for each line, and as soon as a
line is reached with the state that it had before the edit, what follows is known.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pygments.lexer import DelegatingLexer, ExtendedRegexLexer, Lexer, RegexLexer
from pygments.lexers import find_lexer_class_for_filename
from pygments.lexers.markup import MarkdownLexer, RstLexer
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

from coder_tui.context.colours import Piece

_STATEFUL = (DelegatingLexer, ExtendedRegexLexer, MarkdownLexer, RstLexer)
"""Lexers with more state than a stack, or with rules that look at whole paragraphs."""
_STACK = 64
"""A deeper stack of states is not kept: lexing goes on from further up."""

State = tuple[str, ...]

_NAMES: dict[Any, str] = {
    Token.Comment: "comment",
    Token.Comment.Preproc: "keyword",
    Token.Keyword: "keyword",
    Token.Keyword.Constant: "constant",
    Token.Keyword.Type: "type",
    Token.Literal.String: "string",
    Token.Literal.String.Escape: "constant",
    Token.Literal.String.Interpol: "constant",
    Token.Literal.String.Doc: "comment",
    Token.Literal.Number: "number",
    Token.Name.Function: "function",
    Token.Name.Class: "type",
    Token.Name.Namespace: "type",
    Token.Name.Exception: "type",
    Token.Name.Builtin: "builtin",
    Token.Name.Builtin.Pseudo: "constant",
    Token.Name.Decorator: "function",
    Token.Name.Tag: "keyword",
    Token.Name.Attribute: "function",
    Token.Name.Constant: "constant",
    Token.Operator.Word: "keyword",
    Token.Generic.Heading: "heading",
    Token.Generic.Subheading: "heading",
    Token.Generic.Strong: "heading",
    Token.Generic.Emph: "string",
    Token.Generic.Inserted: "string",
    Token.Generic.Deleted: "constant",
}


def lexer_for(name: str) -> Lexer | None:
    """The lexer for a file of that name; None for plain text."""
    if not name:
        return None
    try:
        kind = find_lexer_class_for_filename(name)
    except (ClassNotFound, ValueError):
        return None
    return None if kind is None or kind.name == "Text only" else kind()


@cache
def style_of(token: _TokenType) -> str:
    """The name of a token's style; empty for what is drawn as it is."""
    while token is not Token and token not in _NAMES:
        token = token.parent
    return _NAMES.get(token, "")


class Highlighter:
    """The colours of one text. It is told of every edit, and works in slices."""

    is_plain = is_doubtful = False

    def renew(self) -> None:
        """Not needed: what an edit leads to is what reading all again would."""

    def __init__(self, lexer: Lexer, lines: Sequence[str]) -> None:
        whole = isinstance(lexer, _STATEFUL) or not isinstance(lexer, RegexLexer)
        self._lexer = lexer
        self._rules: dict[str, list[Any]] = {} if whole else lexer._tokens  # noqa: SLF001
        self._pieces: list[list[Piece]] = [[] for _ in lines]
        self._states: list[State | None] = [("root",), *([None] * (len(lines) - 1))]
        self._done = 0
        """Lines before this one have their colours."""
        self._resume = 0
        """From this line on, states are those from before the last edit, and what they lead to is known up to ..."""
        self._known = 0
        """... this line."""
        self._run: Iterator[None] | None = None

    def pieces(self, line: int) -> list[Piece]:
        """The coloured parts of a line, in order. Those of a line not yet reached are from before the edit."""
        return self._pieces[line] if line < len(self._pieces) else []

    def edited(self, first: int, old: int, new: int) -> None:
        """Lines from `first` on were replaced: `old` of them by `new`."""
        before = self._pieces[first] if first < len(self._pieces) else []
        self._pieces[first : first + old] = [before if index == 0 else [] for index in range(new)]
        self._states[first : first + old] = [self._states[first] if first < len(self._states) else None] + [None] * (
            new - 1
        )
        self._run = None
        shift = new - old
        end = max(self._done, self._known if self._known > first else 0)
        # A rule may look at what follows, so the line before counts as edited too.
        self._done = self._restart(min(self._done, max(0, first - 1)))
        if end >= first + old:
            self._resume, self._known = (
                max(first + new, self._resume + shift if self._resume > first else 0),
                end + shift,
            )
        else:
            self._resume = self._known = 0

    def advance(self, lines: Sequence[str], start: int, stop: int, budget_ms: float) -> bool:
        """Work on until all lines before `stop` have their colours or the time is over; whether there is nothing left
        to do."""
        del start  # what a line is depends on all lines before it
        upto = min(stop, len(lines))
        end = time.perf_counter() + budget_ms / 1000
        if self._done < upto and self._run is None:
            self._run = self._lex(lines) if self._rules else self._lex_whole(lines)
        while self._done < upto and self._run is not None:
            for _ in range(50):
                if next(self._run, self) is self:
                    self._done, self._run = len(lines), None
                    break
            if time.perf_counter() > end:
                break
        return self._done >= upto

    def _restart(self, line: int) -> int:
        """The last line up to this one at whose beginning the state is known."""
        if not self._rules:
            return 0
        while line and self._states[line] is None:
            line -= 1
        return line

    def _lex(self, lines: Sequence[str]) -> Iterator[None]:
        """From the first line without colours on, a token at a time."""
        line = self._done
        sink = _Sink(self, line)
        text = "\n".join(lines) + "\n"
        stack = list(self._states[line] or ("root",))
        for _ in self._tokens(text, sum(map(len, lines[:line])) + line, stack, sink):
            if sink.line > line:
                if sink.at_line_start and self._meets(sink.line, tuple(stack)):
                    self._done, self._resume, self._known = self._known, 0, 0
                    self._run = self._lex(lines)
                    return
                self._note(line, sink, stack)
                line = sink.line
            yield

    def _note(self, line: int, sink: _Sink, stack: list[str]) -> None:
        """Keep the state at the beginning of the sink's line; lines between, inside of one token, have none."""
        last = min(sink.line, len(self._states) - 1)
        self._states[line + 1 : last + 1] = [None] * (last - line)
        if sink.at_line_start and sink.line == last and len(stack) <= _STACK:
            self._states[last] = tuple(stack)

    def _meets(self, line: int, stack: State) -> bool:
        """Whether what follows was lexed from the same state before."""
        return self._resume <= line < self._known and bool(self._resume) and self._states[line] == stack

    def _tokens(self, text: str, at: int, stack: list[str], sink: _Sink) -> Iterator[None]:
        """RegexLexer's own loop, with its stack in the caller's hands."""
        end = len(text)
        while at < end:
            for match_at, action, then in self._rules[stack[-1]]:
                match = match_at(text, at)
                if match:
                    if type(action) is _TokenType:
                        sink.take(action, match.group())
                    elif action is not None:
                        for _, token, value in action(self._lexer, match):
                            sink.take(token, value)
                    at = match.end()
                    _follow(stack, then)
                    break
            else:
                if text[at] == "\n":
                    stack[:] = ["root"]
                sink.take(Token, text[at])
                at += 1
            yield

    def _lex_whole(self, lines: Sequence[str]) -> Iterator[None]:
        """With lexers that have more state than a stack: always from the first line."""
        sink = _Sink(self, 0)
        for _, token, value in self._lexer.get_tokens_unprocessed("\n".join(lines) + "\n"):
            sink.take(token, value)
            yield

    def finish_line(self, line: int, pieces: list[Piece]) -> None:
        """For _Sink: a line is complete."""
        if line < len(self._pieces):
            self._pieces[line] = pieces
            self._done = max(self._done, line + 1) if self._rules else line + 1


class _Sink:
    """Tokens into lines."""

    def __init__(self, highlighter: Highlighter, line: int) -> None:
        self._highlighter = highlighter
        self.line = line
        self._column = 0
        self._pieces: list[Piece] = []

    @property
    def at_line_start(self) -> bool:
        return not self._column

    def take(self, token: _TokenType, text: str) -> None:
        name = style_of(token)
        for index, part in enumerate(text.split("\n")):
            if index:
                self._highlighter.finish_line(self.line, self._pieces)
                self.line, self._column, self._pieces = self.line + 1, 0, []
            if part:
                if name:
                    self._pieces.append((self._column, self._column + len(part), name))
                self._column += len(part)


def _follow(stack: list[str], then: object) -> None:
    """What a rule does to the stack of states."""
    if isinstance(then, tuple):
        for state in then:
            _follow(stack, state)
    elif then == "#push":
        stack.append(stack[-1])
    elif then == "#pop":
        if len(stack) > 1:
            stack.pop()
    elif isinstance(then, int):
        del stack[max(1, len(stack) + then) :]
    elif isinstance(then, str):
        stack.append(then)
