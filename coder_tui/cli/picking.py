"""A change hunk by hunk: shown, and taken, left, or edited before it is taken."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui.cli import output, runtime
from coder_tui.core.errors import CoderError, UsageError

if TYPE_CHECKING:
    from coder_tui.edits.changing import Change
    from coder_tui.edits.hunks import Hunk, Patch

_KEYS = "y takes it, n leaves it, e edits it first, a takes it and all others, q leaves it and all others"


def refuse_without_terminal() -> None:
    """Raises UsageError where nobody can be asked."""
    if not output.can_ask():
        raise UsageError("--pick asks on a terminal, and there is none", hint="without it a diff is shown")


def picked(here: runtime.Place, wanted: Sequence[Change]) -> list[Change]:
    """The changes with the hunks that the user takes; those of which none is taken are left out. A new file is one
    hunk."""
    from coder_tui.core.document import to_lf
    from coder_tui.edits import changes, write
    from coder_tui.edits.hunks import hunks

    found: list[Change] = []
    rest = ""
    for change in wanted:
        document = change.document
        name = runtime.name_in(here.root or Path.cwd(), document.path) if document.path is not None else ""
        is_new = not document.digest
        before = "" if is_new else to_lf(document.text)
        text, rest = _chosen(hunks(before, to_lf(write.replaced(document, change.replacements))), name, rest)
        if text == before:
            continue
        if is_new:
            found.append(replace(change, document=replace(document, text=text)))
        else:
            found.append(replace(change, replacements=tuple(changes.spans(document, text))))
    return found


def _chosen(patch: Patch, name: str, rest: str) -> tuple[str, str]:
    """(the text with what was taken, `a` or `q` where that was said for all others)."""
    while patch.waiting:
        answer = rest or _asked(patch.waiting[0], name)
        if answer in ("a", "q"):
            rest = answer
        if answer == "e":
            patch = patch.edit(0, _edited(patch.waiting[0], name)).take(0)
        else:
            patch = patch.take(0) if answer in ("y", "a") else patch.leave(0)
    return patch.text, rest


def _asked(hunk: Hunk, name: str) -> str:
    output.note(f"{name}:{hunk.start + 1}")
    for sign, lines in ((" ", hunk.above), ("-", hunk.before), ("+", hunk.after), (" ", hunk.below)):
        for line in lines:
            output.note(sign + line.rstrip("\n"))
    while True:
        sys.stderr.write("take it? [y,n,e,a,q,?] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            return "q"
        if line.strip().lower() in ("y", "n", "e", "a", "q"):
            return line.strip().lower()
        output.note(_KEYS)


def _edited(hunk: Hunk, name: str) -> str:
    """The new lines as the user leaves them in an editor. Raises CoderError when it fails."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="coder-pick-") as folder:
        path = Path(folder) / (Path(name).name or "lines")  # by its end editors know the language
        path.write_text("".join(hunk.after), encoding="utf-8", errors="surrogateescape", newline="")
        # The editor's setting is a command line of the user's own.
        if subprocess.run(["/bin/sh", "-c", f'{editor} "$1"', "sh", str(path)], check=False).returncode:
            raise CoderError("the editor ended with an error; nothing was written")
        return path.read_text(encoding="utf-8", errors="surrogateescape")
