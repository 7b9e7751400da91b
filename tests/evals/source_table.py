"""What each source of context is worth alone: no snippets, each source, the default, all, on the same tasks.

Usage: source_table.py TASKS.jsonl ROWS.jsonl [--model NAME|PATH] [--most N] [--limit N] [--sources NAMES]
                       [--threads N]
  Fills each task of `coder eval infill` once for each choice of sources and keeps a row of each in ROWS.jsonl: what is
  there already is not done again, so that it can be stopped (with --most after so many tasks) and goes on. Choices that
  send the same prompt share one run of the model. Prints the table of all rows, as Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for
from coder_tui.assistant.surroundings import Surroundings, whole
from coder_tui.cli import runtime
from coder_tui.cli.status import Status
from coder_tui.context.gather import DEFAULT, Wish
from coder_tui.context.pieces import Source
from coder_tui.core.document import Document
from coder_tui.evals import tasks as evaluating
from coder_tui.evals.tasks import Result, Task

Row = dict[str, Any]
NONE, DEFAULTS, ALL = "none", "default", "all"
CHOICES: Mapping[str, tuple[Source, ...]] = {
    NONE: (),
    **{source.value: (source,) for source in Source if source not in (Source.PINNED, Source.RECENT)},
    DEFAULTS: DEFAULT,
    ALL: tuple(Source),
}
"""Pinned files and those of this session are chosen by somebody who works: there is nothing to measure in a task."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--most", type=int, help="only so many tasks that have no rows yet")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--sources", help="only these choices, by commas; a+b is one of both")
    given = parser.parse_args()
    choices = {name: _chosen(name) for name in given.sources.split(",")} if given.sources else CHOICES
    done = {(row["id"], row["choice"]) for row in _rows(given.rows)}
    tasks = evaluating.read(given.tasks, given.limit)
    left = [task for task in tasks if any((task.id, name) not in done for name in choices)][: given.most]
    if left:
        settings = runtime.enter(None, {"model.name": given.model, "model.threads": given.threads}).settings
        with Status() as status, runtime.ready(settings, status, yes=False) as ready, given.rows.open("a") as out:
            for task in left:
                wanted = {name: sources for name, sources in choices.items() if (task.id, name) not in done}
                for row in _filled(ready, task, wanted):
                    out.write(json.dumps(row) + "\n")
                out.flush()
    sys.stdout.write(table([row for row in _rows(given.rows) if row["id"] in {task.id for task in tasks}]) + "\n")


def _chosen(name: str) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(source for part in name.split("+") for source in CHOICES[part]))


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _filled(ready: Ready, task: Task, choices: Mapping[str, Sequence[Source]]) -> Iterator[Row]:
    """A row for each choice."""
    known: dict[object, Result] = {}
    for name, sources in choices.items():
        surroundings = whole(task.repo, ready.settings, Wish(tuple(sources))) if sources else None
        prompt = _prompt(ready, task, surroundings)
        if prompt not in known:
            known[prompt] = evaluating.fill(ready, task, surroundings)
        if surroundings is not None:
            surroundings.close()
        yield {"choice": name, **evaluating.as_json(known[prompt])}


def _prompt(ready: Ready, task: Task, surroundings: Surroundings | None) -> object:
    document = Document(task.prefix + task.suffix)
    return prompt_for(ready, Hole(document, document.position(len(task.prefix)), task.path, (), surroundings))[1]


def table(rows: Sequence[Row]) -> str:
    """All choices, on the tasks that each of them has a row for."""
    by_choice: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_choice.setdefault(row["choice"], {})[row["id"]] = row
    common = set.intersection(*(set(found) for found in by_choice.values())) if by_choice else set()
    base = by_choice.get(NONE, {})
    lines = [
        f"{len(common)} tasks",
        "| sources | tasks with snippets | tokens | exact | similarity | better, worse than none | prompt tokens, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in by_choice.items():
        own = [found[one] for one in sorted(common)]
        with_snippets = [row["snippet_tokens"] for row in own if row["snippet_tokens"]]
        pairs = [(row["similarity"], base[row["id"]]["similarity"]) for row in own if row["id"] in base]
        lines.append(
            f"| {name} | {len(with_snippets)} | {mean(with_snippets or [0]):.0f} | {sum(row['exact'] for row in own)} "
            f"| {mean(row['similarity'] for row in own):.3f} "
            f"| {sum(ours > theirs for ours, theirs in pairs)}, {sum(ours < theirs for ours, theirs in pairs)} "
            f"| {mean(row['prompt_tokens'] for row in own):.0f}, {mean(row['ms'] for row in own):.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
