"""Where the cursor was in files when they were closed, so that one that is opened again shows the same place: what was
read of it for suggestions is of use again, too. One small file for all of them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from coder_tui.config import atomic

_MOST = 1000
"""Files; the ones left longest ago are forgotten."""
_MOST_BYTES = 4 << 20


class LastPlaces:
    """Calls read or write the file, and raise nothing: it is only ever a help."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, path: Path) -> tuple[int, int] | None:
        """(0-based line, 0-based column) where an absolute path was left; None where it was not."""
        return self._read().get(str(path))

    def leave(self, places: dict[Path, tuple[int, int]]) -> None:
        """Remember these, besides what other processes have written."""
        kept = {str(path): place for path, place in places.items() if ".git" not in path.parts}
        if not kept:
            return
        known = self._read()
        for name in kept:
            known.pop(name, None)  # the order is that in which they were left
        names = [*known.items(), *kept.items()][-_MOST:]
        with suppress(OSError, UnicodeError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.replace_file(self._file, [json.dumps(dict(names)).encode()], mode=0o600)

    def _read(self) -> dict[str, tuple[int, int]]:
        """What is written down; what is not as it should be is nothing."""
        with suppress(OSError, ValueError, RecursionError):
            with self._file.open("rb") as stream:
                found = json.loads(stream.read(_MOST_BYTES))
            if isinstance(found, dict):
                return {path: (place[0], place[1]) for path, place in found.items() if _is_place(place)}
        return {}


def _is_place(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(one) is int and one >= 0 for one in value)
