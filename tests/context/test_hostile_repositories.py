"""Repositories that somebody else has set up: nothing of theirs runs, and odd ones are told in one line."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from coder_tui.context import index, repository
from coder_tui.context.exclude import Rules
from coder_tui.context.store import Store
from coder_tui.core.errors import CoderError

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@localhost")


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *IDENTITY, *arguments], check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.py").write_text("one = 1\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Leaves a mark when it is started."""
    script = tmp_path / "program"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path / "started"}\ncat\n')
    script.chmod(0o755)
    return script


def ask_everything(root: Path, tmp_path: Path) -> list[str]:
    """All that is ever asked of a repository that was only opened; the files that are known then."""
    for question in (repository.files, repository.head, repository.branch, repository.staged_diff, index.trouble):
        try:
            question(root)
        except CoderError as error:
            assert "\n" not in str(error)  # noqa: PT017
    repository.commits(root, 5)
    repository.subjects(root, 5)
    repository.changes(root)
    repository.touching(root, "a.py", 3)
    try:
        repository.committed(root, "a.py")
    except CoderError as error:
        assert "\n" not in str(error)  # noqa: PT017
    store = Store(tmp_path / "index.db")
    try:
        index.update(store, root, Rules(root))
        return sorted(store.paths())
    finally:
        store.close()


def by_an_included_file(root: Path, program: Path) -> None:
    (root / "more.config").write_text(
        f"[core]\n\tfsmonitor = {program}\n\tpager = {program}\n[diff]\n\texternal = {program}\n"
    )
    (root / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    (root / "filters.config").write_text(f'[filter "evil"]\n\tclean = {program}\n\trequired = true\n')
    git(root, "config", "include.path", "../more.config")
    git(root, "config", "includeIf.onbranch:**.path", "../filters.config")


def by_every_program_that_a_setting_names(root: Path, program: Path) -> None:
    keys = """
        core.fsmonitor core.pager core.sshCommand core.gitProxy core.askPass core.editor sequence.editor
        core.alternateRefsCommand credential.helper diff.external interactive.diffFilter gpg.program
        pager.ls-files pager.log pager.diff uploadpack.packObjectsHook remote.origin.uploadpack
        alias.ls-files alias.diff alias.log
    """
    for key in keys.split():
        git(root, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    git(root, "config", "log.showSignature", "true")


def by_hooks(root: Path, program: Path) -> None:
    for folder in (root / ".git/hooks", root / "hooks"):
        folder.mkdir(exist_ok=True)
        for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc"):
            (folder / hook).symlink_to(program)
    git(root, "config", "core.hooksPath", str(root / "hooks"))


def by_a_git_file_that_leads_into_the_tree(root: Path, program: Path) -> None:
    (root / ".git").rename(root / "inner")
    (root / ".git").write_text("gitdir: inner\n")
    by_every_program_that_a_setting_names(root, program)


def by_a_submodule(root: Path, program: Path) -> None:
    other = root.parent / "other"
    subprocess.run(["git", "clone", "-q", str(root), str(other)], check=True, capture_output=True)
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "module")
    git(root, "config", "submodule.module.update", f"!{program}")
    git(root, "config", "submodule.recurse", "true")
    git(root, "config", "diff.ignoreSubmodules", "none")
    git(root, "config", "diff.submodule", "diff")
    for key in ("core.fsmonitor", "diff.external"):
        git(root / "module", "config", key, str(program))
    (root / "module/a.py").write_text("changed = 1\n")


def by_the_environment_of_a_hook(root: Path, program: Path) -> None:
    os.environ["GIT_EXTERNAL_DIFF"] = str(program)
    os.environ["GIT_PAGER"] = str(program)
    os.environ["GIT_DIR"] = str(root.parent / "nowhere")


@pytest.mark.parametrize(
    "attack",
    [
        by_an_included_file,
        by_every_program_that_a_setting_names,
        by_hooks,
        by_a_git_file_that_leads_into_the_tree,
        by_a_submodule,
        by_the_environment_of_a_hook,
    ],
)
def test_opening_a_repository_starts_nothing_of_it(
    attack: Callable[[Path, Path], None], root: Path, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_DIR"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    attack(root, program)
    (root / "a.py").write_text("two = 2\n")
    (root / "new.py").write_text("x = 1\n")
    assert {"a.py", "new.py"} <= set(ask_everything(root, tmp_path))
    assert not (tmp_path / "started").exists()
    monkeypatch.delenv("GIT_DIR", raising=False)
    for careless in (["status"], ["diff"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(root), *IDENTITY, *careless], check=False, capture_output=True)
    assert (tmp_path / "started").exists()


def test_a_git_that_lies_in_the_repository_is_not_run(
    root: Path, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "git").symlink_to(program)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CoderError, match="git is not installed"):
        repository.files(root)
    assert not (tmp_path / "started").exists()


def test_another_users_repository_is_told_in_one_line(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(root, "config", "safe.directory", "*")  # its own word is nothing
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(CoderError, match="belongs to another user") as caught:
        repository.files(root)
    assert caught.value.hint.startswith("if you do: git config --global --add safe.directory")
    assert index.trouble(root).endswith("it belongs to another user: only some of its files are looked at")
    assert ask_everything(root, tmp_path) == ["a.py"]
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[safe]\n\tdirectory = {root}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert repository.files(root) == ("a.py",)


def test_a_work_tree_elsewhere_gives_no_files_of_there(root: Path, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private/diary.py").write_text("x = 1\n")
    git(root, "config", "core.worktree", str(tmp_path / "private"))
    assert "diary.py" not in ask_everything(root, tmp_path)
    git(root, "config", "core.worktree", str(tmp_path))
    assert not any("private" in path for path in ask_everything(root, tmp_path))


@pytest.mark.parametrize("inner", [None, "gitdir: /nowhere\n", "nonsense"])
def test_a_broken_git_folder_is_told_and_nothing_above_it_is_asked(
    root: Path, tmp_path: Path, inner: str | None
) -> None:
    """A folder that holds the parts of a bare repository is none where its `.git` is broken."""
    folder = root / "folder"
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    if inner is None:
        (folder / ".git").mkdir()
    else:
        (folder / ".git").write_text(inner)
    (folder / "b.py").write_text("x = 1\n")
    with pytest.raises(CoderError, match="git failed in") as caught:
        repository.files(folder)
    assert "\n" not in str(caught.value)
    assert "b.py" in ask_everything(folder, tmp_path)
    assert repository.branch(folder) == ""


def test_a_bare_repository_is_a_folder_without_git(root: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(root), str(bare)], check=True, capture_output=True)
    assert repository.find_root(bare) is None
    assert index.trouble(bare).startswith("not in a git repository")
    assert "a.py" not in ask_everything(bare, tmp_path)


def test_odd_states_are_all_the_same_to_it(root: Path, tmp_path: Path) -> None:
    git(root, "checkout", "-q", "--detach")
    assert ask_everything(root, tmp_path) == ["a.py"]
    tree = tmp_path / "tree"
    git(root, "worktree", "add", "-q", str(tree), "main")
    assert ask_everything(tree, tmp_path) == ["a.py"]
    assert repository.branch(tree) == "main"
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q", "-b", "main")
    (empty / "b.py").write_text("x = 1\n")
    assert ask_everything(empty, tmp_path) == ["b.py"]
    assert repository.branch(empty) == "main"
    (root / "deep").mkdir()
    (root / "deep/c.py").write_text("x = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "deep")
    git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "other")
    assert ask_everything(root, tmp_path) == ["a.py"]
