"""`coder commit`, with scripted answers and real git."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, git


@pytest.fixture
def staged(work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "t")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "t@localhost")
    (work / "a.py").write_text("x = 1\n")
    git(work, "add", "-A")
    return work


def test_the_message_is_printed_and_nothing_committed(staged: Path, coder: Run, script: Script) -> None:
    script("Add x.")
    result = coder("commit")
    assert (result.code, result.out, result.err) == (0, b"Add x\n", "")
    assert git(staged, "status", "--short") == "A  a.py\n"


def test_it_commits_with_hooks(staged: Path, coder: Run, script: Script) -> None:
    hook = staged / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\necho "Signed-off-by: hook" >> "$1"\n')
    hook.chmod(0o755)
    script("Add x\n\nIt is one.")
    told = json.loads(coder("commit", "--write", "--json").out)
    assert (told["message"], told["committed"]) == ("Add x\n\nIt is one.", True)
    assert git(staged, "log", "--format=%B") == "Add x\n\nIt is one.\nSigned-off-by: hook\n\n"


def test_a_hook_that_refuses_is_told(staged: Path, coder: Run, script: Script) -> None:
    hook = staged / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    script("Add x", "Add x")
    result = coder("commit", "--write")
    assert result.out == b"Add x\n"  # what was waited for is not lost
    assert "git did not commit" in failed(replace(result, out=b""))
    assert "git did not commit" in failed(coder("commit", "--write", "--json"))
    assert git(staged, "status", "--short") == "A  a.py\n"


def test_nothing_staged_is_told(work: Path, tmp_path: Path, coder: Run, script: Script) -> None:
    script("x")
    assert "nothing is staged" in failed(coder("commit"))
    assert "is not a git repository" in failed(coder("commit", "-C", tmp_path))
    assert "needs a terminal" in failed(coder("commit", "--edit"), 2)
    assert work.is_dir()
