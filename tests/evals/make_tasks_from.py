"""Make infilling tasks from checkouts in any language that has a grammar, for `coder eval infill`.

A task masks the rest of a line that uses a name which one to three other files of the repository define, and its own
does not: found by the index, so that Go packages, C includes and Java's same package count as imports do. What an
import is not followed to is among them too; `make_tasks.py` has Python's by its own parser.

Usage: make_tasks_from.py OUT_DIR CHECKOUT... [--tasks 12] [--seed 1] [--but REGEX]
  OUT_DIR/repos/NAME      a link to each checkout
  OUT_DIR/tasks.jsonl     a task a line
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from coder_tui.context import grammars, index
from coder_tui.context.exclude import Rules
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.tree import is_test

_TOKEN = re.compile(r"\w+|[^\w\s]")
_NAME = re.compile(r"(?:(?<=\.)|(?<=->)|(?<=::))?\b[A-Za-z_]\w{3,}")
_COMMENT = ("//", "/*", "*", "#", '"""', "'''", "import ", "use ", "using ", "from ", "package ", "namespace ")
_DEFINERS = 3
_FIRST_ROW, _SHORTEST = 10, 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--tasks", type=int, default=12, help="from each checkout, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--but", type=re.compile, default=re.compile(r"(?!)"), help="no tasks in files of such paths")
    given = parser.parse_args()
    (given.out / "repos").mkdir(parents=True, exist_ok=True)
    chance = random.Random(given.seed)
    with (given.out / "tasks.jsonl").open("w", encoding="utf-8") as file:
        for checkout in given.checkouts:
            link = given.out / "repos" / checkout.name
            if not link.is_symlink():
                link.symlink_to(checkout.resolve())
            found = list(_of_checkout(checkout.resolve(), given.but, chance))
            chance.shuffle(found)
            for number, task in enumerate(found[: given.tasks]):
                row = {"id": f"{checkout.name}-{number}", "repo": f"repos/{checkout.name}", **task}
                file.write(json.dumps(row) + "\n")


def _of_checkout(root: Path, but: re.Pattern[str], chance: random.Random) -> Iterator[dict[str, object]]:
    """One hole for each name of each file that is not a test."""
    rules = Rules(root, [])
    store = index.opened(root)
    index.update(store, root, rules)
    known = Knowledge(root, rules, store)
    for path in sorted(known.tree.paths):
        if grammars.language_of(path) and not is_test(path) and not but.search(path):
            yield from _of_file(path, known, chance)
    known.close()


def _of_file(path: str, known: Knowledge, chance: random.Random) -> Iterator[dict[str, object]]:
    entry, lines = known.entry(path), known.lines(path)
    if entry is None or not lines:
        return
    own = {symbol.name for symbol in entry.facts.symbols}
    places: dict[str, list[tuple[int, int]]] = {}
    for row, line in enumerate(lines):
        usable = row >= _FIRST_ROW and row not in entry.facts.import_lines and line.isascii()
        if usable and len(line.strip()) >= _SHORTEST and not line.strip().startswith(_COMMENT):
            for match in _NAME.finditer(line):
                places.setdefault(match[0], []).append((row, match.start()))
    for name, found in sorted(places.items()):
        if name in own:
            continue
        there = found
        definers = [(at, one) for at, one in known.definitions(name, 2 * _DEFINERS) if at != path]
        if not 1 <= len({at for at, _ in definers}) <= _DEFINERS:
            continue
        if all(one.parent for _, one in definers):  # a member: only where it is used as one
            there = [(row, column) for row, column in found if lines[row][:column].endswith((".", "->", "::"))]
        if there:
            yield _task(path, lines, *chance.choice(there), chance)


def _task(path: str, lines: list[str], row: int, column: int, chance: random.Random) -> dict[str, object]:
    line = lines[row]
    start = chance.choice([match.start() for match in _TOKEN.finditer(line) if match.start() <= column])
    return {
        "path": path,
        "line": row + 1,
        "column": start + 1,
        "prefix": "\n".join(lines[:row]) + "\n" + line[:start],
        "suffix": "\n" + "\n".join(lines[row + 1 :]),
        "expected": line[start:],
    }


if __name__ == "__main__":
    main()
