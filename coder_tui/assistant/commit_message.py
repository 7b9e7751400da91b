"""A commit message from a staged diff, in the style of the repository's own log."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coder_tui.assistant import chat
from coder_tui.assistant.chat import Attachment, Question
from coder_tui.assistant.opening import Ready
from coder_tui.context import exclude
from coder_tui.core.errors import CoderError
from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason, Usage
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Purpose, Sampling

_ASK = (
    "Write the commit message for these staged changes. First a subject line of at most {width} characters that says "
    "what the change does, in the imperative{style}, without a full stop. If more needs to be said, an empty line and "
    "a short body. Answer with the message and nothing else."
)
_SUMMARY = "Say in one short line what this change to {path} does. Answer with the line and nothing else."
_CONVENTIONAL = re.compile(r"^(?:\w+)(?:\([^)]*\))?!?: \S")
_PREAMBLE = re.compile(
    r"^(?:here(?:'s| is)|sure|the commit message|commit message|subject|message)\b[^\n]*:\s*$", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:subject|commit message|commit|message|title)\s*:\s+(?=\S)", re.IGNORECASE)
_MAX_TOKENS = 200
_PART_OF_WINDOW = 2
"""A diff of more than one part in so many of the window is summed up file by file first."""
_MOST_FILES = 40
_LINE_TOKENS = 48
"""Of what is said of one file."""
_LEAST_TOKENS = 160
"""So much of each file is read at least."""
_SUBJECT = 72


@dataclass(frozen=True, slots=True)
class Style:
    """How this repository writes its messages."""

    conventional: bool
    """`feat(scope): ...`."""
    width: int
    """Of a subject, at most."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message and what it took."""

    message: str
    usage: Usage


def style_of(subjects: Sequence[str]) -> Style:
    """From the subjects of the last commits, the latest first."""
    own = [one for one in subjects if one and not one.startswith(("Merge ", "Revert "))]
    conventional = sum(bool(_CONVENTIONAL.match(one)) for one in own) * 2 > len(own) > 0
    lengths = sorted(map(len, own))
    width = min(_SUBJECT, max(50, lengths[int(0.9 * (len(lengths) - 1))])) if lengths else 50
    return Style(conventional, width)


def write(
    ready: Ready, diff: str, subjects: Sequence[str], sampling: Sampling, said: Callable[[str], None] = lambda _: None
) -> Written:
    """The message for a diff (LF). Raises CoderError when the model has nothing to say."""
    style = style_of(subjects)
    text = _shown(diff)
    if ready.count(text) > ready.engine.window(Purpose.CHAT) // _PART_OF_WINDOW:
        text = _summed_up(ready, diff, sampling, said)
    # Earlier messages are not shown: small models repeat them.
    kind = ", beginning with `feat: `, `fix: `, `docs: `, `refactor: ` or the like" if style.conventional else ""
    staged = Attachment("staged changes", text, 0, "diff")
    asked = Question(_ASK.format(width=style.width, style=kind), (staged,))
    raw, usage = _answer(ready, asked, sampling, said, "writing")
    message = cleaned(raw, style.width)
    if not message:
        raise CoderError(
            "the model has nothing to say about these changes", hint="git commit -m ... says it in your words"
        )
    return Written(message, usage)


def cleaned(answer: str, width: int = _SUBJECT) -> str:
    """The message in an answer: without fences, quotes, preamble and labels; a subject that is too long goes on in the
    body. Empty when there is nothing."""
    text = answer.strip()
    fenced = re.search(r"^(`{3,})[^\n]*\n(.*?)(?:^\1|\Z)", text, re.MULTILINE | re.DOTALL)
    if fenced:
        text = fenced[2].strip()
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and (not lines[0].strip() or _PREAMBLE.match(lines[0].strip())):
        lines.pop(0)
    if not lines:
        return ""
    subject = _LABEL.sub("", lines[0].strip().lstrip("#*- ").strip())
    subject = _unquoted(subject).rstrip(".").strip()
    body = "\n".join(lines[1:]).strip()
    if len(subject) > max(width, _SUBJECT):
        cut = subject.rfind(" ", 0, max(width, _SUBJECT))
        cut = cut if cut > 0 else max(width, _SUBJECT)
        subject, rest = subject[:cut].rstrip(" ,;:"), subject[cut:].strip()
        body = "\n\n".join(part for part in (rest, body) if part)
    # A line that begins with # would be a comment to git's editor.
    body = "\n".join(line for line in body.split("\n") if not line.startswith("#"))
    return f"{subject}\n\n{body.strip()}" if body.strip() else subject


