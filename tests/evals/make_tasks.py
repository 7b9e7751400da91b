"""Make infilling tasks from published Python packages, for `coder eval infill`.

A task masks the rest of a line that uses a name which its file imports from another file of the same repository.
Nothing of a package is installed or run.

Usage: make_tasks.py OUT_DIR PACKAGE==VERSION... [--tasks 10] [--seed 1]
  OUT_DIR/repos/PACKAGE/  a git checkout of each package
  OUT_DIR/tasks.jsonl     a task a line
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

_TOKEN = re.compile(r"\w+|[^\w\s]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--tasks", type=int, default=10, help="from each package, at most")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(given.seed)
    with (given.out / "tasks.jsonl").open("w", encoding="utf-8") as file:
        for spec in given.packages:
            repo = _unpack(spec, given.out)
            if repo is None:
                sys.stderr.write(f"{spec} is published without a wheel, and nothing is built here: left out\n")
                continue
            found = [task for path in sorted(repo.rglob("*.py")) for task in _tasks(repo, path, chance)]
            chance.shuffle(found)
            for number, task in enumerate(found[: given.tasks]):
                row = {"id": f"{repo.name}-{number}", "repo": str(repo.relative_to(given.out)), **task}
                file.write(json.dumps(row) + "\n")


def _unpack(spec: str, out: Path) -> Path | None:
    name = spec.split("==", maxsplit=1)[0]
    wheels, repo = out / "wheels", out / "repos" / name
    wheels.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels), spec]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    wheel = next((path for path in wheels.glob("*.whl") if _plain(path.name.split("-")[0]) == _plain(name)), None)
    if wheel is None:
        return None
    repo.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if ".dist-info/" not in member:
                archive.extract(member, repo)
    git = ["git", "-C", str(repo), "-c", "user.name=tasks", "-c", "user.email=tasks@localhost"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", spec]):
        subprocess.run([*git, *command], check=True)
    return repo


def _plain(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _tasks(repo: Path, path: Path, chance: random.Random) -> Iterator[dict[str, object]]:
    """One hole for each imported name of a file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    top = path.relative_to(repo).parts[0].removesuffix(".py")
    names = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and _is_own(node, top)
        for alias in node.names
    }
    rows: dict[str, list[tuple[int, int]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            rows.setdefault(node.id, []).append((node.lineno - 1, node.col_offset))
    lines = text.split("\n")
    for _, places in sorted(rows.items()):
        row, column = chance.choice(places)
        line = lines[row]
        if not line.isascii() or len(line.strip()) < 12 or row < 10:
            continue
        starts = [match.start() for match in _TOKEN.finditer(line) if match.start() <= column]
        start = chance.choice(starts)
        before = "\n".join(lines[:row]) + "\n" + line[:start]
        yield {
            "path": path.relative_to(repo).as_posix(),
            "line": row + 1,
            "column": start + 1,
            "prefix": before,
            "suffix": "\n" + "\n".join(lines[row + 1 :]),
            "expected": line[start:],
        }


def _is_own(node: ast.ImportFrom, top: str) -> bool:
    return node.level > 0 or (node.module or "").split(".")[0] == top


if __name__ == "__main__":
    main()
