"""Make editing tasks from the checkouts of Python packages that `make_tasks.py` has made, for `edit_table.py`.

A task takes what a function assigns or returns away, the result of calling a function of another file, and asks for it:
"set `path` by calling `safe_join`". Arguments cannot be known without having seen what is called.

Usage: make_edit_tasks.py OUT_DIR [--tasks 6] [--seed 7]
  OUT_DIR/repos/*           read
  OUT_DIR/edit-tasks.jsonl  a task a line: {"id", "repo", "path", "first", "last" (0-based lines of the function),
                            "instruction", "text" (of the file), "expected" (the lines of the function)}
"""

from __future__ import annotations

import argparse
import ast
import json
import random
from collections.abc import Iterator
from pathlib import Path

_MOST_LINES = 30
_LEAST_ARGUMENTS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--tasks", type=int, default=6, help="from each package, at most")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    with (given.out / "edit-tasks.jsonl").open("w", encoding="utf-8") as file:
        for repo in sorted((given.out / "repos").iterdir()):
            trees = {path: tree for path in sorted(repo.rglob("*.py")) if (tree := _parsed(path)) is not None}
            found = [task for path, tree in trees.items() for task in _tasks(repo, path, tree, _once(trees))]
            chance.shuffle(found)
            one_each = {str(task["calls"]): task for task in reversed(found)}
            for number, task in enumerate(list(one_each.values())[: given.tasks]):
                row = {"id": f"{repo.name}-{number}", "repo": f"repos/{repo.name}", **task}
                file.write(json.dumps(row) + "\n")


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return None


def _once(trees: dict[Path, ast.Module]) -> dict[str, Path]:
    """Functions and classes that one module of a package alone defines, with that module."""
    found: dict[str, list[Path]] = {}
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.setdefault(node.name, []).append(path)
    return {name: paths[0] for name, paths in found.items() if len(paths) == 1}


def _tasks(repo: Path, path: Path, tree: ast.Module, defined: dict[str, Path]) -> Iterator[dict[str, object]]:
    """One for each call of a function of another file that is all of a statement of one line."""
    top = path.relative_to(repo).parts[0].removesuffix(".py")
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    own = [node for node in nodes if node.level or (node.module or "").split(".")[0] == top]
    imported = {alias.asname or alias.name for node in own for alias in node.names}
    lines = path.read_text(encoding="utf-8").split("\n")
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or (function.end_lineno or 0) - function.lineno > _MOST_LINES:
            continue
        for statement in ast.walk(function):
            if not isinstance(statement, ast.Assign | ast.Return) or not isinstance(statement.value, ast.Call):
                continue
            call, at = statement.value, statement.lineno - 1
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            is_own = name in imported and defined.get(name, path) != path
            used = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(function))
            is_long = statement.lineno != statement.end_lineno
            if not is_own or used > 1 or is_long or len(call.args) + len(call.keywords) < _LEAST_ARGUMENTS:
                continue
            before, what = _without(statement, name)
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            first, last = function.lineno - 1, (function.end_lineno or 0) - 1
            yield {
                "path": path.relative_to(repo).as_posix(),
                "first": first,
                "last": last,
                "calls": name,
                "instruction": what,
                "text": "\n".join([*lines[:at], f"{indent}{before}  # TODO", *lines[at + 1 :]]),
                "expected": "\n".join(lines[first : last + 1]),
            }


def _without(statement: ast.Assign | ast.Return, name: str) -> tuple[str, str]:
    """(what stands there in its place, what is asked for)."""
    if isinstance(statement, ast.Return):
        return "return None", f"return the result of calling `{name}`"
    target = ast.unparse(statement.targets[0])
    return f"{target} = None", f"set `{target}` by calling `{name}`"


if __name__ == "__main__":
    main()