def _unquoted(subject: str) -> str:
    """Without the marks around all of it; those around a word in it stay."""
    text = subject.strip("*")
    for mark in ("`", '"', "'"):
        if len(text) > 1 and text.startswith(mark) and text.endswith(mark) and text.count(mark) == 2:
            text = text[1:-1].strip("*")
    return text


def files_of(diff: str) -> list[tuple[str, str]]:
    """(path, its part) of each file of a diff as git writes it."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"(?m)^(?=diff --git )", diff):
        named = re.match(r'diff --git (?:"?a/)(.*?)"? "?b/', part)
        if named:
            found.append((named[1], part))
    return found


def _shown(diff: str) -> str:
    """The diff; of lock files, generated and binary ones only the names."""
    parts = [
        part if not exclude.by_name(path) else f"{part.partition(chr(10))[0]}\n({exclude.by_name(path)}, left out)\n"
        for path, part in files_of(diff)
    ]
    return "".join(parts) or diff


def _summed_up(ready: Ready, diff: str, sampling: Sampling, said: Callable[[str], None]) -> str:
    """A line for each file, of which together no more is read than of a diff that is not summed up."""
    files, lines = files_of(diff), list[str]()
    share = ready.engine.window(Purpose.CHAT) // _PART_OF_WINDOW // max(1, min(len(files), _MOST_FILES))
    for number, (path, part) in enumerate(files[:_MOST_FILES], 1):
        name = plain(path)
        if reason := exclude.by_name(path):
            lines.append(f"{name}: {reason}, changed")
            continue
        asked = Question(
            _SUMMARY.format(path=name), (Attachment(name, _cut(ready, part, max(_LEAST_TOKENS, share)), 0, "diff"),)
        )
        raw, _ = _answer(ready, asked, sampling, said, f"file {number} of {len(files)}", max_tokens=_LINE_TOKENS)
        first = next(
            (line.strip() for line in raw.split("\n") if line.strip() and not line.startswith("```")), "changed"
        )
        lines.append(f"{name}: {first}")
    lines += [f"{plain(path)}: changed" for path, _ in files[_MOST_FILES:]]
    return "\n".join(lines) + "\n"


def _cut(ready: Ready, part: str, tokens: int) -> str:
    """A diff of a file within a number of tokens: without the lines around changes, then without its end."""
    if ready.count(part) <= tokens:
        return part
    kept, left = list[str](), tokens
    for line in part.split("\n"):
        if line.startswith(" "):
            continue
        left -= ready.count(f"{line}\n")
        if left < 0:
            return "\n".join([*kept, "..."]) + "\n"
        kept.append(line)
    return "\n".join(kept)


def _answer(
    ready: Ready,
    question: Question,
    sampling: Sampling,
    said: Callable[[str], None],
    what: str,
    *,
    max_tokens: int = _MAX_TOKENS,
) -> tuple[str, Usage]:
    fitted = chat.fit(ready, question, max_tokens=max_tokens)
    raw = ""
    for event in chat.answer(ready, fitted, sampling):
        if isinstance(event, PromptProgress) and event.done < event.total:
            said(f"{what}: reading {event.done} of {event.total} tokens ...")
        elif isinstance(event, Delta):
            raw += event.text
            said(f"{what} ...")
        elif isinstance(event, Finished):
            text = plain(raw)
            if event.reason is StopReason.LENGTH and "\n" in text.strip():
                text = text.strip().rpartition("\n")[0]  # the last line has no end
            return text, event.usage
    raise TypeError("a generation ends with Finished")
