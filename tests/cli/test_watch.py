"""`coder watch` as a program of its own, with scripted answers, and files saved beside it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.running import Run, environment

SCRIPTED = Path(__file__).with_name("scripted_coder.py")
TIMEOUT_S = 30
OLD = "def mean(values):\n    # AI: divide\n    return sum(values)\n\n\nend = 1\n"
NEW = "def mean(values):\n    return sum(values) / len(values)\n\n\nend = 1\n"
EDIT = "```py\ndef mean(values):\n    return sum(values) / len(values)\n```"


class Watch:
    """A running `coder watch`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.out = b""
        self.err = b""

    def until(self, words: bytes) -> None:
        """Wait for words on stdout or stderr."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        while words not in self.out and words not in self.err:
            ready, _, _ = select.select([self.process.stdout, self.process.stderr], [], [], TIMEOUT_S)
            assert ready, (words, self.out, self.err)
            for stream in ready:
                piece = os.read(stream.fileno(), 4096)
                assert piece, (words, self.out, self.err)
                if stream is self.process.stdout:
                    self.out += piece
                else:
                    self.err += piece

    def end(self) -> int:
        self.process.send_signal(2)
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        self.out, self.err = self.out + out, self.err + err
        assert b"Traceback" not in self.err
        return self.process.returncode


@pytest.fixture
def watch(work: Path, tmp_path: Path, tiny_qwen: Path) -> Iterator[Callable[..., Watch]]:
    started: list[Watch] = []

    def start(*answers: str, words: tuple[str, ...] = ()) -> Watch:
        (tmp_path / "answers.json").write_text(json.dumps(answers))
        program = [
            sys.executable,
            str(SCRIPTED),
            str(tmp_path / "answers.json"),
            str(tmp_path / "asked"),
            str(tiny_qwen),
        ]
        process = subprocess.Popen(
            [*program, "watch", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=work
        )
        started.append(Watch(process))
        started[-1].until(b"Ctrl-C ends it")
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def asked(tmp_path: Path) -> list[str]:
    path = tmp_path / "asked"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_comment_changes_the_code_and_is_taken_back(watch: Callable[..., Watch], work: Path, coder: Run) -> None:
    running = watch(EDIT)
    (work / "stats.py").write_text(OLD)
    running.until(b"wrote stats.py; coder undo takes it back\n")
    assert (work / "stats.py").read_text() == NEW
    assert running.end() == 130
    assert b"stats.py:2: divide\n" in running.err
    assert running.out == b""
    assert coder("undo").err == "took back: watch stats.py:2 (stats.py)\n"
    assert (work / "stats.py").read_text() == OLD


def test_what_a_comment_names_goes_along(watch: Callable[..., Watch], work: Path, tmp_path: Path) -> None:
    (work / "net.py").write_text("def retry(call):\n    return call()\n")
    (work / ".env").write_text("KEY=1\n")
    running = watch("It calls.", EDIT)
    (work / "a.py").write_text("# AI? what does retry() do\nx = 1\n")
    running.until(b"It calls.")
    (work / "stats.py").write_text(OLD.replace("divide", "divide, with retry(), as @.env says"))
    running.until(b"wrote stats.py")
    assert running.end() == 130
    answer, edit = asked(tmp_path)
    for one in (answer, edit):
        assert "net.py:\n```py\ndef retry(call):\n    return call()\n```" in one
    assert "what does retry() do\n(It is asked in a comment in line 1 of a.py.)" in answer
    assert b"note: @.env is not sent: may hold secrets\n" in running.err


def test_a_question_is_answered_once(watch: Callable[..., Watch], work: Path, tmp_path: Path) -> None:
    running = watch("It adds.", "It divides.")
    text = "x = 1\n# AI? what does it do\ny = 2\n"
    (work / "a.py").write_text(text)
    running.until(b"It adds.\n")
    (work / "a.py").write_text(text + "z = 3\n")
    (work / "b.py").write_text("# AI? and this one\n")
    running.until(b"It divides.\n")
    running.end()
    assert running.out == b"It adds.\nIt divides.\n"
    assert (work / "a.py").read_text() == text + "z = 3\n"
    requests = asked(tmp_path)
    assert len(requests) == 2
    assert "what does it do" in requests[0]
    assert "y = 2" in requests[0]


def test_what_was_there_before_waits_until_it_is_saved(watch: Callable[..., Watch], work: Path, tmp_path: Path) -> None:
    (work / "old.py").write_text("# AI? before\n")
    running = watch("Only this.")
    (work / "new.py").write_text("# AI? after\n")
    running.until(b"Only this.\n")
    assert "after" in asked(tmp_path)[0]
    running.end()


def test_files_that_are_not_sent_are_not_read(watch: Callable[..., Watch], work: Path, tmp_path: Path) -> None:
    (work / ".gitignore").write_text("ignored.py\n")
    running = watch("Only this.")
    for name in (".env", "ignored.py", "key.pem", "node_modules/a.js", "secrets.yaml"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text("# AI? what is it\n// AI? what is it\n")
    (work / "seen.py").write_text("# AI? this one\n")
    running.until(b"Only this.\n")
    running.end()
    assert len(asked(tmp_path)) == 1


def test_failures_are_told_and_the_watch_goes_on(watch: Callable[..., Watch], work: Path) -> None:
    running = watch("no code", "no code either", EDIT)
    (work / "stats.py").write_text(OLD)
    running.until(b"error: stats.py: the model gave no code")
    assert (work / "stats.py").read_text() == OLD
    (work / "stats.py").write_text(OLD + "\n")
    running.until(b"wrote stats.py")
    assert (work / "stats.py").read_text() == NEW + "\n"
    running.end()


def test_json_is_one_object_on_a_line(watch: Callable[..., Watch], work: Path) -> None:
    running = watch("It adds.", EDIT, words=("--json",))
    (work / "a.py").write_text("# AI? what\nx = 1\n")
    running.until(b"}\n")
    (work / "stats.py").write_text(OLD)
    running.until(b'"changed": true}\n')
    running.end()
    first, second = (json.loads(line) for line in running.out.splitlines())
    assert first == {"file": "a.py", "line": 1, "question": "what", "answer": "It adds."}
    assert second == {"file": "stats.py", "line": 2, "instruction": "divide", "changed": True}


def test_ctrl_c_ends_an_answer_at_once(watch: Callable[..., Watch], work: Path) -> None:
    running = watch("HANG")
    (work / "a.py").write_text("# AI? what\n")
    running.until(b"hanging")
    assert running.end() == 130
