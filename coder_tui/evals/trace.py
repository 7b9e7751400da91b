"""Typing traces: the moments at which an editor would ask for a suggestion while somebody writes a known text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from coder_tui.core.errors import CoderError


@dataclass(frozen=True, slots=True)
class Moment:
    """A buffer with the cursor in it. A line of a trace file is one as a JSON object."""

    repo: str
    """Folder of the repository, relative to the trace file."""
    path: str
    """Of the file in its repository."""
    prefix: str
    """The buffer before the cursor."""
    suffix: str
    """The buffer after it."""
    rest: str
    """What the author wrote from the cursor to the end of the line."""

    def follows(self, earlier: Moment | None) -> bool:
        """Whether somebody came here from there by typing on."""
        return (
            earlier is not None
            and (self.repo, self.path) == (earlier.repo, earlier.path)
            and self.prefix.startswith(earlier.prefix)
            and self.suffix.lstrip("\n") == earlier.suffix.lstrip("\n")
        )

    def before_the_line(self) -> str:
        """The buffer before the cursor when nothing of its line was typed but the indentation."""
        start = self.prefix.rfind("\n") + 1
        line = self.prefix[start:]
        return self.prefix[:start] + line[: len(line) - len(line.lstrip())]


def read(path: Path, limit: int | None = None) -> list[Moment]:
    """The first moments of a trace. Raises CoderError for a file that is none."""
    try:
        with path.open(encoding="utf-8") as file:
            return [_moment(line, number, path) for number, line in enumerate(islice(file, limit), 1)]
    except OSError as error:
        raise CoderError(f"cannot read {path}: {(error.strerror or 'unknown error').lower()}") from error
    except UnicodeDecodeError as error:
        raise CoderError(f"{path} is not UTF-8 text") from error


def _moment(line: str, number: int, path: Path) -> Moment:
    try:
        values = json.loads(line)
        found = Moment(*(values[name] for name in ("repo", "path", "prefix", "suffix", "rest")))
        if not all(isinstance(value, str) for value in values.values()):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CoderError(
            f"line {number} of {path} is no moment of a trace",
            hint="each line is a JSON object with repo, path, prefix, suffix and rest",
        ) from error
    return found
