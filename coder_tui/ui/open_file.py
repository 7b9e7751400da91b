"""One file that is open: what it is on disk, and what the editor has made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePath

from coder_tui.context import grammars
from coder_tui.core.document import Document
from coder_tui.core.standins import held
from coder_tui.prompts.languages import language
from coder_tui.ui.editor.area import CodeArea

_NUMBERS = count(1)


@dataclass(eq=False, repr=False)
class OpenFile:
    """A tab."""

    document: Document
    """As it was read or saved last; without a digest for a file that is not there yet."""
    area: CodeArea
    name: str
    """What the tab says."""
    path_name: str = ""
    """Relative to the repository, for models and messages."""
    number: int = field(default_factory=lambda: next(_NUMBERS))
    saved: list[str] = field(default_factory=list)
    """Its lines as they are on disk, in held form."""
    on_disk: tuple[int, int] = (0, 0)
    """Time of change and size of the file when it was last looked at."""
    changed_on_disk: bool = False
    """It is no longer what was read, and the user knows."""
    saving: bool = False
    made: list[str] = field(default_factory=list)
    """What of the model's was put into it since it was saved, for the journal: `chat answer`."""
    made_in: str = ""
    """The chat that it comes from; empty for none that is kept."""
    kept: bool = False
    """Whether there is a recovery copy."""

    def __post_init__(self) -> None:
        self.take(self.document)

    @property
    def path(self) -> Path | None:
        return self.document.path

    @property
    def modified(self) -> bool:
        return bool(self.area.document.lines != self.saved)

    def take(self, document: Document) -> None:
        """This is what is on disk now."""
        self.document = document
        self.saved = held(document.text).split("\n")
        self.changed_on_disk = False
        if document.path is not None:
            self.on_disk = stamp(document.path)


def stamp(path: Path) -> tuple[int, int]:
    """Time of change (ns) and size of a file; zeros when it is not there."""
    try:
        facts = path.stat()
    except OSError:
        return (0, 0)
    return facts.st_mtime_ns, facts.st_size


_LANGUAGES = {
    "md": "markdown", "htm": "html", "yml": "yaml", "rst": "rst", "txt": "text", "tex": "latex", "kts": "kotlin",
    "kt": "kotlin", "pl": "perl", "ex": "elixir", "exs": "elixir", "hs": "haskell", "jl": "julia", "zsh": "shell",
    "fish": "shell",
}  # fmt: skip


def language_name(file: OpenFile) -> str:
    """What a file's language is called, in the status bar and in the settings."""
    name = file.path_name or file.name
    suffix = PurePath(file.name).suffix.lstrip(".").lower()
    kind = language(name).name
    fallback = (
        "" if kind in {"unknown", "text", "prose", "curly", "hash", "dash", "script", "markup", "style"} else kind
    )
    return grammars.language_of(name) or _LANGUAGES.get(suffix, "") or fallback or suffix or "text"
