"""`coder commit`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError, UsageError


def register(app: typer.Typer) -> None:
    app.command(
        "commit",
        epilog=options.examples(
            "coder commit                    a message for what is staged, printed",
            "coder commit --edit --write     looked over in your editor, then committed",
        ),
    )(commit)


def commit(
    write: Annotated[
        bool, typer.Option("--write", "-w", help="Commit with it: your hooks and signing as usual.")
    ] = False,
    edit: Annotated[bool, typer.Option("--edit", "-e", help="Open it in git's editor first.")] = False,
    json: options.Json = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Write a commit message for what is staged, in the style of the last ones here. Nothing is committed without
    --write.
    """
    from coder_tui.assistant import commit_message
    from coder_tui.context import repository
    from coder_tui.core.prompt import Sampling

    if edit and not output.can_ask():
        raise UsageError("--edit needs a terminal")
    with Status() as status:
        here = runtime.enter(directory, {"model.name": model, "chat.temperature": temperature})
        if here.root is None:
            raise CoderError("this is not a git repository, nothing is staged")
        diff = repository.staged_diff(here.root)
        subjects = repository.subjects(here.root, 20)
        sampling = Sampling(temperature=0.0 if temperature is None else temperature, seed=seed)
        with runtime.ready(here.settings, status, yes=yes) as ready:
            found = commit_message.write(ready, diff, subjects, sampling, status.show)
            name = ready.info.name
    message = found.message
    if edit and not write:
        message = _edited(here.root, message)
    if write:
        try:
            _commit(here.root, message, edit=edit)
        except CoderError:
            if not json:  # what was waited for is not lost with a hook that refuses
                output.write(f"{message}\n")
            raise
    if json:
        usage = runtime.usage_json(found.usage)
        output.write_json({"message": message, "committed": write, "usage": usage, "model": name})
    elif not write:
        output.write(f"{message}\n")


def _commit(root: Path, message: str, *, edit: bool) -> None:
    """The user's own git on purpose: a commit is theirs, with all that they have set up for it."""
    with _file(message) as path:
        command = ["git", "-C", str(root), "commit", "--file", path, *(["--edit"] if edit else [])]
        done = subprocess.run(command, check=False, stdout=None if output.out_is_terminal() else 2)
    if done.returncode:
        raise CoderError("git did not commit; what is staged is as it was", hint="what git said stands above")


def _edited(root: Path, message: str) -> str:
    """The message as the user leaves it in git's editor."""
    editor = subprocess.run(
        ["git", "-C", str(root), "var", "GIT_EDITOR"], check=False, capture_output=True, text=True
    ).stdout.strip()
    with _file(message) as path:
        # As git does: the editor's setting is a command line of the user's own.
        done = subprocess.run(["/bin/sh", "-c", f'{editor or "vi"} "$1"', "sh", path], check=False)
        if done.returncode:
            raise CoderError("the editor ended with an error")
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()


@contextmanager
def _file(message: str) -> Iterator[str]:
    """A message in a file of its own, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="coder-commit-") as folder:
        path = Path(folder) / "COMMIT_EDITMSG"  # editors know what that is
        path.write_text(f"{message}\n", encoding="utf-8")
        yield str(path)
