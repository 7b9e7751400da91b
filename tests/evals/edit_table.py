"""How well instructions on functions are carried out: `rewrite` on the tasks of `make_edit_tasks.py`.

Usage: edit_table.py TASKS.jsonl ROWS.jsonl [--model NAME|PATH] [--limit N] [--no-context]
  A row for each task in ROWS.jsonl, as `with` or, without the repository, `none`; what is there already is not done
  again. Prints the table of all rows, as Markdown: exact is the same code but for comments, docstrings and layout.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import textwrap
import time
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from statistics import mean
from typing import Any

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import Rewritten, rewrite
from coder_tui.assistant.selection_edit import Lines
from coder_tui.assistant.surroundings import whole
from coder_tui.cli import runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError
from coder_tui.core.prompt import Sampling

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--no-context", action="store_true")
    given = parser.parse_args()
    choice = "none" if given.no_context else "with"
    tasks: list[Row] = [json.loads(line) for line in given.tasks.read_text().splitlines()][: given.limit]
    done = {(row["id"], row["choice"]) for row in _rows(given.rows)}
    left = [task for task in tasks if (task["id"], choice) not in done]
    if left:
        settings = runtime.enter(None, {"model.name": given.model}).settings
        with Status() as status, runtime.ready(settings, status, yes=False) as ready, given.rows.open("a") as out:
            for task in left:
                row = _row(ready, task, given.tasks.parent / task["repo"], is_alone=given.no_context)
                out.write(json.dumps({"choice": choice, **row}) + "\n")
                out.flush()
    sys.stdout.write(table(_rows(given.rows)) + "\n")


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _row(ready: Ready, task: Row, repo: Path, *, is_alone: bool) -> Row:
    around = None if is_alone else whole(repo, ready.settings)
    lines = Lines(task["text"], task["first"], task["last"], task["path"], "py", around)
    began, found = time.monotonic(), None
    try:
        found = rewrite(ready, lines, task["instruction"], Sampling())
    except CoderError as error:
        sys.stderr.write(f"{task['id']}: {error}\n")
    finally:
        if around is not None:
            around.close()
    row = {"id": task["id"], "ms": round(1000 * (time.monotonic() - began)), "expected": task["expected"]}
    return {**row, **_judged(task, found)}


def _judged(task: Row, found: Rewritten | None) -> Row:
    """What is to be said of a result, None for none."""
    if found is None:
        return {"exact": False, "similarity": 0.0, "end": "failed", "tries": 2, "attached": [], "code": ""}
    old, new = task["text"].split("\n"), found.text.split("\n")
    code = "\n".join(new[task["first"] : len(new) - (len(old) - task["last"] - 1)])
    end = "broken" if found.broken else "lost" if found.lost else "same" if found.same else "part"
    return {
        "exact": _plain(code) == _plain(task["expected"]),
        "similarity": round(SequenceMatcher(None, code, task["expected"], autojunk=False).ratio(), 4),
        "end": end if found.flaws else "whole",
        "tries": found.tries,
        "attached": list(found.attached),
        "code": code,
    }


def _plain(code: str) -> str:
    """Code without comments, docstrings and layout; as it is where it does not parse."""
    try:
        tree = ast.parse(textwrap.dedent(code))
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def table(rows: list[Row]) -> str:
    """The choices on the tasks that each of them has a row for."""
    by_choice: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_choice.setdefault(row["choice"], {})[row["id"]] = row
    common = set.intersection(*map(set, by_choice.values())) if by_choice else set[str]()
    lines = [f"{len(common)} tasks", "| context | exact | similarity | ends | twice | s |", "|---|---|---|---|---|---|"]
    for choice, found in by_choice.items():
        own = [found[one] for one in sorted(common)]
        ends = ", ".join(f"{count} {end}" for end, count in Counter(row["end"] for row in own).most_common())
        lines.append(
            f"| {choice} | {sum(row['exact'] for row in own)} | {mean(row['similarity'] for row in own):.3f} | {ends} "
            f"| {sum(row['tries'] > 1 for row in own)} | {mean(row['ms'] for row in own) / 1000:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
