"""What stands around the cursor: the names that are used there, the nearer the more they weigh, and what is being
written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from coder_tui.context import declared, grammars, symbols
from coder_tui.context.symbols import IDENTIFIER, Facts
from coder_tui.context.words import KEYWORDS, members, without_comments

_BEFORE = 60
_AFTER = 24
_NEAR = 10
"""Lines at whose distance a name weighs half of what it does at the cursor."""
_ACCESS = re.compile(r"(\w+)(?:\(\))?(?:\?\.|\.|->|::)\w*$")
_ON_THE_LINE = 1.5
"""What a name weighs that stands before the cursor on its own line."""
_OF_A_TYPE = 0.6
"""A name that weighs so much adds the type that it is declared as, which weighs as much."""
_DECLARED_CHARS = 12_000
"""Of the top of a text, where fields are declared, and of what stands before the cursor."""
_HEAD_LINES = 500
"""Imports stand at the top: more of a long file is not read for them while somebody types."""
_DEFINES = re.compile(
    r"^\s*(?:(?:export|default|pub(?:\([a-z]+\))?|public|private|protected|internal|static|async|final|abstract|override|virtual|"
    r"inline|extern|unsafe|const|def|func(?:tion)?|fn|class|struct|interface|trait|impl|enum|type|[\w<>\[\],*&:]+)\s+)+"
    r"[*&]?(?:\([^)]*\)\s*)?([A-Za-z_$]\w*)\s*(?:[({<:]|$)"
)
_BEGINS = re.compile(
    r"\s*(?:[a-z]+\s+)*(?:def|class|func|function|fn|struct|impl|trait|interface|enum)\b|.*\)\s*(?:\w+\s*)?\{?\s*$"
)


@dataclass(frozen=True, slots=True)
class Buffer:
    """A text as it is being edited, in LF line endings, and the offset of the cursor in code points."""

    text: str
    offset: int
    path: str
    """In the repository."""


class Around:
    """The surroundings of a cursor."""

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        self.language = grammars.language_for(buffer.path, buffer.text)

    @cached_property
    def before(self) -> list[str]:
        """Lines before the cursor, the last one up to it."""
        return self._tail(_BEFORE)

    @cached_property
    def after(self) -> list[str]:
        """Lines behind the cursor, the first one from it."""
        at, found = self.buffer.offset, self.buffer.offset
        for _ in range(_AFTER + 1):
            found = self.buffer.text.find("\n", found) + 1
            if not found:
                return self.buffer.text[at:].split("\n")
        return self.buffer.text[at : found - 1].split("\n")

    @cached_property
    def names(self) -> Mapping[str, float]:
        """Names that are used around the cursor: on its line 1.5, on others at most 1, half of that ten lines away.
        What is declared as a type adds the name of that."""
        found: dict[str, float] = {}
        here, imports = self.buffer.text.count("\n", 0, self.buffer.offset), set(self.facts.import_lines)
        for distance, line in enumerate(reversed(self.before)):
            if here - distance not in imports:
                self._weigh(line, 1 / (1 + distance / _NEAR) if distance else _ON_THE_LINE, found)
        for distance, line in enumerate(self.after):
            self._weigh(line, 0.7 / (1 + distance / _NEAR), found)
        for name, of in self._types.items():
            if (weight := found.get(name, 0.0)) >= _OF_A_TYPE:
                self._weigh(of, weight, found)
        return found

    @cached_property
    def _types(self) -> Mapping[str, str]:
        """What variables are declared as."""
        text, at = self.buffer.text, self.buffer.offset
        begins = max(0, at - _DECLARED_CHARS)
        return declared.types(f"{text[: min(_DECLARED_CHARS, begins)]}\n{text[begins:at]}", self.language)

    @cached_property
    def in_code(self) -> frozenset[str]:
        """Those of the names that are not in comments only."""
        code = without_comments([*self.before, *self.after], self.language)
        return frozenset(self.names.keys() & {*IDENTIFIER.findall(code), *self._types.values()})

    @cached_property
    def called(self) -> frozenset[str]:
        """Names of members, see `members`."""
        return members("\n".join([*self.before, *self.after]))

    @cached_property
    def receiver(self) -> str:
        """The type of which a member is about to be written, or what stands there if its type is not known: of `till.`
        what `till` is declared as. Empty elsewhere."""
        match = _ACCESS.search(self.before[-1])
        return self._types.get(match[1], match[1]) if match else ""

    @cached_property
    def used(self) -> frozenset[str]:
        """Names that the text has anywhere but where it imports."""
        lines, imports = self.buffer.text.split("\n"), set(self.facts.import_lines)
        code = "\n".join(line for at, line in enumerate(lines) if at not in imports)
        return frozenset(IDENTIFIER.findall(code))

    @cached_property
    def facts(self) -> Facts:
        """Of the top of the text."""
        end = 0
        for _ in range(_HEAD_LINES):
            end = self.buffer.text.find("\n", end) + 1
            if not end:
                break
        return _facts(self.buffer.text[: end or len(self.buffer.text)], self.language)

    def imports_before(self, line: int) -> str:
        """The statements before a 0-based line that import something, as whole lines."""
        wanted = [at for at in self.facts.import_lines if at < line]
        if not wanted:
            return ""
        lines = self.buffer.text.split("\n", wanted[-1] + 1)
        return "".join(f"{lines[at]}\n" for at in wanted)

    @cached_property
    def written(self) -> str:
        """The name of the function or class that the cursor is in or at; empty where that cannot be told."""
        indent = 1000
        for line in reversed(self.before):
            stripped = line.lstrip()
            if not stripped or len(line) - len(stripped) >= indent:
                continue
            indent = len(line) - len(stripped)
            match = _DEFINES.match(line)
            if match and match[1] not in KEYWORDS and _BEGINS.match(line):
                return match[1]
        return ""

    def _weigh(self, line: str, weight: float, found: dict[str, float]) -> None:
        for name in IDENTIFIER.findall(line):
            if name not in KEYWORDS and len(name) > 1:
                found[name] = max(found.get(name, 0.0), weight)

    def _tail(self, count: int) -> list[str]:
        start = self.buffer.offset
        for _ in range(count + 1):
            start = self.buffer.text.rfind("\n", 0, start)
            if start < 0:
                break
        return self.buffer.text[start + 1 : self.buffer.offset].split("\n")


@lru_cache(maxsize=8)
def _facts(head: str, language: str) -> Facts:
    """While somebody types further down the top of a file stays the same."""
    return symbols.read(head, language)
