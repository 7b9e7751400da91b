"""What is sent along with a request: Snippet, Context, Suggestion."""

from __future__ import annotations

from dataclasses import dataclass

from coder_tui.core.document import Span
from coder_tui.core.prompt import Likely


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of another file."""

    path: str
    """Relative to the repository, with forward slashes."""
    text: str
    """LF line endings."""
    reason: str
    """Why it is sent, in words for the user."""
    first_line: int = 0
    """0-based line in its file where the piece begins."""


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a hole, in LF line endings, already cut to what is to be sent."""

    prefix: str
    suffix: str
    path: str = ""
    """Of the file itself, relative to the repository; empty when it has none."""
    snippets: tuple[Snippet, ...] = ()
    repository: str = ""
    """Its name."""
    likely: tuple[Likely, ...] = ()
    """Names that are likely to be written in the hole."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A cleaned text and the span of the document that it replaces."""

    text: str
    """LF line endings."""
    span: Span
