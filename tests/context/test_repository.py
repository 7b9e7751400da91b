"""The repository around a file, with real git, and hostile settings that must start nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from coder_tui.context.repository import changes, commits, files, find_root, head, relative, staged_diff
from coder_tui.core.errors import CoderError


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, whatever git settings the machine has."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    git(root, "config", "user.name", "Test")
    git(root, "config", "user.email", "test@example.invalid")
    (root / "a.py").write_bytes(b"one\r\ntwo\r\n")
    git(root, "add", "a.py")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_the_root_is_where_git_lies(repository: Path) -> None:
    (repository / "src/deep").mkdir(parents=True)
    for path in (repository, repository / "a.py", repository / "src/deep", repository / "src/not/yet.py"):
        assert find_root(path) == repository
    assert find_root(repository.parent / "beside.py") is None


def test_a_work_tree_has_a_file_instead(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere\n")
    assert find_root(tmp_path / "a.py") == tmp_path


def test_relative_paths_have_forward_slashes(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert relative(repository / "src" / "a.py", repository) == "src/a.py"
    assert relative(repository / "src" / ".." / "a.py", repository) == "a.py"
    assert relative(repository.parent / "beside.py", repository) == "beside.py"
    monkeypatch.chdir(repository)
    assert relative(Path("a.py"), repository) == "a.py"
    alias = repository.parent / "alias"
    alias.symlink_to(repository)
    assert relative(alias / "a.py", repository) == "a.py"


def test_what_is_staged_is_shown(repository: Path) -> None:
    (repository / "a.py").write_bytes(b"one\r\n2 caf\xe9\r\n")
    git(repository, "add", "a.py")
    (repository / "a.py").write_text("not staged\n")
    diff = staged_diff(repository)
    assert "\n-two\n+2 caf\udce9\n" in diff
    assert "not staged" not in diff
    assert diff.startswith("diff --git a/a.py b/a.py\n")


def test_the_first_commit_can_be_shown_too(tmp_path: Path, repository: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "-q")
    (fresh / "new.py").write_text("x\n")
    git(fresh, "add", "new.py")
    assert "+x" in staged_diff(fresh)
    assert find_root(repository) != find_root(fresh)


def test_nothing_staged_no_repository_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CoderError, match="nothing is staged") as caught:
        staged_diff(repository)
    assert caught.value.hint == "stage what belongs together: git add FILE..."
    with pytest.raises(CoderError, match="is not in a git repository"):
        staged_diff(repository.parent)
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(CoderError, match="git is not installed"):
        staged_diff(repository)


def test_a_broken_repository_is_told_in_one_line(repository: Path) -> None:
    (repository / ".git/config").write_text("[core\n")
    with pytest.raises(CoderError, match=r"git failed in .*: bad config line 1") as caught:
        staged_diff(repository)
    assert "\n" not in str(caught.value)
    with pytest.raises(CoderError, match="cannot change to"):
        staged_diff(repository / "gone")


def test_a_repository_cannot_start_programs(repository: Path) -> None:
    """Every setting that would, if git were asked carelessly; a control shows that the trap works."""
    mark = repository.parent / "started"
    script = repository.parent / "program"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\ncat\n')
    script.chmod(0o755)
    hooks = repository / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "pre-commit", "post-checkout"):
        (hooks / hook).symlink_to(script)
    (repository / ".gitattributes").write_text("*.py diff=evil filter=evil\n")
    (repository / "a.py").write_text("staged\n")
    git(repository, "add", "a.py", ".gitattributes")
    for key, value in {
        "core.fsmonitor": str(script),
        "core.hooksPath": str(hooks),
        "core.pager": str(script),
        "pager.diff": str(script),
        "diff.external": str(script),
        "diff.evil.command": str(script),
        "diff.evil.textconv": str(script),
        "filter.evil.clean": str(script),
        "filter.evil.smudge": str(script),
        "core.sshCommand": str(script),
        "interactive.diffFilter": str(script),
    }.items():
        git(repository, "config", key, value)
    assert "+staged" in staged_diff(repository)
    assert not mark.exists()
    subprocess.run(["git", "-C", str(repository), "diff", "--cached"], check=False, capture_output=True)
    assert mark.exists()


def test_looking_at_the_working_tree_starts_nothing_either(repository: Path) -> None:
    """Filters are what is left: git starts them when it looks at files that may have changed. Names may be odd."""
    mark = repository.parent / "started"
    script = repository.parent / "program"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\ncat\n')
    script.chmod(0o755)
    for name in ("evil", "a=b", "with space"):
        git(repository, "config", f"filter.{name}.clean", str(script))
        git(repository, "config", f"filter.{name}.process", str(script))
        git(repository, "config", f"filter.{name}.required", "true")
    (repository / ".gitattributes").write_text("a.py filter=evil\n*.txt filter=a=b\n")
    for key in ("core.fsmonitor", "diff.external", "core.pager", "log.showSignature", "gpg.program", "core.sshCommand"):
        git(repository, "config", key, "true" if key == "log.showSignature" else str(script))
    (repository / "a.py").write_text("changed here\n")
    assert "+changed here" in changes(repository)
    assert set(files(repository)) == {".gitattributes", "a.py"}
    assert commits(repository, 5) == [("a.py",)]
    assert len(head(repository)) == 40
    assert not mark.exists()
    subprocess.run(["git", "-C", str(repository), "diff", "HEAD"], check=False, capture_output=True)
    assert mark.exists()


def test_files_are_those_that_git_does_not_ignore(repository: Path) -> None:
    (repository / ".gitignore").write_text("*.log\nbuild/\n")
    (repository / "build").mkdir()
    for name in ("new.py", "x.log", "build/out.py", "caf\u00e9 \n.py"):
        (repository / name).write_text("x\n")
    assert files(repository) == (".gitignore", "a.py", "caf\u00e9 \n.py", "new.py")


def test_files_change_together_in_commits(repository: Path) -> None:
    for text in ("1", "2"):
        (repository / "a.py").write_text(text)
        (repository / "b\tc.py").write_text(text)
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", "second\n\nwith a body")
    assert commits(repository, 2) == [("a.py", "b\tc.py")] * 2
    assert commits(repository, 99)[-1] == ("a.py",)


def test_odd_repositories_have_files_all_the_same(repository: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    assert (files(empty), commits(empty, 3), head(empty), changes(empty)) == ((), [], "", "")
    (empty / "new.py").write_text("x\n")
    assert files(empty) == ("new.py",)
    other = tmp_path / "tree"
    git(repository, "worktree", "add", "-q", str(other))
    assert find_root(other / "a.py") == other
    assert files(other) == ("a.py",)
    git(other, "checkout", "-q", "--detach")
    assert head(other) == head(repository)
    (repository / "deep").mkdir()
    (repository / "deep/b.py").write_text("x\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "second")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "module")
    assert set(files(repository)) == {".gitmodules", "a.py", "deep/b.py", "module"}
    git(repository, "commit", "-qm", "third")
    git(repository, "sparse-checkout", "set", "--cone", "deep")
    assert "deep/b.py" in files(repository)


def test_without_git_there_is_an_error_that_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(CoderError, match="git is not installed"):
        files(repository)
    assert (head(repository), commits(repository, 1), changes(repository)) == ("", [], "")


def test_a_partial_clone_fetches_nothing(repository: Path) -> None:
    """Missing objects of a partial clone are asked of its remote, which may be any program."""
    mark = repository.parent / "started"
    script = repository.parent / "program"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    (repository / "a.py").write_text("staged\n")
    git(repository, "add", "a.py")
    blob = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD:a.py"], check=True, capture_output=True, text=True
    ).stdout.strip()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{script}",
        "protocol.ext.allow": "always",
    }.items():
        git(repository, "config", key, value)
    with pytest.raises(CoderError, match="git failed in"):
        staged_diff(repository)
    assert not mark.exists()
    subprocess.run(["git", "-C", str(repository), "diff", "--cached"], check=False, capture_output=True)
    assert mark.exists()


def test_an_order_file_that_never_ends_is_not_read(repository: Path) -> None:
    os.mkfifo(repository / "order")
    git(repository, "config", "diff.orderFile", str(repository / "order"))
    (repository / "a.py").write_text("staged\n")
    git(repository, "add", "a.py")
    assert "+staged" in staged_diff(repository)
