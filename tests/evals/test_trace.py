from __future__ import annotations

import json
from pathlib import Path

import pytest

from coder_tui.core.errors import CoderError
from coder_tui.evals.figures import spread
from coder_tui.evals.trace import Moment, read

ROW = {"repo": "repos/a", "path": "a.py", "prefix": "def f():\n    ret", "suffix": "\nx\n", "rest": "urn 1"}


def write(folder: Path, *lines: str) -> Path:
    path = folder / "trace.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_reading(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(ROW), json.dumps(ROW | {"rest": ""}))
    assert read(path) == [Moment(**ROW), Moment(**(ROW | {"rest": ""}))]
    assert read(path, 1) == [Moment(**ROW)]


@pytest.mark.parametrize("line", ["", "[]", "{}", "nothing", "[" * 100_000, json.dumps(ROW | {"rest": 1})])
def test_what_is_no_trace(tmp_path: Path, line: str) -> None:
    with pytest.raises(CoderError, match="line 2 of"):
        read(write(tmp_path, json.dumps(ROW), line))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(CoderError, match="cannot read"):
        read(tmp_path / "none")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CoderError, match="UTF-8"):
        read(tmp_path / "bytes")


@pytest.mark.parametrize(
    ("change", "follows"),
    [
        ({"prefix": ROW["prefix"] + "urn"}, True),
        ({"prefix": ROW["prefix"] + "urn 1\n"}, True),
        ({"suffix": "x\n"}, True),
        ({"prefix": ROW["prefix"][:-1]}, False),
        ({"path": "b.py"}, False),
        ({"repo": "repos/b"}, False),
        ({"suffix": "\ny\n"}, False),
    ],
)
def test_typing_on(change: dict[str, str], follows: bool) -> None:
    assert Moment(**(ROW | change)).follows(Moment(**ROW)) is follows
    assert not Moment(**ROW).follows(None)


@pytest.mark.parametrize(("before", "expected"), [("a\n    ret", "a\n    "), ("a\n    ", "a\n    "), ("ret", "")])
def test_before_the_first_key(before: str, expected: str) -> None:
    assert Moment(**(ROW | {"prefix": before})).before_the_line() == expected


def test_spread() -> None:
    assert spread(range(1, 101)) == {"count": 100, "mean": 50.5, "median": 50.5, "p95": 95, "min": 1, "max": 100}
    assert spread([7]) == {"count": 1, "mean": 7, "median": 7, "p95": 7, "min": 7, "max": 7}
    assert spread([]) == {"count": 0}
