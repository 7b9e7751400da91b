"""The golden corpus of answers: what each must become, checked by eye. Sections begin with `%%%`.

`case:` an answer; `question:` what the model was asked; `for:` the files that were asked about; `file:` one that is
there besides those of files.txt (`crlf`: its line ends; `no-newline`: none at its end); then `answer`, and one of
`becomes` (a diff with a line of context), `refused: REASON`, `unchanged`; `note: TEXT` for what the user is told.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coder_tui.assistant.answer_changes import changes_of
from coder_tui.core.document import to_lf
from coder_tui.core.errors import CoderError
from coder_tui.edits import write

FOLDER = Path(__file__).parent / "answers"


@dataclass
class Case:
    name: str
    question: str = ""
    candidates: list[str] = field(default_factory=list[str])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    answer: str = ""
    outcome: str = ""
    """`becomes` and a diff, `refused: ...` or `unchanged`, with notes."""


def shared() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for head, body in _sections(FOLDER / "files.txt"):
        found.update(_file(head, body))
    return found


def cases(name: str) -> list[Case]:
    found: list[Case] = []
    for head, body in _sections(FOLDER / name):
        kind, _, value = head.partition(":")
        if kind == "case":
            found.append(Case(value.strip()))
        elif kind == "question":
            found[-1].question = value.strip()
        elif kind == "for":
            found[-1].candidates = value.split()
        elif kind == "file":
            found[-1].files.update(_file(head, body))
        elif kind == "answer":
            found[-1].answer = body
        else:
            found[-1].outcome += f"{head}\n{body}"
    return found


def lay(root: Path, case: Case) -> dict[str, bytes]:
    """The files of a case, in a folder that looks like a repository; a link in it leads out."""
    files = {**shared(), **case.files}
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (root / "link").symlink_to(root.parent)
    for folder in ("objects", "refs"):
        (root / ".git" / folder).mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return files


def outcome(root: Path, case: Case) -> str:
    """What comes of the answer, in the form of the corpus."""
    try:
        found = changes_of(case.answer, root, candidates=[root / name for name in case.candidates])
    except CoderError as error:
        return f"refused: {error}\n"
    shown = "".join(f"note: {note}\n" for note in found.notes)
    if not found.changes:
        return f"unchanged\n{shown}"
    diffs: list[str] = []
    for change in found.changes:
        document = change.document
        assert document.path is not None
        before = to_lf(document.text) if document.digest else ""
        raw = write.replaced(document, change.replacements)
        assert "\r\n" not in document.text or "\n" not in raw.replace("\r\n", ""), "a line end of another sort"
        name = document.path.relative_to(root).as_posix()
        old, new = before.split("\n"), to_lf(raw).split("\n")
        diffs += difflib.unified_diff(old, new, name, "new file" if not document.digest else "", n=1, lineterm="")
    return "becomes\n" + "".join(f"{line}\n" for line in diffs) + shown


def _sections(path: Path) -> Iterator[tuple[str, str]]:
    _, *parts = f"\n{path.read_text(encoding='utf-8')}".split("\n%%% ")
    for number, part in enumerate(parts):
        head, _, body = part.partition("\n")
        yield head, body + ("\n" if number + 1 < len(parts) and body else "")


def _file(head: str, body: str) -> dict[str, bytes]:
    name, *marks = head.partition(":")[2].split()
    if "no-newline" in marks:
        body = body.removesuffix("\n")
    return {name: body.replace("\n", "\r\n" if "crlf" in marks else "\n").encode()}
