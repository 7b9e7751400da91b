"""The git repository around a file. Git is asked through its own program, so that what it refuses (a repository of
another user's, say) stays refused, and asked in a way in which the repository's settings cannot start a program."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from coder_tui.context import plain_file
from coder_tui.core.document import to_lf
from coder_tui.core.errors import CoderError

_TIMEOUT_S = 60

_OVERRIDES = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
    "core.pager": "cat",
    "core.sshCommand": "false",
    "core.askPass": "",
    "core.quotePath": "false",
    "credential.helper": "",
    "diff.external": "",
    "diff.orderFile": os.devnull,
    "protocol.allow": "never",
    # Without it a folder whose .git is none, but which holds the parts of a bare repository, would be one.
    "safe.bareRepository": "explicit",
}
"""Settings of the repository that would start a program or wait for a file of its choice."""

_NO_SETTINGS: Mapping[str, str] = {}

_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # A partial clone may name any program as the way to its missing objects.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
_LOOKS = ("--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short")
_PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/")
_OTHERS_BUSINESS = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS",
    "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_PAGER",
    "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_NOGLOB_PATHSPECS",
)  # fmt: skip
"""Variables that stay from whoever runs coder, a hook of git's say: they would name another repository, or programs."""


def find_root(path: Path) -> Path | None:
    """The repository that holds a file or directory: the nearest directory upwards with a `.git` in it."""
    here = path.absolute()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)


def relative(path: Path, root: Path) -> str:
    """The path as the repository has it, with forward slashes; the bare name for a file outside of it."""
    for inner, outer in ((Path(os.path.abspath(path)), root.absolute()), (path.resolve(), root.resolve())):  # noqa: PTH100
        if inner.is_relative_to(outer):
            return inner.relative_to(outer).as_posix()
    return path.name


def staged_diff(root: Path) -> str:
    """What `git commit` would record, as a diff in LF line endings; undecodable bytes are lone surrogates.

    Raises CoderError when git is missing or fails, or nothing is staged.
    """
    # Outside of a repository `git diff` compares plain files instead and says something else.
    if find_root(root) is None:
        raise CoderError(f"{root} is not in a git repository", hint="git init makes it one")
    diff = _git(root, "diff", "--cached", *_LOOKS, *_PREFIXES)
    if not diff:
        raise CoderError(f"nothing is staged in {root}", hint="stage what belongs together: git add FILE...")
    return to_lf(diff.decode("utf-8", "surrogateescape"))


