"""Where an answer may write: below the repository, and not into what is git's."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from pathlib import Path

from coder_tui.core.errors import ChangeError

_LONGEST = 1024
_PART_BYTES = 255
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
_GIT = re.compile(r"\.git|git~\d+", re.IGNORECASE)


def inside(root: Path, name: str) -> Path:
    """The file of `root` that an answer means by a name, which is there or not; nothing is opened.

    Raises ChangeError for what is absolute, has a drive letter or `~`, leads out by `..` or a link, lies in `.git`, or
    cannot be a file.
    """
    parts = _parts(name)
    path = root.joinpath(*parts)
    try:
        real = Path(os.path.realpath(root))
        target = Path(os.path.realpath(path))
        mode = path.stat().st_mode if path.exists() else stat.S_IFREG
    except (OSError, ValueError, RuntimeError):
        raise _refused(name, "it cannot be one of a file") from None
    if not target.is_relative_to(real):
        raise _refused(name, "it leads out of the repository through a link")
    if any(_is_git(part) for part in target.relative_to(real).parts):
        raise _refused(name, "it leads into .git through a link")
    if not stat.S_ISREG(mode):
        raise _refused(name, "it is no regular file")
    for folder in path.relative_to(root).parents:
        if (root / folder).exists() and not (root / folder).is_dir():
            raise _refused(name, f"{folder.as_posix()} is a file")
    return path


def _parts(name: str) -> list[str]:
    """The parts of a relative path. Raises ChangeError."""
    _refuse_form(name)
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    for part in parts:
        if _is_git(part):
            raise _refused(name, ".git is git's own")
        if _DEVICES.fullmatch(part) or part != part.strip() or part.endswith("."):
            raise _refused(name, "it cannot be one of a file everywhere")
        if len(part.encode("utf-8", "surrogatepass")) > _PART_BYTES:
            raise _refused(name, "it is too long")
    if not parts or name.rstrip().endswith(("/", "\\")):
        raise _refused(name, "it is one of a folder")
    return parts


def _refuse_form(name: str) -> None:
    """Raises ChangeError for what is no relative path, whatever its parts are."""
    if not name.strip() or len(name) > _LONGEST:
        raise _refused(name[:40], "it cannot be one of a file")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise _refused(name, "it has control characters")
    flat = unicodedata.normalize("NFKC", name).replace("\\", "/")
    if flat.startswith("/") or "://" in flat or flat.lower().startswith("file:"):
        raise _refused(name, "it is absolute")
    if re.match(r"[A-Za-z]:", flat):
        raise _refused(name, "it has a drive letter")
    if flat.startswith("~"):
        raise _refused(name, "it begins with ~")
    if ".." in (part.strip() for part in flat.split("/")):
        raise _refused(name, "it leads upwards")


def _is_git(part: str) -> bool:
    """As some file systems have it: without case, characters that are not seen, streams, dots and spaces at the end."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", part) if unicodedata.category(one) != "Cf")
    return bool(_GIT.fullmatch(seen.split(":")[0].rstrip(". ")))


def _refused(name: str, reason: str) -> ChangeError:
    shown = name.encode("unicode_escape").decode("ascii") if not name.isprintable() else name
    return ChangeError(f"the answer wants to write {shown!r}: {reason}; nothing was changed")
