"""Make infilling tasks from published Python packages, for `coder eval infill`.

A task masks the rest of a line that uses a name which its file imports from another file of the same repository.
Nothing of a package is installed or run.

Usage: make_tasks.py OUT_DIR PACKAGE==VERSION[,VERSION...]... [--tasks 10] [--seed 1] [--but REGEX]
  OUT_DIR/repos/PACKAGE/  a git checkout of each package
  OUT_DIR/tasks.jsonl     a task a line
  Of several versions the last one is not committed, and each of the others is a commit: tasks are then lines that are
  new in the last one.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_TOKEN = re.compile(r"\w+|[^\w\s]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--tasks", type=int, default=10, help="from each package, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--but", type=re.compile, default=re.compile(r"(?!)"), help="no tasks in files of such paths")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(given.seed)
    with (given.out / "tasks.jsonl").open("w", encoding="utf-8") as file:
        for spec in given.packages:
            name, _, versions = spec.partition("==")
            repo = _checkout(name, versions.split(","), given.out)
            if repo is None:
                sys.stderr.write(f"{spec} is published without a wheel, and nothing is built here: left out\n")
                continue
            new = _new_rows(repo) if "," in versions else None
            paths = [path for path in sorted(repo.rglob("*.py")) if new is None or path in new]
            paths = [path for path in paths if not given.but.search(path.relative_to(repo).as_posix())]
            found = [task for path in paths for task in _tasks(repo, path, chance, new[path] if new else None)]
            chance.shuffle(found)
            for number, task in enumerate(found[: given.tasks]):
                row = {"id": f"{repo.name}-{number}", "repo": str(repo.relative_to(given.out)), **task}
                file.write(json.dumps(row) + "\n")


def _checkout(name: str, versions: list[str], out: Path) -> Path | None:
    """A repository with these versions, one after the other; the last of several is not committed."""
    repo = out / "repos" / name
    repo.mkdir(parents=True, exist_ok=True)
    _git(repo, "init", "-q")
    for number, version in enumerate(versions):
        wheel = _wheel(f"{name}=={version}", out / "wheels" / version)
        if wheel is None:
            return None
        for old in repo.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if ".dist-info/" not in member:
                    archive.extract(member, repo)
        if number == 0 or number < len(versions) - 1:
            _git(repo, "add", "-A")
            _git(repo, "commit", "-q", "-m", f"{name} {version}")
    return repo


def _wheel(spec: str, folder: Path) -> Path | None:
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), spec]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    name = _plain(spec.partition("==")[0])
    return next((path for path in folder.glob("*.whl") if _plain(path.name.split("-")[0]) == name), None)


def _git(repo: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repo), "-c", "user.name=tasks", "-c", "user.email=tasks@localhost", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace").stdout


def _new_rows(repo: Path) -> dict[Path, set[int]]:
    """0-based lines that are not in the last commit, by file; files that are new as a whole are left out."""
    found: dict[Path, set[int]] = {}
    path: Path | None = None
    for line in _git(repo, "diff", "-U0", "--no-ext-diff", "--no-renames", "--diff-filter=M").splitlines():
        if line.startswith("+++ b/"):
            path = repo / line.removeprefix("+++ b/")
        elif path is not None and (hunk := _HUNK.match(line)):
            start, count = int(hunk[1]) - 1, int(hunk[2] or 1)
            found.setdefault(path, set()).update(range(start, start + count))
    return found


def _plain(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _tasks(repo: Path, path: Path, chance: random.Random, only: set[int] | None = None) -> Iterator[dict[str, object]]:
    """One hole for each imported name of a file, in these of its 0-based lines."""
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
        if isinstance(node, ast.Name) and node.id in names and (only is None or node.lineno - 1 in only):
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
