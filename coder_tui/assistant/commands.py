"""Slash commands of a chat, and the files that a prompt names with `@`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from coder_tui.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    name: str
    text: str
    """What it does, for the list."""
    question: str = ""
    """What it asks the model; what is typed behind the command is added. Empty for one that the app carries out."""
    attaches: bool = False
    """Whether it needs code: the selection or the file is attached when nothing is."""


COMMANDS = (
    Command("explain", "Explain the code", "Explain what this code does, step by step and briefly.", attaches=True),
    Command(
        "fix",
        "Find and mend a fault",
        "Find what is wrong with this code and give the corrected code in one code block.",
        attaches=True,
    ),
    Command("test", "Write tests", "Write tests for this code, in one code block.", attaches=True),
    Command(
        "doc",
        "Write the documentation",
        "Add documentation comments to this code and give all of it back in one code block. Change nothing else.",
        attaches=True,
    ),
    Command(
        "review",
        "Review the code",
        "Review this code: name faults and risks first, then what could be simpler. Be brief.",
        attaches=True,
    ),
    Command("add", "Attach a file: /add PATH"),
    Command("drop", "Take attachments away: /drop [PATH]"),
    Command("context", "What the next question and suggestion send"),
    Command("commit", "Write the message for what is staged, and commit"),
    Command("undo", "Take back what coder wrote into files"),
    Command("sessions", "Earlier chats: /sessions [WORDS]"),
    Command("again", "Answer the last question again"),
    Command("model", "Choose a model"),
    Command("new", "Begin a new chat"),
    Command("help", "All keys"),
)
_AT = re.compile(r"(?<!\S)@(\S+)")
_LINES = re.compile(r"(.+):(\d{1,9})-(\d{1,9})")


def find(line: str) -> tuple[Command, str] | None:
    """(command, what stands behind it) when a prompt is one; None for a plain prompt. Raises UsageError for a command
    that is not known."""
    if not line.startswith("/"):
        return None
    word, _, rest = line[1:].partition(" ")
    first, newline, more = word.partition("\n")
    rest = f"{more} {rest}".strip() if newline else rest.strip()
    for command in COMMANDS:
        if command.name == first:
            return command, rest
    names = ", ".join(f"/{command.name}" for command in COMMANDS)
    raise UsageError(f"there is no command /{first}", hint=f"there are {names}")


def beginning_with(text: str) -> list[Command]:
    """Commands for which this may be the beginning; `text` has its slash."""
    return [command for command in COMMANDS if command.name.startswith(text[1:])] if text[:1] == "/" else []


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a prompt names, or lines of it."""

    path: str
    lines: tuple[int, int] | None = None
    """0-based, the first and the last; None for all."""


def named_files(prompt: str, files: Iterable[str]) -> list[Named]:
    """What a prompt names with `@`, as a path or as `path:A-B`; in their order, each once."""
    known = set(files)
    found: dict[Named, None] = {}
    for word in _AT.findall(prompt):
        bare = word.rstrip(".,:;!?)")
        part = _LINES.fullmatch(bare)
        if word in known or bare in known:
            found[Named(word if word in known else bare)] = None
        elif part and part[1] in known and 0 < int(part[2]) <= int(part[3]):
            found[Named(part[1], (int(part[2]) - 1, int(part[3]) - 1))] = None
    return list(found)


def word_at(line: str, column: int) -> str:
    """The `@` word at whose end the cursor stands, with its `@`; empty when there is none."""
    match = re.search(r"(?:^|\s)(@\S*)$", line[:column])
    return match[1] if match else ""
