"""What a setting may hold. A kind checks a value from TOML, reads one from text, and says in words what it expects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")

Value = str | int | float
"""What a setting holds once it is checked."""


class Kind(Protocol):
    @property
    def expects(self) -> str:
        """In words, to follow "must be"."""

    def check(self, value: object) -> Value:
        """The value as it is to be kept. Raises ValueError when it is of another kind or out of range."""

    def parse(self, text: str) -> Value:
        """The same from a word of the command line or the environment."""


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; `one_line` for names and paths."""

    one_line: bool = False

    @property
    def expects(self) -> str:
        return "one line of text" if self.one_line else "text"

    def check(self, value: object) -> str:
        if not isinstance(value, str) or "\0" in value or (self.one_line and "\n" in value):
            raise ValueError(self.expects)
        return value

    def parse(self, text: str) -> str:
        return self.check(text)


@dataclass(frozen=True, slots=True)
class CatalogueName:
    """The name of a model, never a path."""

    @property
    def expects(self) -> str:
        return "the catalogue's name of a model"

    def check(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
            raise ValueError(self.expects)
        if value.lower().endswith(".gguf"):
            raise ValueError(self.expects)
        return value

    def parse(self, text: str) -> str:
        return self.check(text)


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that means the same wherever the program is started; empty for none."""

    @property
    def expects(self) -> str:
        return "an absolute path, or one that begins with ~/"

    def check(self, value: object) -> str:
        if not isinstance(value, str) or "\0" in value or "\n" in value:
            raise ValueError(self.expects)
        if value and not value.startswith(("/", "~/")):
            raise ValueError(self.expects)
        return value

    def parse(self, text: str) -> str:
        return self.check(text)


@dataclass(frozen=True, slots=True)
class File:
    """A file that is the same wherever the program is started, or one of a few words."""

    words: tuple[str, ...]

    @property
    def expects(self) -> str:
        return "".join(f'"{word}", ' for word in self.words) + Directory().expects

    def check(self, value: object) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        if value == "":
            raise ValueError(self.expects)
        try:
            return Directory().check(value)
        except ValueError:
            raise ValueError(self.expects) from None

    def parse(self, text: str) -> str:
        return self.check(text)


_ON = {"true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words. Where "on" and "off" are among them, TOML's true and false and their like mean these."""

    options: tuple[str, ...]

    @property
    def expects(self) -> str:
        return " or ".join(f'"{option}"' for option in self.options)

    def check(self, value: object) -> str:
        if isinstance(value, bool):
            value = "on" if value else "off"
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(self.expects)
        return value

    def parse(self, text: str) -> str:
        word = text.strip()
        return self.check(word if word in self.options else _ON.get(word.lower(), word))


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds, both included."""

    low: int
    high: int
    auto: bool = False
    """Whether the word "auto" will do as well."""

    @property
    def expects(self) -> str:
        return f"a whole number from {self.low} to {self.high}" + (' or "auto"' if self.auto else "")

    def check(self, value: object) -> int | str:
        if self.auto and value == "auto":
            return "auto"
        # TOML's true is an int to Python.
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(self.expects)
        return value

    def parse(self, text: str) -> int | str:
        try:
            value: object = int(text)
        except ValueError:
            value = text.strip()
        return self.check(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, both included."""

    low: float
    high: float
    auto: bool = False
    """Whether the word "auto" will do as well."""

    @property
    def expects(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}" + (' or "auto"' if self.auto else "")

    def check(self, value: object) -> float | str:
        if self.auto and value == "auto":
            return "auto"
        if not isinstance(value, int | float) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(self.expects)
        return float(value)

    def parse(self, text: str) -> float | str:
        try:
            value: object = float(text)
        except ValueError:
            value = text.strip()
        return self.check(value)


_KEY = re.compile(r"(?:(?:ctrl|alt|shift|super)\+)*(?:[A-Za-z0-9@]|[a-z][a-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of keys with commas between them; empty for none."""

    @property
    def expects(self) -> str:
        return 'keys such as "ctrl+s" or "f1,alt+x" (empty for none)'

    def check(self, value: object) -> str:
        names = value.split(",") if isinstance(value, str) and value.strip() else []
        if not isinstance(value, str) or not all(_KEY.fullmatch(name.strip()) for name in names):
            raise ValueError(self.expects)
        return value

    def parse(self, text: str) -> str:
        return self.check(text)


SWITCH = Choice(("on", "off"))


def setting(default: T, kind: Kind, text: str, *, project: Kind | bool = True) -> T:
    """A field with what is known of it. `project` is what a project file may put there: anything (True), nothing
    (False: paths, and what describes the machine rather than the code), or only values of a narrower kind."""
    allowed = project if not isinstance(project, bool) else kind if project else None
    return field(default=default, metadata={"kind": kind, "text": text, "project": allowed})
