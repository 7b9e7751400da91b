"""`coder eval infill` and `coder bench context`, with scripted answers and a real repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, git, prompt_text

TILL = "class Till:\n    def deposit(self, amount): ...\n"
PREFIX, REST, SUFFIX = "from till import Till\n\nx = ", "Till()", "\n\nprint(x)\n"


@pytest.fixture
def tasks(work: Path) -> Path:
    repo = work / "repos/shop"
    repo.mkdir(parents=True)
    (repo / "till.py").write_text(TILL)
    (repo / "main.py").write_text("what is on disk does not count\n")
    git(repo, "init", "-q")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "x")
    task = {"repo": "repos/shop", "path": "main.py", "line": 3, "column": 5, "prefix": PREFIX, "suffix": SUFFIX}
    rows = [{"id": f"shop-{number}", **task, "expected": REST} for number in range(2)]
    path = work / "tasks.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_the_first_line_is_compared(tasks: Path, coder: Run, script: Script) -> None:
    engine = script("Till()\nmore = 1\n", "Bill()")
    result = coder("eval", "infill", tasks, "--json", "--details", "rows.jsonl")
    told = json.loads(result.out)
    assert (told["tasks"], told["exact"], told["exact_match"]) == (2, 1, 0.5)
    assert told["edit_similarity"] == pytest.approx((1 + 10 / 12) / 2, abs=1e-3)
    assert told["snippet_tokens"]["min"] > 0
    assert "#till.py\nclass Till:" in prompt_text(engine)
    rows = [json.loads(line) for line in tasks.with_name("rows.jsonl").read_text().splitlines()]
    assert [(row["id"], row["exact"], row["line"]) for row in rows] == [
        ("shop-0", True, "Till()"),
        ("shop-1", False, "Bill()"),
    ]
    assert rows[0]["sources"].keys() == {"definitions"}


def test_without_context_and_with_one_source(tasks: Path, coder: Run, script: Script) -> None:
    engine = script("Till()", "Till()", "Till()")
    result = coder("eval", "infill", tasks, "--no-context", "--json", "--limit", "1")
    assert json.loads(result.out)["sources"] == []
    assert json.loads(result.err)["id"] == "shop-0"
    assert "#till.py" not in prompt_text(engine)
    told = json.loads(coder("eval", "infill", tasks, "--sources", "similar", "--json", "--details", "x").out)
    assert told["sources"] == ["similar"]
    assert "#till.py" not in prompt_text(engine)


def test_what_is_no_task_is_told(tasks: Path, coder: Run) -> None:
    tasks.write_text('{"id": 1}\n')
    assert "tasks.jsonl:1 is no task" in failed(coder("eval", "infill", tasks))
    tasks.write_text("")
    assert "has no tasks" in failed(coder("eval", "infill", tasks))
    assert "cannot be read" in failed(coder("eval", "infill", "gone.jsonl"), 2)


def test_bench_context(tasks: Path, coder: Run) -> None:
    repo = tasks.parent / "repos/shop"
    before = (repo / "till.py").stat().st_mtime_ns
    moments = [
        {"repo": "shop", "path": "new.py", "prefix": PREFIX + REST[:at], "suffix": SUFFIX, "rest": REST[at:]}
        for at in range(6)
    ]
    trace = tasks.with_name("trace.jsonl")
    trace.write_text("".join(f"{json.dumps(moment)}\n" for moment in moments))
    told = json.loads(coder("bench", "context", repo, "--runs", "1", "--trace", trace, "--json").out)
    assert (told["files"], told["indexed_files"]) == (2, 2)
    assert {"cold_s", "save_ms", "collect_ms", "unchanged_ms", "indexer_peak_bytes"} <= told.keys()
    assert told["save_ms"]["count"] == 2
    assert told["stability"] == {"pairs": 5, "same_share": 1.0, "same_beginning_share": 1.0}
    assert (repo / "till.py").stat().st_mtime_ns == before
    assert "is no directory" in failed(coder("bench", "context", "gone"), 2)
