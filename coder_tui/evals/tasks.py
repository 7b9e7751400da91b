"""Infilling tasks from real repositories: what a suggestion is worth with and without context."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path

from coder_tui.assistant.infill import TRIES, Infilled, Manner, Shown, infill
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.surroundings import Surroundings, whole
from coder_tui.context.gather import Wish
from coder_tui.context.pieces import Source
from coder_tui.core.document import Document
from coder_tui.core.errors import CoderError, UsageError
from coder_tui.core.prompt import Sampling
from coder_tui.engine.base import Generation
from coder_tui.evals.figures import spread

_FIELDS = ("id", "repo", "path", "prefix", "suffix", "expected")


@dataclass(frozen=True, slots=True)
class Task:
    """A hole in a file, and what the author wrote there."""

    id: str
    repo: Path
    """Folder of the repository."""
    path: str
    """In it."""
    prefix: str
    suffix: str
    expected: str
    """The first line, from the cursor on."""


@dataclass(frozen=True, slots=True)
class Result:
    """One task."""

    id: str
    exact: bool
    similarity: float
    """Ratio of difflib's SequenceMatcher of both lines, right-stripped."""
    line: str
    expected: str
    prompt_tokens: int
    snippet_tokens: int
    sources: dict[str, int]
    """Tokens by source."""
    ms: float


def read(path: Path, limit: int | None = None) -> list[Task]:
    """The tasks of a file, a JSON object a line; `repo` is relative to the file. Raises CoderError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    tasks: list[Task] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and (limit is None or len(tasks) < limit):
            tasks.append(_task(line, path, number))
    if not tasks:
        raise CoderError(f"{path} has no tasks")
    return tasks


def _task(line: str, path: Path, number: int) -> Task:
    try:
        value = json.loads(line)
        parts = [str(value[name]) for name in _FIELDS]
    except (ValueError, KeyError, TypeError):
        raise CoderError(
            f"{path}:{number} is no task", hint=f"each line is a JSON object with {', '.join(_FIELDS)}"
        ) from None
    return Task(parts[0], path.parent / parts[1], *parts[2:])


def run(ready: Ready, tasks: Sequence[Task], sources: Sequence[Source] | None) -> Iterator[Result]:
    """Fill each hole; None for `sources` sends nothing of other files. The index of each repository is made first."""
    known: dict[Path, Surroundings] = {}
    for task in tasks:
        if sources is not None and task.repo not in known:
            known[task.repo] = whole(task.repo, ready.settings, Wish(tuple(sources)))
        yield fill(ready, task, known.get(task.repo))


def fill(ready: Ready, task: Task, surroundings: Surroundings | None) -> Result:
    """Fill one hole, with what `surroundings` finds; None sends nothing of other files."""
    document = Document(task.prefix + task.suffix)
    hole = Hole(document, document.position(len(task.prefix)), task.path, (), surroundings)
    started = time.perf_counter()
    text, end = _first_line(ready, hole)
    took = 1000 * (time.perf_counter() - started)
    line, expected = text.rstrip(), task.expected.split("\n")[0].rstrip()
    by_source: dict[str, int] = {}
    for taken in surroundings.found.taken if surroundings is not None else ():
        by_source[taken.piece.source.value] = by_source.get(taken.piece.source.value, 0) + taken.tokens
    return Result(
        task.id,
        line == expected,
        round(SequenceMatcher(None, line, expected).ratio(), 4),
        line,
        expected,
        end.usage.prompt_tokens // end.tries,
        sum(by_source.values()),
        by_source,
        round(took, 1),
    )


def _first_line(ready: Ready, hole: Hole) -> tuple[str, Infilled]:
    """The first line of a suggestion, whole; the rest is not waited for."""
    running: list[Generation] = []
    shown = ""
    for event in infill(ready, hole, Sampling(), Manner(started=running.append, tries=TRIES)):
        if isinstance(event, Infilled):
            return (shown or event.suggestion.text).split("\n")[0], event
        if isinstance(event, Shown):
            shown += event.text
            if event.whole or "\n" in shown:
                running[-1].cancel()
    raise TypeError("an infill ends with Infilled")


def summary(results: Sequence[Result]) -> dict[str, object]:
    """The figures of a run."""
    count = max(1, len(results))
    return {
        "tasks": len(results),
        "exact": sum(one.exact for one in results),
        "exact_match": round(sum(one.exact for one in results) / count, 4),
        "edit_similarity": round(sum(one.similarity for one in results) / count, 4),
        "prompt_tokens": spread([one.prompt_tokens for one in results]),
        "snippet_tokens": spread([one.snippet_tokens for one in results]),
        "ms": spread([one.ms for one in results]),
    }


def as_json(result: Result) -> dict[str, object]:
    return asdict(result)
