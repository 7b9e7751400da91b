"""`coder apply`: answers from a pipe and from the chats that were kept."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cli.running import Run, Script, failed

OLD = b"def mean(values):\r\n    return sum(values)\r\n\r\n\r\nprint(mean([1]))\r\n"
NEW = OLD.replace(b"sum(values)", b"sum(values) / len(values)")
ANSWER = b"Divide:\n\n```py\ndef mean(values):\n    return sum(values) / len(values)\n```\n"
TWO = ANSWER + b"\nand `docs/mean.md`:\n\n```md\n# Mean\n```\n"


@pytest.fixture
def stats(work: Path) -> Path:
    path = work / "stats.py"
    path.write_bytes(OLD)
    return path


def test_a_diff_is_shown_and_applies(stats: Path, work: Path, coder: Run) -> None:
    result = coder("apply", "stats.py", stdin=TWO)
    assert (result.code, result.err) == (0, "")
    assert stats.read_bytes() == OLD
    assert b"--- /dev/null\n+++ b/docs/mean.md\n" in result.out
    subprocess.run(["git", "apply", "-"], input=result.out, cwd=work, check=True)
    assert stats.read_bytes() == NEW
    assert (work / "docs/mean.md").read_text() == "# Mean\n"


def test_several_files_are_one_change(stats: Path, work: Path, coder: Run) -> None:
    result = coder("apply", "stats.py", "--write", stdin=TWO)
    assert (result.code, result.out) == (0, b"")
    assert "docs/mean.md (1 line; coder undo takes it back)" in result.err
    assert (stats.read_bytes(), (work / "docs/mean.md").exists()) == (NEW, True)
    assert coder("undo").err == "took back: apply to stats.py, docs/mean.md (stats.py, mean.md)\n"
    assert (stats.read_bytes(), (work / "docs/mean.md").exists()) == (OLD, False)


def test_json(stats: Path, coder: Run) -> None:
    told = json.loads(coder("apply", "stats.py", "--json", stdin=TWO).out)
    assert told.keys() == {"changed", "written", "files", "diff", "notes"}
    assert (told["changed"], told["written"], told["files"]) == (True, False, ["stats.py", "docs/mean.md"])
    told = json.loads(coder("apply", "stats.py", "--json", "--write", stdin=ANSWER).out)
    assert told["written"]
    assert stats.read_bytes() == NEW
    told = json.loads(coder("apply", "stats.py", "--json", "--write", stdin=ANSWER).out)
    assert (told["changed"], told["written"], told["diff"]) == (False, False, "")


def test_the_last_answer_of_the_chat_here(stats: Path, coder: Run, script: Script) -> None:
    assert "there is no answer to apply" in failed(coder("apply"))
    script(ANSWER.decode(), "Only talk.")
    session = json.loads(coder("chat", "-f", "stats.py", "divide", "--json").out)["session"]
    assert coder("apply", "--write").code == 0
    assert stats.read_bytes() == NEW
    assert json.loads(coder("undo", "--list", "--json").out)["changes"][0]["session"] == session
    coder("chat", "why?")
    assert "no code that could be applied" in failed(coder("apply"))
    assert coder("apply", "--session", session).err == "the answer would change nothing\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"```py ../x.py\nx = 1\n```", "leads upwards"),
        (b"```py .git/hooks/x.py\nx = 1\n```", ".git is git's own"),
        (b"```sh .env\nA=1\n```", "may hold secrets"),
        (b"```py\nx = 1\n```", "does not say which file"),
        (b"```py stats.py\ndef mean(values):\n    # ... existing code\n```", "has left code out"),
        (b"stats.py\n<<<<<<< SEARCH\nnope\n=======\nx\n>>>>>>> REPLACE", "are not there"),
    ],
)
def test_what_is_refused(stats: Path, coder: Run, answer: bytes, reason: str) -> None:
    assert reason in failed(coder("apply", "--write", stdin=answer))
    assert stats.read_bytes() == OLD


@pytest.mark.parametrize("name", ["../new.py", "../stats.py", "below/../../new.py", "/new.py"])
def test_a_file_that_was_named_outside_is_not_one_of_that_name_inside(
    stats: Path, work: Path, coder: Run, name: str
) -> None:
    answer = b"```py\ndef mean(values):\n    return 0\n```"
    assert "is outside of the repository" in failed(coder("apply", name, "--write", stdin=answer))
    assert (stats.read_bytes(), sorted(one.name for one in work.iterdir())) == (OLD, [".git", "stats.py"])


def test_from_a_folder_below(stats: Path, work: Path, coder: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "below").mkdir()
    monkeypatch.chdir(work / "below")
    assert coder("apply", "../stats.py", "--write", stdin=ANSWER).code == 0
    assert stats.read_bytes() == NEW
    assert coder("apply", "new.py", "--write", stdin=b"```py\nx = 1\n```").code == 0
    assert (work / "below" / "new.py").read_text() == "x = 1\n"


@pytest.mark.usefixtures("stats")
def test_one_that_is_refused_writes_none(work: Path, coder: Run) -> None:
    assert "leads upwards" in failed(coder("apply", "stats.py", "--write", stdin=TWO + b"\n```py ../x.py\nx\n```\n"))
    assert not (work / "docs").exists()


def test_what_was_interrupted_is_taken_back_at_the_next_start(stats: Path, coder: Run) -> None:
    from coder_tui.config import paths
    from coder_tui.edits.journal import Contents, Journal

    journal, other = Journal(paths.journal_dir()), stats.with_name("other.py")
    with journal.locked():
        contents = [Contents(stats, OLD, NEW), Contents(other, None, b"new\n")]
        journal.begin(contents, root=stats.parent, reason="apply to two", session="")
    stats.write_bytes(NEW)
    result = coder("undo", "--list")
    assert "note: a change that was interrupted has been taken back: apply to two\n" in result.err
    assert (stats.read_bytes(), other.exists()) == (OLD, False)
    assert "interrupted" not in coder("undo", "--list").err


def test_what_the_settings_exclude_is_not_written(stats: Path, coder: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODER_CONTEXT_EXCLUDE", "*.log, docs/")
    assert "named in context.exclude" in failed(coder("apply", "stats.py", "--write", stdin=TWO))
    assert coder("apply", "stats.py", "--write", stdin=ANSWER).code == 0
    assert stats.read_bytes() == NEW
