"""The main job on the real starter weights, each command as a process of its own."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.running import environment, spawn

pytestmark = pytest.mark.model

SORT = """def quick_sort(arr):
    if len(arr) <= 1:
        return arr
    pivot = arr[0]
    left = []
    right = []

        if arr[i] < pivot:
            left.append(arr[i])
        else:
            right.append(arr[i])
    return quick_sort(left) + [pivot] + quick_sort(right)
"""
MARKED = """def add(a, b):
    <FILL_ME>


def is_even(n):
    \"\"\"Whether n can be divided by two.\"\"\"
    <FILL_ME>


print(add(1, 2), is_even(4))
"""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: the model's speed is measured once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def real(work: Path, starter_model: Path, cache: Path) -> dict[str, str]:
    """The environment of a user who has the starter weights. One thread: two wait for each other in a spin, for which
    the tests beside this one leave no room."""
    assert Path.cwd() == work
    name = str(starter_model)
    return environment(CODER_MODEL_NAME=name, CODER_MODEL_THREADS="1", CODER_CACHE_DIR=str(cache))


def test_infill_finds_the_line_that_is_missing(real: dict[str, str]) -> None:
    Path("sort.py").write_text(SORT)
    done = spawn("infill", "sort.py:7", "--write", "--json", env=real)
    assert (done.returncode, done.stderr) == (0, b"wrote sort.py (1 line; coder undo takes it back)\n")
    told = json.loads(done.stdout)
    assert told["text"].strip() == "for i in range(1, len(arr)):"
    assert 0 < told["usage"]["ttft_ms"] < 60_000
    names: dict[str, object] = {}
    exec(compile(Path("sort.py").read_text(), "sort.py", "exec"), names)  # noqa: S102 - what it wrote has to work
    assert names["quick_sort"]([3, 1, 2, 5, 4]) == [1, 2, 3, 4, 5]  # type: ignore[operator]  # from exec


def test_complete_goes_on(real: dict[str, str]) -> None:
    code = b'def fibonacci(n):\n    """The n-th number of Fibonacci."""\n    if n < 2:\n        return n\n'
    done = spawn("complete", stdin=None, input=code, env=real)
    assert (done.returncode, done.stderr) == (0, b"")
    ast.parse(code.decode() + done.stdout.decode())
    assert "fibonacci(n" in done.stdout.decode()


def test_fill_fills_every_marker(real: dict[str, str]) -> None:
    Path("two.py").write_text(MARKED)
    done = spawn("fill", "two.py", "--write", env=real)
    assert done.returncode == 0, done.stderr
    text = Path("two.py").read_text()
    assert "return a + b" in text
    assert "n % 2 == 0" in text
    run = subprocess.run([sys.executable, "two.py"], capture_output=True, check=True)
    assert run.stdout == b"3 True\n"


def test_new_code_is_written_where_there_is_none(real: dict[str, str]) -> None:
    text = "def mean(values):\n    return sum(values) / len(values)\n\n\nprint(largest([1, 7, 3]))\n"
    Path("stats.py").write_text(text)
    done = spawn("edit", "stats.py:4", "a function largest that returns the largest of values", "--write", env=real)
    assert done.returncode == 0, done.stderr
    above, _, below = text.partition("\n\n\n")
    assert Path("stats.py").read_text().startswith(above)
    assert Path("stats.py").read_text().endswith(f"\n\n\n{below}")
    run = subprocess.run([sys.executable, "stats.py"], capture_output=True, check=True)
    assert run.stdout == b"7\n"


def test_chat_answers_about_a_file(real: dict[str, str]) -> None:
    Path("greet.py").write_text('def greet(name):\n    return "Hello, " + name\n')
    question = "What does greet('World') return? Answer with the value only."
    done = spawn("chat", question, "-f", "greet.py", "--temperature", "0", "--max-tokens", "40", env=real)
    assert done.returncode == 0, done.stderr
    assert "Hello, World" in done.stdout.decode()


def test_the_demo_takes_less_than_a_minute(real: dict[str, str], tmp_path: Path) -> None:
    started = time.perf_counter()
    done = spawn("demo", "--into", tmp_path / "demo", env=real)
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # other tests run beside this one
    assert time.perf_counter() - started < 60 * busy
    assert (done.returncode, done.stderr) == (0, b"")
    assert "What to try next" in done.stdout.decode()
    assert (tmp_path / "demo" / "main.py").exists()


def test_the_second_time_a_file_is_not_read_again(real: dict[str, str]) -> None:
    Path("sort.py").write_text(SORT)
    told = [json.loads(spawn("infill", "sort.py:7", "--json", env=real).stdout) for _ in range(2)]
    assert told[0]["text"] == told[1]["text"]
    assert told[1]["usage"]["evaluated_tokens"] == 2, "the last token, in each reading"
    assert told[1]["usage"]["cached_tokens"] == told[1]["usage"]["prompt_tokens"] - 1
