"""A change as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from io import StringIO
from typing import Literal

from coder_tui.core.document import Document
from coder_tui.edits.files import encode

CONTEXT_LINES = 3
Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]


def unified(path: str, before: str, after: str, *, is_new: bool = False) -> str:
    """The change from `before` to `after`, empty when there is none.

    `path` is relative to the repository, with forward slashes; `is_new` says that there is no such file yet. Texts keep
    their own line endings, and so do the lines of the diff: one of a CRLF file ends with CRLF, which a terminal shows
    as any other line end. As for git, only LF ends a line.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    source = "/dev/null" if is_new else _name("a/" + path)
    return f"--- {source}\n+++ {_name('b/' + path)}\n" + "".join(_hunks(old, new))


def patch(path: str, document: Document, after: str, *, is_new: bool = False) -> bytes:
    """The same in the bytes of the document's file, for a pipe: to apply, it needs the file's encoding and byte order
    mark. A diff of UTF-16 or UTF-32 comes in UTF-8, for reading: those files are binary to git and patch."""
    if document.encoding.startswith(("utf-16", "utf-32")):
        return unified(path, document.text, after, is_new=is_new).encode("utf-8", "surrogateescape")
    mark = "\ufeff" if document.bom else ""
    diff = unified(path, mark + document.text, mark + after, is_new=is_new)
    head, middle, body = diff.partition("\n@@")
    return (head + middle).encode("utf-8", "surrogateescape") + encode(body, document)


def _lines(text: str) -> list[str]:
    return StringIO(text, newline="\n").readlines()


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Only what lies between the first and the last changed line is compared: files may be large, changes are small."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    for group in _Middle(old, new, head, tail).get_grouped_opcodes(CONTEXT_LINES):
        (_, old_start, _, new_start, _), (_, _, old_end, _, new_end) = group[0], group[-1]
        yield f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@\n"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from (_line(" ", line) for line in old[i:i_end])
            else:
                yield from (_line("-", line) for line in old[i:i_end])
                yield from (_line("+", line) for line in new[j:j_end])


class _Middle(SequenceMatcher[str]):
    """Compares lines of which the first and the last are the same. They stay so: git takes a hunk that ends with a
    change at the end of a file only."""

    def __init__(self, old: Sequence[str], new: Sequence[str], head: int, tail: int) -> None:
        super().__init__(None, old[head : len(old) - tail], new[head : len(new) - tail])
        self._ends = head, len(old) - tail, len(new) - tail
        self._tail = tail

    def get_opcodes(self) -> list[Opcode]:
        head, old, new = self._ends
        found = super().get_opcodes()
        middle = [(tag, i + head, i_end + head, j + head, j_end + head) for tag, i, i_end, j, j_end in found]
        return [("equal", 0, head, 0, head), *middle, ("equal", old, old + self._tail, new, new + self._tail)]


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    """Lines as a hunk header counts them: from 1, and an empty range stands behind the line before it."""
    length = end - start
    return f"{start + 1}" if length == 1 else f"{start + 1 if length else start},{length}"


def _name(path: str) -> str:
    """Quoted as git does when the name would break its line; a tab ends a name that has a space."""
    if not re.search(r'[\x00-\x1f\x7f"\\\ud800-\udfff]', path):
        return path + "\t" if " " in path else path
    quoted = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'"{"".join(quoted)}"'