def files(root: Path) -> tuple[str, ...]:
    """The files of a working tree that git does not ignore, tracked or not, in order; links and submodules are in it as
    one entry each. Raises CoderError when git is missing or fails."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return tuple(sorted(os.fsdecode(one) for one in listed.split(b"\0") if one))


def states(root: Path) -> dict[str, str]:
    """What is not as in the last commit, by path: "changed", "added" (staged, and new), "untracked" or "conflict".
    Nothing of files that are gone, nor where git cannot tell."""
    looks = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all")
    try:
        told = _git(root, "status", *looks, settings=_no_filters(root))
    except CoderError:
        return {}
    found = {
        os.fsdecode(one[3:]): _state(one[:2].decode("ascii", "replace")) for one in told.split(b"\0") if len(one) > 3
    }
    return {path: state for path, state in found.items() if state}


def _state(letters: str) -> str:
    if letters == "??":
        return "untracked"
    if "U" in letters or letters in {"AA", "DD"}:
        return "conflict"
    if "D" in letters:
        return ""
    return "added" if letters[0] == "A" else "changed"


def stamp(root: Path) -> tuple[int, ...]:
    """Changes when something is staged, committed or checked out; read from the files, without git."""
    git = _git_directory(root)
    found = []
    for name in ("index", "HEAD", "logs/HEAD"):
        try:
            found.append((git / name).stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def head(root: Path) -> str:
    """The commit that is checked out; empty when there is none yet. Raises CoderError as `files`."""
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", "HEAD").decode("ascii", "replace").strip()
    except CoderError:
        return ""


def commits(root: Path, count: int) -> list[tuple[str, ...]]:
    """The files of each of the last commits, the latest first; none where there is no commit."""
    try:
        looks = ("--no-renames", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-merges")
        log = _git(root, "log", f"-{count}", *looks, "--format=%x01", "--name-only", "-z")
    except CoderError:
        return []
    blocks = log.split(b"\1")[1:]
    return [
        tuple(os.fsdecode(name.strip(b"\n")) for name in block.split(b"\0") if name.strip(b"\n")) for block in blocks
    ]


def touching(root: Path, path: str, count: int) -> list[tuple[str, str]]:
    """(subject, diff of all its files without context) of the last commits that changed a file, the latest first; none
    where there is no commit. Undecodable bytes are replaced."""
    looks = ("--no-renames", *_LOOKS, "--no-show-signature", "--no-merges", "-p", "--unified=0", "--full-diff")
    try:
        log = _git(root, "log", f"-{count}", *looks, *_PREFIXES, "--format=%x01%s", "--", path)
    except CoderError:
        return []
    commits = (one.partition("\n") for one in to_lf(log.decode("utf-8", "replace")).split("\1")[1:])
    return [(subject, diff) for subject, _, diff in commits]


def subjects(root: Path, count: int) -> list[str]:
    """The first lines of the last commit messages, the latest first; none where there is no commit."""
    try:
        log = _git(root, "log", f"-{count}", "--no-show-signature", "--format=%s", "-z")
    except CoderError:
        return []
    return [one.decode("utf-8", "replace") for one in log.split(b"\0") if one]


def changes(root: Path, path: str | None = None) -> str:
    """The working tree against the last commit as a diff without colours, of one file or of all; empty where there
    is no commit. Undecodable bytes are replaced."""
    looks = (*_LOOKS, "--no-renames", "--ignore-submodules=all", *_PREFIXES)
    try:
        diff = _git(root, "diff", "HEAD", *looks, "--", *([path] if path else []), settings=_no_filters(root))
    except CoderError:
        return ""
    return to_lf(diff.decode("utf-8", "replace"))


def branch(root: Path) -> str:
    """The name of the branch, or the short hash of a detached HEAD; read from the files, without git. Empty when that
    tells nothing."""
    head = plain_file.small_text(_git_directory(root), "HEAD").strip()
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else head[:8]


def _git_directory(root: Path) -> Path:
    """Where git keeps what it knows: elsewhere for a work tree beside the repository, and for a submodule."""
    git = root / ".git"
    named = "" if git.is_dir() else plain_file.small_text(root, ".git").partition("gitdir:")[2].strip()
    return root / named if named else git


def committed(root: Path, path: str) -> bytes | None:
    """The content of a file in HEAD, by its path relative to the root; None when HEAD does not have it, or there is no
    HEAD. Raises CoderError when git is missing or fails otherwise."""
    try:
        return _git(root, "cat-file", "blob", f"HEAD:{path}")
    except CoderError as error:
        if any(words in str(error) for words in ("not in 'HEAD'", "does not exist", "invalid object name", "bad file")):
            return None
        raise


def create(root: Path, message: str) -> None:
    """Make a directory a repository, with all that is in it committed. Raises CoderError when git is missing or fails.

    The user's own identity and signing stay out of it: it is for repositories that nobody keeps.
    """
    _git(root, "init", "--quiet")
    _git(root, "add", "--all")
    author = ("-c", "user.name=coder", "-c", "user.email=coder@localhost", "-c", "commit.gpgSign=false")
    _git(root, *author, "commit", "--quiet", "--message", message)


def _no_filters(root: Path) -> Mapping[str, str]:
    """Settings that take their programs from all filters that a repository names: git starts them when it looks at
    files that may have changed."""
    try:
        names = _git(
            root, "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|smudge|process|required)$"
        )
    except CoderError:  # there are none
        return {}
    keys = dict.fromkeys(os.fsdecode(name) for name in names.split(b"\0") if name)
    return {key: "false" if key.endswith(".required") else "" for key in keys}


def _git(root: Path, *arguments: str, settings: Mapping[str, str] = _NO_SETTINGS) -> bytes:
    """Run git; `settings` are for this command only, and win over the repository's. Raises CoderError."""
    try:
        done = subprocess.run(
            [_program(root), "-C", str(root), "--no-pager", "--literal-pathspecs", *arguments],
            env=_environment(root, settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            start_new_session=True,  # without a terminal nothing can be asked there, or read from it
        )
    except FileNotFoundError:
        raise CoderError("git is not installed", hint="`coder doctor` says how to get it") from None
    except subprocess.TimeoutExpired:
        raise CoderError(f"git did not answer within {_TIMEOUT_S} s in {root}") from None
    if done.returncode:
        raise _failure(root, done.stderr.decode("utf-8", "replace"))
    return done.stdout


def _program(root: Path) -> str:
    """Git, but not one that lies in the repository: `.` may be in PATH. Raises FileNotFoundError."""
    found = shutil.which("git")
    if found is None or Path(found).absolute().is_relative_to(root.absolute()):
        raise FileNotFoundError
    return found


def _environment(root: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """A repository is the one at the root or none: where its `.git` is broken, git does not look above it."""
    theirs = {key: value for key, value in os.environ.items() if key not in _OTHERS_BUSINESS}
    above = {"GIT_CEILING_DIRECTORIES": str(root.absolute().parent)}
    return {**theirs, **_ENVIRONMENT, **above, **_configured({**_OVERRIDES, **settings})}


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings in git's environment: unlike those of `-c`, their keys may hold anything."""
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _failure(root: Path, said: str) -> CoderError:
    if "dubious ownership" in said:
        return CoderError(
            f"git does not trust {root}: it belongs to another user",
            hint=f"if you do: git config --global --add safe.directory {root}",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = next(
        (line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "no reason given"
    )
    return CoderError(f"git failed in {root}: {reason.removeprefix('fatal: ').removeprefix('error: ')}")
